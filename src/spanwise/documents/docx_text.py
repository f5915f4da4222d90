"""The text of a DOCX from the paragraphs of its parts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import groupby

from spanwise.documents.document import Kind, Line, Part
from spanwise.documents.docx_body import Paragraph
from spanwise.documents.failure import Unreadable


@dataclass
class Text:
    """A text that grows by parts.

    Args:
        most: Characters at most.
    """

    most: int
    lines: list[Line] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._pieces: list[str] = []
        self._length = 0
        self._number = 0

    def __str__(self) -> str:
        return "".join(self._pieces)

    def add(self, kind: Kind, paragraphs: Iterable[Paragraph]) -> None:
        """Add a part; text boxes in it become parts of their own, after which it goes on.

        Raises:
            Unreadable: If the text becomes too long.
        """
        self._number = 0
        for boxed, run in groupby(paragraphs, key=lambda each: each.boxed):
            self._add_run("text_box" if boxed else kind, run)

    def _add_run(self, kind: Kind, paragraphs: Iterable[Paragraph]) -> None:
        index, begun, pieces = len(self.parts), None, len(self._pieces)
        inserted: list[Part] = []
        for paragraph in paragraphs:
            if self._pieces:
                self._append("\n")
            begun = self._length if begun is None else begun
            inserted += _insertions(paragraph, self._length)
            self._write(paragraph, index)
        if begun is not None:
            text = "".join(self._pieces[pieces:]).removeprefix("\n")
            self.parts.append(Part(kind=kind, text=text, start=begun, end=self._length))
            self.parts += inserted

    def _write(self, paragraph: Paragraph, part: int) -> None:
        start = self._length
        self._append(paragraph.text)
        if self._length > self.most:
            raise Unreadable("too_large", f"more than {self.most:,} characters")
        self._number += 1
        self.lines.append(
            Line(
                number=self._number,
                start=start,
                end=self._length,
                part=part,
                size=paragraph.size,
                bold=paragraph.bold,
                gap=paragraph.gap,
                heading=paragraph.heading,
            )
        )

    def _append(self, piece: str) -> None:
        self._pieces.append(piece)
        self._length += len(piece)


def _insertions(paragraph: Paragraph, start: int) -> list[Part]:
    parts = []
    for author, text in paragraph.inserted:
        at = paragraph.text.find(text)
        place = {} if at < 0 else {"start": start + at, "end": start + at + len(text)}
        parts.append(Part(kind="inserted", text=text, author=author, **place))
    return parts
