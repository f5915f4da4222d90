"""JSON lines: `Example` records, or any with `id`, `text` and `spans` or `entities`.

What was changed when they were made from another format stands in `changes.jsonl` beside them.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import pydantic_core
from pydantic import AliasChoices, Field, ValidationError

from spanwise.errors import UserError
from spanwise.io import read_jsonl as read_records
from spanwise.readers.document import Annotation, Document
from spanwise.readers.files import corpus_files, published_split
from spanwise.readers.lines import read_lines
from spanwise.schema import Change, Record, Span, SplitName

CHANGES = "changes.jsonl"


class _Line(Record):
    """What every line has."""

    id: Annotated[str, Field(min_length=1)]
    text: str
    group: Annotated[str, Field(min_length=1)] | None = None
    split: SplitName | None = None
    attributes: dict[str, Any] | None = None


class _SpanLine(_Line):
    """A line with a span target."""

    spans: tuple[Span, ...] = Field(validation_alias=AliasChoices("target", "spans", "entities"))


class _TextLine(_Line):
    """A line with a text target."""

    target: str
    stratum: Annotated[str, Field(min_length=1)] | None = None


def read_jsonl(folder: Path) -> Iterator[Document | Change | UserError]:
    """The recorded changes, then the documents in `folder`, at any depth, in the order of their ids.

    A record that does not name its split takes that of its file's name (`train.jsonl`).
    """
    found: list[Document] = []
    places: dict[str, str] = {}
    for path in corpus_files(folder, "jsonl"):
        try:
            if path == folder / CHANGES:
                yield from read_records(path, Change)
                continue
            lines = read_lines(path)
        except UserError as error:  # unreadable
            yield error
            continue
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                entry = _parse(line, path, number, published_split(path.relative_to(folder)))
            except UserError as error:
                yield error
                continue
            place = places.setdefault(entry.id, f"{path}:{number}")
            if place == f"{path}:{number}":
                found.append(entry)
            else:
                yield UserError(f"id {entry.id!r} is already that of {place}", path=path, line=number)
    yield from sorted(found, key=lambda entry: entry.id)


def _parse(line: str, path: Path, number: int, published: SplitName | None) -> Document:
    """The record on a line.

    Raises:
        UserError: If the line is malformed.
    """
    try:
        value = pydantic_core.from_json(line)
    except ValueError as error:
        raise UserError(f"not valid JSON: {error}", path=path, line=number) from None
    has_text_target = isinstance(value, dict) and isinstance(value.get("target"), str)
    try:
        record = (_TextLine if has_text_target else _SpanLine).model_validate(value)
    except ValidationError as error:
        raise UserError(_reasons(error), path=path, line=number) from None
    facts: dict[str, Any] = {
        "path": path,
        "group": record.group,
        "split": record.split or published,
        "attributes": record.attributes,
    }
    if isinstance(record, _TextLine):
        return Document(record.id, record.text, (), target=record.target, stratum=record.stratum, **facts)
    assert isinstance(record, _SpanLine)
    for span in record.spans:
        if span.end > len(record.text):
            reason = f"span {span.start}:{span.end} ends behind the text of {len(record.text)} characters"
            raise UserError(reason, path=path, line=number)
    annotations = tuple(Annotation(((span.start, span.end),), span.label, number) for span in record.spans)
    return Document(record.id, record.text, annotations, **facts)


def _reasons(error: ValidationError) -> str:
    """The faults of a record: fields and what is expected of them, never their values."""
    faults = "; ".join(
        f"{'.'.join(map(str, detail['loc'])) or 'the line'}: {detail['msg']}"
        for detail in error.errors(include_input=False, include_url=False)
    )
    return f"not a record with id, text and target, spans or entities: {faults}"
