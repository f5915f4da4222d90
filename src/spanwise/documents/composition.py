"""The text of a PDF from its paragraphs, with the offsets of every line and word."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from spanwise.documents.document import PAGE_BREAK, Line, Word
from spanwise.documents.fragments import WIDE_GAP, PlacedWord, Row
from spanwise.documents.normalisation import BULLET, join_broken
from spanwise.documents.paragraphs import Paragraph


@dataclass
class Composition:
    """A text that grows by paragraphs and pages.

    Attributes:
        pieces: What it is made of.
        length: Characters of these.
        lines: One for each row, in order.
    """

    pieces: list[str] = field(default_factory=list)
    length: int = 0
    lines: list[Line] = field(default_factory=list)
    page: int = 0
    number: int = 0

    @property
    def text(self) -> str:
        """What has been added so far."""
        return "".join(self.pieces)

    def add_page(self, paragraphs: Iterable[Paragraph]) -> None:
        """Add a page, which may be empty."""
        if self.page:
            self._append(PAGE_BREAK)
        self.page += 1
        self.number = 0
        begun = self.length
        for paragraph in paragraphs:
            if self.length > begun:
                self._append("\n")
            self._add(paragraph)

    def _append(self, piece: str) -> None:
        self.pieces.append(piece)
        self.length += len(piece)

    def _add(self, paragraph: Paragraph) -> None:
        rows = list(paragraph.rows)
        for index, row in enumerate(rows):
            self._add_row(row, gap=paragraph.gap if index == 0 else 0.0, continued=index > 0)

    def _add_row(self, row: Row, *, gap: float, continued: bool) -> None:
        placed = [word for fragment in row for word in fragment.words]
        if continued and not self._mend(placed[0]):
            self._append(" ")
        words: list[Word] = []
        before: PlacedWord | None = None
        for word in placed:
            if before is not None:
                self._append(_space(before, word))
            words.append(Word(self.length, self.length + len(word.text), word.box))
            self._append(word.text)
            before = word
        self.number += 1
        self.lines.append(_line(self.page, self.number, row, tuple(words), gap))

    def _mend(self, following: PlacedWord) -> bool:
        """Whether the last word, broken at the end of its line, waits for its rest: its hyphen may go."""
        joined = join_broken(self.pieces[-1], following.text)
        if joined is None:
            return False
        if len(joined) < len(self.pieces[-1]) + len(following.text):
            self.pieces[-1] = self.pieces[-1][:-1]
            self.length -= 1
            last = self.lines[-1]
            words = (*last.words[:-1], last.words[-1]._replace(end=self.length))
            self.lines[-1] = last.model_copy(update={"end": self.length, "words": words})
        return True


def _space(before: PlacedWord, word: PlacedWord) -> str:
    wide = word.box.left - before.box.right > WIDE_GAP * max(before.size, word.size)
    return "\t" if wide and before.text != "•" else " "


def _line(page: int, number: int, row: Row, words: tuple[Word, ...], gap: float) -> Line:
    from spanwise.documents.document import union

    return Line(
        page=page,
        number=number,
        start=words[0].start,
        end=words[-1].end,
        box=union([word.box for word in words]),
        size=round(row[0].size, 1),
        bold=next((word.bold for word in row[0].words if word.text != BULLET), False),
        gap=gap,
        words=words,
    )
