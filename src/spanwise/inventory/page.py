"""The inventory as a page for people and as JSON for programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from spanwise.inventory.survey import GRADES, NGRAM, OVERLAP, Entry
from spanwise.io import write_json, write_text
from spanwise.reporting.templating import environment_of

NAME = "inventory"
STATUSES = {
    "ok": "read",
    "no_text_layer": "images or unreadable fonts, needs OCR",
    "encrypted": "needs a password",
    "corrupt": "damaged, or made its reader crash",
    "too_large": "over a limit, of the file or of what it unpacks to",
    "unsupported": "neither PDF, DOCX nor text",
    "timeout": "took too long to read",
}
"""What each status means."""


class Summary(NamedTuple):
    """Counts over all files; a value of None is left out of those by value.

    Attributes:
        documents: Files.
        read: Those with text.
        pages: Of these.
        words: Of these.
        left_out: Files that were not looked at: hidden ones and links.
        copies: Files whose bytes an earlier one has.
        near: Files that an earlier one nearly equals, copies included.
        by: Counts by value of each of several traits, the most frequent first.
    """

    documents: int
    read: int
    pages: int
    words: int
    left_out: int
    copies: int
    near: int
    by: Mapping[str, Mapping[str, int]]


def summarise(entries: Sequence[Entry], left_out: int) -> Summary:
    """The counts of an inventory."""
    good = [entry for entry in entries if entry.document.status == "ok"]
    by: dict[str, Sequence[str | None]] = {
        "status": [entry.document.status for entry in entries],
        "format": [entry.document.format or "other" for entry in entries],
        "layout": [entry.document.layout for entry in good],
        "language": [entry.document.language for entry in good],
        "encoding": [entry.document.encoding for entry in good],
        "complexity": [entry.complexity for entry in good],
        "traits": [trait for entry in good for trait in entry.traits],
    }
    return Summary(
        documents=len(entries),
        read=len(good),
        pages=sum(entry.document.pages or 1 for entry in good),
        words=sum(entry.words for entry in good),
        left_out=left_out,
        copies=_repeated([entry.copies for entry in entries]),
        near=_repeated([entry.near for entry in entries]),
        by={name: _counted(name, values) for name, values in by.items()},
    )


def _repeated(numbers: Sequence[int | None]) -> int:
    known = [number for number in numbers if number is not None]
    return len(known) - len(set(known))


def _counted(name: str, values: Sequence[str | None]) -> dict[str, int]:
    counts = Counter(value for value in values if value is not None)
    known = GRADES if name == "complexity" else tuple(STATUSES) if name == "status" else ()
    order = {value: index for index, value in enumerate(known)}
    return dict(sorted(counts.items(), key=lambda each: (order.get(each[0], 0), -each[1], each[0])))


def write_inventory(folder: Path, entries: Sequence[Entry], left_out: int) -> Summary:
    """Write `inventory.html` and `inventory.json` into `folder`. Both hold names of files.

    The JSON has `summary` (as `Summary`) and `documents`, one object a file: `path`, `status`, `reason`,
    `format`, `size` in bytes, `digest`, `pages`, `pages_without_text`, `words`, `layout`, `columns`,
    `language`, `encoding`, `images`, `disagreement`, `complexity`, `traits`, `copies` and `near` (numbers of
    sets, or null).
    """
    summary = summarise(entries, left_out)
    environment = environment_of("spanwise.inventory")
    environment.filters["kilobytes"] = lambda size: f"{max(1, round(size / 1024)):,}"
    view = {"summary": summary, "entries": entries, "statuses": STATUSES, "ngram": NGRAM, "overlap": OVERLAP}
    write_text(folder / f"{NAME}.html", environment.get_template(f"{NAME}.html.j2").render(view))
    write_json(
        folder / f"{NAME}.json",
        {"summary": summary._asdict(), "documents": [_record(entry) for entry in entries]},
    )
    return summary


def _record(entry: Entry) -> dict[str, Any]:
    document = entry.document.model_dump(
        exclude={"text", "lines", "parts", "name", "metadata", "links"}, mode="json"
    )
    return document | {
        "path": entry.path,
        "words": entry.words,
        "complexity": entry.complexity,
        "traits": entry.traits,
        "copies": entry.copies,
        "near": entry.near,
    }
