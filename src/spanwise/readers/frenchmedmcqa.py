"""FrenchMedMCQA: French exam questions of pharmacy with five choices (Labrak et al. 2022, LOUHI).

A file is a JSON list, perhaps packed by gzip, of `id`, `question`, `answers` (a text by letter) and
`correct_answers` (letters, one or more).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import pydantic_core
from pydantic import Field, model_validator

from spanwise.errors import UserError
from spanwise.readers.chat import Message, chat_document, check_conversation
from spanwise.readers.document import Document
from spanwise.readers.files import corpus_files, published_split
from spanwise.readers.packed import read_packed
from spanwise.readers.records import validate_record
from spanwise.schema import Change, Record

CATEGORY, LANGUAGE = "mcq", "fr"
SYSTEM = (
    "Vous répondez à une question à choix multiples de pharmacie. Une ou plusieurs propositions sont justes. "
    "Donnez la lettre et le texte de chaque proposition juste, une par ligne, et rien d'autre."
)

Letter = Annotated[str, Field(pattern="^[a-z]$")]


class _Question(Record):
    """A question, its choices by letter, and which of them are right."""

    id: Annotated[str, Field(min_length=1)]
    question: str
    answers: Annotated[dict[Letter, str], Field(min_length=2)]
    correct_answers: Annotated[tuple[Letter, ...], Field(min_length=1)]
    subject_name: str = ""
    type: str = ""
    nbr_correct_answers: int | None = None

    @model_validator(mode="after")
    def _is_answered(self) -> _Question:
        if unknown := set(self.correct_answers) - set(self.answers):
            raise ValueError(f"no choice for the right answers {', '.join(sorted(unknown))}")
        return self


def read_frenchmedmcqa(folder: Path) -> Iterator[Document | Change | UserError]:
    """The questions in `folder`, at any depth, in the order of their ids.

    The text is the question and its choices, the target the right ones, a letter and a text a line; the
    attribute `correct` holds the letters. A file named after a side of a split (`dev.json.gz`) publishes it.
    A question that comes again, choices included, is left out and counted; those with bad data yield the
    error that names their file and number in it.
    """
    found: list[Document] = []
    changes: list[Change] = []
    seen: set[str] = set()
    ids: set[str] = set()
    for path in corpus_files(folder, "frenchmedmcqa"):
        try:
            questions = _load(path)
        except UserError as error:
            yield error
            continue
        for number, value in enumerate(questions, start=1):
            try:
                document = _parse(value, folder, path, number)
            except UserError as error:
                yield error
                continue
            if document.text in seen:
                changes.append(Change(kind="left_out", reason="duplicate", document=document.id))
            elif document.id in ids:
                yield UserError(f"question {number} has the id {document.id!r} of another", path=path)
            else:
                found.append(document)
            seen.add(document.text)
            ids.add(document.id)
    yield from changes
    yield from sorted(found, key=lambda document: document.id)


def _load(path: Path) -> list[Any]:
    """The list in a file.

    Raises:
        UserError: If it cannot be read, or is no list.
    """
    try:
        value = pydantic_core.from_json(read_packed(path))
    except ValueError as error:
        raise UserError(f"not valid JSON: {error}", path=path) from None
    if not isinstance(value, list):
        raise UserError("not a JSON list of questions", path=path)
    return value


def _parse(value: Any, folder: Path, path: Path, number: int) -> Document:
    """The question in the place `number` of the list.

    Raises:
        UserError: If it is malformed, or its data are bad.
    """
    try:
        record = validate_record(value, _Question)
        choices = {letter: f"{letter}. {text.strip()}" for letter, text in sorted(record.answers.items())}
        right = sorted(set(record.correct_answers))
        messages = [
            Message(role="system", content=SYSTEM),
            Message(role="user", content="\n".join([record.question.strip(), "", *choices.values()])),
            Message(role="assistant", content="\n".join(choices[letter] for letter in right)),
        ]
        if not record.question.strip() or not all(text.strip() for text in record.answers.values()):
            raise UserError("the question or one of its choices is empty")
        check_conversation(messages, None)
    except UserError as error:
        raise UserError(f"question {number}: {error.reason}", path=path, hint=error.hint) from None
    return chat_document(
        record.id,
        messages,
        language=LANGUAGE,
        category=CATEGORY,
        path=path,
        split=published_split(path.relative_to(folder)),
        correct=right,
    )
