"""Texts and their shortened forms as JSON lines: what of a text may be dropped.

A line holds `id`, `domain`, `kind`, `original` and `compressed`, and may hold `facts` (what the shortened
form must still say), `tests` (assertions that shortened code must pass), `language`, `teacher` (who shortened
it), `group` and `split`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from spanwise.errors import UserError
from spanwise.readers.alignment import align
from spanwise.readers.document import Annotation, Document
from spanwise.readers.files import corpus_files, published_split
from spanwise.readers.lines import read_lines
from spanwise.readers.records import parse_record
from spanwise.schema import Change, Record, SplitName

DROP = "DROP"
"""The label of what is dropped.

Dropped runs are labelled, not kept ones: they are the rarer and shorter class, as entities are, so that a
    span
is one act with one confidence, and a word without a tag, one that the tokenizer does not know, is kept.
"""

Filled = Annotated[str, Field(min_length=1)]


class _Line(Record):
    """A text and its shortened form; `nl` is prose."""

    id: Filled
    domain: Literal["nl", "prose", "code", "mixed", "structured"]
    kind: Filled
    original: Filled
    compressed: str
    facts: tuple[Filled, ...] = ()
    tests: tuple[Filled, ...] = ()
    language: Filled | None = None
    teacher: Filled | None = None
    group: Filled | None = None
    split: SplitName | None = None


def read_pairs(folder: Path) -> Iterator[Document | Change | UserError]:
    """The pairs in `folder`, at any depth, in the order of their ids.

    The annotations of a document are what its shortened form lacks: maximal runs of words, labelled `DROP`.
        Code
    has none, as syntax trees shorten it and a tagger must leave it alone; it is counted as repaired. Left out
    and counted are pairs whose shortened form is `empty`, `not_shorter`, or too far from the original to
    learn from (`variation`, `alignment_gap`: see `readers.alignment`). A malformed line yields the error that
    names it.
    """
    found: list[Document] = []
    changes: list[Change] = []
    places: dict[str, str] = {}
    for path in corpus_files(folder, "pairs"):
        try:
            lines = read_lines(path)
        except UserError as error:  # unreadable
            yield error
            continue
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                record = parse_record(line, _Line, path, number)
            except UserError as error:
                yield error
                continue
            place = f"{path}:{number}"
            if (other := places.setdefault(record.id, place)) != place:
                yield UserError(f"id {record.id!r} is already that of {other}", path=path, line=number)
                continue
            document, change = _pair(record, path, number, published_split(path.relative_to(folder)))
            found += [document] if document else []
            changes += [change] if change else []
    yield from sorted(changes, key=lambda change: change.document)
    yield from sorted(found, key=lambda document: document.id)


def _pair(
    record: _Line, path: Path, number: int, published: SplitName | None
) -> tuple[Document | None, Change | None]:
    """A pair as a document, where something can be learnt from it, and what was changed for that."""
    if not record.compressed.strip():
        return None, Change(kind="left_out", reason="empty", document=record.id)
    if len(record.compressed) >= len(record.original):
        return None, Change(kind="left_out", reason="not_shorter", document=record.id)
    change, dropped = None, []
    if record.domain == "code":
        change = Change(kind="repaired", reason="code_kept_whole", document=record.id)
    else:
        aligned = align(record.original, record.compressed)
        if aligned.fault:
            return None, Change(kind="left_out", reason=aligned.fault, document=record.id)
        dropped = aligned.dropped()
    document = Document(
        record.id,
        record.original,
        tuple(Annotation((edges,), DROP, number) for edges in dropped),
        path,
        group=record.group,
        split=record.split or published,
        attributes=_attributes(record),
    )
    return document, change


def _attributes(record: _Line) -> dict[str, Any]:
    """What else is known of a pair, without what it does not say."""
    known: dict[str, Any] = {
        "domain": "prose" if record.domain == "nl" else record.domain,
        "kind": record.kind,
        "compressed": record.compressed,
        "facts": list(record.facts),
        "tests": list(record.tests),
        "language": record.language,
        "teacher": record.teacher,
    }
    return {name: value for name, value in known.items() if value}
