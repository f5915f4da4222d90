"""What detectors look at: a text, folded, by lines with the section that each stands in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from spanwise.schema import Span
from spanwise.tasks.pii.folding import Folded, fold
from spanwise.tasks.resume.rules.headings import is_title, section_of

HEADER = "header"
HEADER_LINES = 14  # how far the header reaches where no heading ends it
LONGEST_HEADING = 60


@dataclass(frozen=True)
class Line:
    """One line of the folded text that is not blank, without its edges.

    Attributes:
        start: Its first character in the folded text.
        text: The characters.
        section: The heading above it, as `section_of` names it; `header` before the first one.
        heading: Whether it is a heading itself.
    """

    start: int
    text: str
    section: str
    heading: bool


@dataclass(frozen=True)
class Source:
    """A document's text, as detectors see it."""

    text: str

    @cached_property
    def folded(self) -> Folded:
        """The text without look-alikes and invisible characters."""
        return fold(self.text)

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """The lines of the folded text."""
        found: list[Line] = []
        section = HEADER
        for match in re.finditer(r"[^\n\r\f\v\u2028\u2029]+", self.folded.text):
            stripped = match.group().strip()
            if not stripped:
                continue
            start = match.start() + match.group().index(stripped[0])
            opened = _opened(stripped.rstrip(":")) if len(stripped) <= LONGEST_HEADING else None
            if opened is not None:
                section = opened
            found.append(Line(start, stripped, section, heading=opened is not None or is_title(stripped)))
        return tuple(found)

    @cached_property
    def header(self) -> tuple[Line, ...]:
        """Where contact details stand: the lines before the first section, those of sections that are
        headed contact, and of sidebars that open the document."""
        first = [line for line in self.lines if line.section == HEADER][:HEADER_LINES]
        return (*first, *(line for line in self.lines if line.section == "contact" and not line.heading))

    def span(self, start: int, end: int, label: str) -> Span:
        """Half-open offsets in the folded text as a span of the original."""
        first, last = self.folded.original(start, end)
        return Span(start=first, end=last, label=label)

    def in_header(self, place: int) -> bool:
        """Whether a place in the folded text is where contact details stand."""
        return any(line.start <= place < line.start + len(line.text) for line in self.header)

    def section_at(self, place: int) -> str:
        """The section of a place in the folded text."""
        section = HEADER
        for line in self.lines:
            if line.start > place:
                break
            section = line.section
        return section


def _opened(heading: str) -> str | None:
    """The section that a heading opens, also one of selected publications."""
    words = heading.split()
    if (section := section_of(heading)) is not None or len(words) != 2:
        return section
    return next((named for word in words if (named := section_of(word)) in ("publications", "awards")), None)
