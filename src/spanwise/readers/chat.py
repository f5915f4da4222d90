"""Chat messages as JSON lines: a question, perhaps with turns before it, and the answer to be learnt.

A line holds `id`, `lang` (ISO 639), `category` and `messages`, and may hold `group`, `split` and
`must_include`, the terms that an answer may not lack. Messages have a `role` and a `content`, as in the chat
templates of Transformers.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from spanwise.errors import UserError
from spanwise.metrics.language import identify
from spanwise.readers.document import Document
from spanwise.readers.files import corpus_files, published_split
from spanwise.readers.lines import read_lines
from spanwise.readers.records import parse_record
from spanwise.schema import Record, SplitName

LONGEST = 16_000  # characters of a conversation, some 4,000 tokens: more than the models at hand attend to

# What the bytes of UTF-8 look like that were read as Windows-1252: a letter with accent as two signs that
# begin with A tilde or A circumflex, an oe as two with A ring, typographic quotes and dashes as three.
_TAIL = re.escape(bytes(range(0x80, 0xC0)).decode("cp1252", "ignore")) + "\x80-\xbf"
_MOJIBAKE = re.compile(
    f"[\xc3\xc2][{_TAIL}]|\xc5[\u201c\u2019]|\xe2[\u20ac\u201e\u201a]|\N{REPLACEMENT CHARACTER}"
    "|[\x00-\x08\x0b-\x1f\x7f-\x9f]"
)

Filled = Annotated[str, Field(min_length=1)]


class Message(Record):
    """One turn of a conversation."""

    role: Literal["system", "user", "assistant"]
    content: str


class _Line(Record):
    """A conversation that ends with the answer to be learnt."""

    id: Filled
    lang: Annotated[str, Field(pattern="^[a-z]{2,3}$")]
    category: Annotated[str, Field(pattern="^[a-z][a-z0-9_-]*$")]
    messages: Annotated[tuple[Message, ...], Field(min_length=2)]
    group: Filled | None = None
    split: SplitName | None = None
    must_include: tuple[Filled, ...] = ()


def read_chat(folder: Path) -> Iterator[Document | UserError]:
    """The conversations in `folder`, at any depth, in the order of their ids.

    The text of a document is the last question, its target the answer, its stratum `category/language`; its
    attributes are `language`, `category`, and where there are such `system`, `must_include` and, of a
    conversation of several turns, `messages`: all that stands before the answer. A line whose data are bad
    yields the error that names it: see `check_conversation`, and ids or questions that an earlier line has.
    """
    found: list[Document] = []
    places: dict[tuple[str, str], str] = {}
    for path in corpus_files(folder, "chat"):
        try:
            lines = read_lines(path)
        except UserError as error:  # unreadable
            yield error
            continue
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                document = _parse(line, path, number, published_split(path.relative_to(folder)))
                _check_new(document, places, path, number)
            except UserError as error:
                yield error
            else:
                found.append(document)
    yield from sorted(found, key=lambda document: document.id)


def _parse(line: str, path: Path, number: int, published: SplitName | None) -> Document:
    """The conversation on a line.

    Raises:
        UserError: If the line is malformed, or its data are bad.
    """
    record = parse_record(line, _Line, path, number)
    try:
        check_conversation(record.messages, record.lang)
    except UserError as error:
        raise UserError(error.reason, path=path, line=number, hint=error.hint) from None
    return chat_document(
        record.id,
        record.messages,
        language=record.lang,
        category=record.category,
        path=path,
        group=record.group,
        split=record.split or published,
        **({"must_include": list(record.must_include)} if record.must_include else {}),
    )


def chat_document(
    id: str,
    messages: Sequence[Message],
    *,
    language: str,
    category: str,
    path: Path,
    group: str | None = None,
    split: SplitName | None = None,
    **attributes: Any,
) -> Document:
    """A conversation as a document: see `read_chat`.

    Args:
        id: Unique in its corpus.
        messages: Those that `check_conversation` accepts.
        language: ISO 639 code.
        category: What the answer is for.
        path: The file that holds it.
        group: What must stay on one side of a split.
        split: The side that the corpus publishes.
        attributes: What else the task knows of it.
    """
    *before, question, answer = messages
    known: dict[str, Any] = {"language": language, "category": category, **attributes}
    if before and before[0].role == "system":
        known["system"] = before[0].content
    if any(message.role == "user" for message in before):
        known["messages"] = [message.model_dump() for message in (*before, question)]
    return Document(
        id,
        question.content,
        (),
        path,
        group=group,
        split=split,
        target=answer.content,
        stratum=f"{category}/{language}",
        attributes=known,
    )


def check_conversation(messages: Sequence[Message], language: str | None) -> None:
    """Refuse what a model should not learn from.

    Args:
        messages: The turns.
        language: That of question and answer, ISO 639; None where nobody need look.

    Raises:
        UserError: If the turns are not a system's (at most one, first), then a user's and an assistant's in
            turn, an assistant's last; if one is empty, was decoded wrongly or holds control characters; if
            the answer or the last question is told to be in another language; or if all are too long.
    """
    _check_order([message.role for message in messages])
    for number, message in enumerate(messages, start=1):
        if not message.content.strip():
            raise UserError(f"message {number}, of the {message.role}, is empty")
        if bad := _MOJIBAKE.search(message.content):
            raise UserError(
                f"message {number}, of the {message.role}, was decoded wrongly: character {bad.start() + 1} "
                f"is {unicodedata.name(bad[0][0], 'a control character')}",
                hint="UTF-8 was read as another encoding somewhere before, or control characters were kept.",
            )
    if language is not None:
        _check_language(messages, language)
    length = sum(len(message.content) for message in messages)
    if length > LONGEST:
        raise UserError(
            f"{length} characters in its messages, more than {LONGEST}",
            hint="Shorten it, or divide it: what exceeds a model's window would be cut off in training.",
        )


def _check_order(roles: Sequence[str]) -> None:
    turns = list(roles[1:] if roles[0] == "system" else roles)
    if not turns or turns != ["user", "assistant"] * (len(turns) // 2):
        raise UserError(
            f"messages in the order {', '.join(roles)}",
            hint="Expected an optional system, then user and assistant in turn, the assistant last.",
        )


def _check_language(messages: Sequence[Message], language: str) -> None:
    for noun, message in (("question", messages[-2]), ("answer", messages[-1])):
        found = identify(message.content)
        if found not in (None, language):
            raise UserError(f"the {noun} is in the language {found!r}, and lang says {language!r}")


def _check_new(document: Document, places: dict[tuple[str, str], str], path: Path, number: int) -> None:
    """Refuse an id, or a whole question with all that stands before it, that came before.

    Raises:
        UserError: If it did; the error names where.
    """
    turns = [turn["content"] for turn in (document.attributes or {}).get("messages", ())]
    content = " ".join(" ".join(turns or [document.text]).casefold().split())
    place = f"{path}:{number}"
    for kind, key in (("id", document.id), ("question", content)):
        other = places.setdefault((kind, key), place)
        if other != place:
            raise UserError(f"the same {kind} as {other}", path=path, line=number)
