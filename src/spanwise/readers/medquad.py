"""MedQuAD's questions and answers as JSON lines (Ben Abacha & Demner-Fushman 2019, BMC Bioinformatics 20).

A line holds `id`, `source`, `focus`, `qtype`, `question` and `answer`; files may be packed by gzip. Ids are
unique in their source only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from spanwise.errors import UserError
from spanwise.readers.chat import Message, chat_document, check_conversation
from spanwise.readers.document import Document
from spanwise.readers.files import corpus_files
from spanwise.readers.packed import read_packed
from spanwise.readers.records import parse_record
from spanwise.schema import Change, Record

CATEGORY, LANGUAGE = "qa", "en"


class _Line(Record):
    """A question and its answer."""

    id: str
    source: str
    focus: str
    qtype: str
    question: str
    answer: str
    url: str = ""


def read_medquad(folder: Path) -> Iterator[Document | Change | UserError]:
    """The questions in `folder`, at any depth, in the order of their ids, `source-id`; one group a focus.

    White space that page layouts left in answers is collapsed, and counted as `repaired`; a question that
    comes again with the same answer is left out, and counted. Others with bad data yield the error that names
    them, as in `readers.chat`.
    """
    found: list[Document] = []
    changes: list[Change] = []
    seen: set[tuple[str, str]] = set()
    for path in corpus_files(folder, "medquad"):
        try:
            lines = read_packed(path).split("\n")
        except UserError as error:
            yield error
            continue
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                document, repaired = _parse(line, path, number)
            except UserError as error:
                yield error
                continue
            content = (document.text, document.target or "")
            if content in seen:
                changes.append(Change(kind="left_out", reason="duplicate", document=document.id))
                continue
            seen.add(content)
            found.append(document)
            if repaired:
                changes.append(Change(kind="repaired", reason="whitespace", document=document.id))
    yield from changes
    yield from sorted(found, key=lambda document: document.id)


def _parse(line: str, path: Path, number: int) -> tuple[Document, bool]:
    """The question on a line, and whether its white space was collapsed.

    Raises:
        UserError: If the line is malformed, or its data are bad.
    """
    record = parse_record(line, _Line, path, number)
    answer = _collapsed(record.answer)
    question = _collapsed(record.question)
    messages = [Message(role="user", content=question), Message(role="assistant", content=answer)]
    try:
        check_conversation(messages, None)
    except UserError as error:
        raise UserError(error.reason, path=path, line=number, hint=error.hint) from None
    document = chat_document(
        f"{record.source}-{record.id}",
        messages,
        language=LANGUAGE,
        category=CATEGORY,
        path=path,
        group=record.focus or None,
        qtype=record.qtype,
    )
    return document, (question, answer) != (record.question, record.answer)


def _collapsed(text: str) -> str:
    """`text` without spaces at the ends of lines, runs of them, or more than one empty line."""
    lines = (re.sub(r"[ \t\xa0]+", " ", line).strip() for line in text.splitlines())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
