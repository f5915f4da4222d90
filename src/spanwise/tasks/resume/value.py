"""A value of a résumé that knows where it stands in the text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from spanwise.schema import Record, Share
from spanwise.tasks.resume.candidate import Candidate, Source

# What the internal model calls otherwise than JSON Resume; a test holds the two against each other.
_RENAMED: Mapping[str, str] = {
    "basics.headline": "label",
    "location.street": "address",
    "location.postcode": "postalCode",
    "location.country_code": "countryCode",
    "work.employer": "name",
    "work.start": "startDate",
    "work.end": "endDate",
    "education.school": "institution",
    "education.degree": "studyType",
    "education.start": "startDate",
    "education.end": "endDate",
    "projects.start": "startDate",
    "projects.end": "endDate",
    "publications.date": "releaseDate",
}


@dataclass(frozen=True)
class Value:
    """What a field holds, with half-open offsets into the document's text.

    `value` is `text[start:end]` after normalisation: one blank between words, a date in ISO 8601, a country
    as its code.
    """

    value: str
    start: int
    end: int
    confidence: float
    source: Source = "rules"

    @classmethod
    def of(cls, text: str, candidate: Candidate, value: str | None = None) -> Value:
        """The value of a candidate in a text; its own words where no other value is given."""
        words = squeezed(text[candidate.start : candidate.end]) if value is None else value
        return cls(words, candidate.start, candidate.end, candidate.confidence, candidate.source)


class Field(Record):
    """Where a field of the JSON Resume comes from.

    Attributes:
        path: As in `work[0].startDate`.
        raw: The text as it stands in the document.
        start: Half-open character offset into the document's text.
        end: Behind the last character.
        page: From 1, where the format has pages.
        confidence: Of the whole field.
        source: Who found it.
    """

    path: str
    raw: str
    start: int
    end: int
    page: int | None = None
    confidence: Share
    source: Source


Node = Value | Mapping[str, Any] | Sequence[Any]


def squeezed(text: str) -> str:
    """The text with one blank for every stretch of white space."""
    return " ".join(text.split())


def plain(node: Node) -> Any:
    """The same tree with values instead of what is known of them."""
    if isinstance(node, Value):
        return node.value
    if isinstance(node, Mapping):
        return {name: plain(child) for name, child in node.items()}
    return [plain(child) for child in node]


def located(node: Node, path: str = "", part: str = "") -> Iterator[tuple[str, Value]]:
    """Every value of a tree with its path in JSON Resume."""
    if isinstance(node, Value):
        yield path, node
    elif isinstance(node, Mapping):
        for name, child in node.items():
            named = _RENAMED.get(f"{part}.{name}", name)
            below = part if isinstance(child, Value) else name
            yield from located(child, f"{path}.{named}" if path else named, below)
    else:
        for index, child in enumerate(node):
            yield from located(child, f"{path}[{index}]", part)
