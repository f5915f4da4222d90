"""The rows of a résumé: its paragraphs with what the page shows of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from statistics import median_low

from spanwise.documents import ReadDocument
from spanwise.tasks.resume.rules.periods import Period, find_periods, without_periods

BULLET = re.compile(r"\s*(?:[•◦▪‣∙●○■□►▸➢✓✔*·–—-]|o(?=\s{2}))\s+")
_PAGE = re.compile(
    r"(?:.{0,40}?[\s–—|-])?(?:page|seite|página|pagina|sida|side|strona)?\s*\d{1,2}\s*(?:/|of|von|de|sur|di|van|av|af)\s*\d{1,2}"
    r"|(?:page|seite|página|pagina|sida|side)\s+\d{1,2}",
    re.IGNORECASE,
)
_TITLED = re.compile(
    r"(.{3,60}?)\s+[-–—|]\s+(?:CV|C\.V\.|Curriculum Vitae|Lebenslauf|R[ée]sum[ée])",
    re.IGNORECASE,
)
_RULE = re.compile(r"[-=_*~#.·–—\s]{3,}")
_BREAK = re.compile(r"[\n\f\v\r\x85\u2028\u2029]")


@dataclass(frozen=True)
class Row:
    """A paragraph, with half-open offsets into the document's text.

    Attributes:
        text: Without the blanks around it.
        start: Where that begins.
        page: From 1, where the format has pages.
        size: Of its letters in points, where the file tells.
        bold: Whether it begins in bold.
        gap: Blank space above it, in lines.
        heading: The level of the heading that its style makes it, if it does.
    """

    text: str
    start: int
    page: int | None = None
    size: float | None = None
    bold: bool = False
    gap: float = 0.0
    heading: int | None = None

    @property
    def end(self) -> int:
        """Behind its last character."""
        return self.start + len(self.text)

    @cached_property
    def bullet(self) -> int:
        """How many characters its mark as an item of a list takes; 0 if it has none."""
        match = BULLET.match(self.text)
        return match.end() if match else 0

    @cached_property
    def periods(self) -> tuple[Period, ...]:
        """The periods and dates in it, with offsets into its own text."""
        return tuple(find_periods(self.text))

    @cached_property
    def undated(self) -> str:
        """Its text with dates and lengths of time blanked."""
        return without_periods(self.text, self.periods)

    @property
    def words(self) -> int:
        """How many words it has."""
        return len(self.text.split())

    @property
    def caps(self) -> bool:
        """Whether it has letters, and none of them is small."""
        return self.text.upper() == self.text != self.text.lower()

    def piece(self, start: int, end: int) -> Row:
        """Characters `[start, end)` of its text as a row of their own."""
        text = self.text[start:end]
        trimmed = text.strip()
        lead = len(text) - len(text.lstrip())
        return replace(self, text=trimmed, start=self.start + start + (lead if trimmed else 0))


def find_rows(document: ReadDocument) -> list[Row]:
    """The rows of a document in reading order, without those that hold nothing or the number of a page."""
    found: list[Row] = []
    told = frozenset(line.strip().casefold() for line in _BREAK.split(document.text))
    lines = iter(document.lines)
    line = next(lines, None)
    for start, end in _pieces(document.text):
        text = document.text[start:end]
        if not text.strip() or _is_furniture(text.strip(), told):
            continue
        if _RULE.fullmatch(text.strip()):
            if found and found[-1].words <= 8:  # a line drawn below a heading
                found[-1] = replace(found[-1], heading=found[-1].heading or 1)
            continue
        begins = start + len(text) - len(text.lstrip())
        row = Row(text.strip(), begins)
        while line is not None and line.end <= begins:
            line = next(lines, None)
        if line is not None and line.start <= begins:
            row = replace(
                row, page=line.page, size=line.size, bold=line.bold, gap=line.gap, heading=line.heading
            )
        found.append(row)
    return found


def _is_furniture(text: str, told: frozenset[str]) -> bool:
    """Whether it is the number of a page, or whose résumé it is, which a line of its own tells."""
    titled = _TITLED.fullmatch(text)
    again = titled is not None and titled[1].casefold() in told
    return again or _PAGE.fullmatch(text) is not None


def body_size(rows: Sequence[Row]) -> float | None:
    """The size that most of the text is set in, in points, where it is known."""
    sizes = [row.size for row in rows if row.size is not None for _ in range(row.words)]
    return median_low(sizes) if sizes else None


def _pieces(text: str) -> list[tuple[int, int]]:
    """Where the text lies between line ends and page ends."""
    bounds = [0, *(match.end() for match in _BREAK.finditer(text)), len(text) + 1]
    return [(start, end - 1) for start, end in pairwise(bounds)]
