"""What reading a file gives: its text, where each line stands, and how the reading went."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

from pydantic import BaseModel, ConfigDict

Format = Literal["pdf", "docx", "txt"]
Status = Literal["ok", "no_text_layer", "encrypted", "corrupt", "too_large", "unsupported", "timeout"]
Layout = Literal["single", "columns", "sidebar", "table"]
Kind = Literal["body", "header", "footer", "text_box", "footnote", "comment", "inserted", "deleted", "hidden"]

PAGE_BREAK = "\f"
MB = 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """What one file may cost.

    Attributes:
        file_bytes: Of the file itself.
        pages: Of a PDF.
        characters: Of the text.
        seconds: Of processor time.
        wall_seconds: Until a reader that waits is given up, too.
        memory_bytes: Address space of the process that reads.
        members: Files in the zip archive that a DOCX is.
        inflated_bytes: Of that archive unpacked.
        ratio: Between a member of that archive unpacked and packed.
    """

    file_bytes: int = 20 * MB
    pages: int = 100
    characters: int = 1_000_000
    seconds: float = 1.5
    wall_seconds: float = 10.0
    memory_bytes: int = 512 * MB
    members: int = 1_000
    inflated_bytes: int = 64 * MB
    ratio: int = 200


LIMITS = Limits()


class Box(NamedTuple):
    """A rectangle on a page as it is shown, in points from its upper left corner."""

    left: float
    top: float
    right: float
    bottom: float


class Word(NamedTuple):
    """A word of a PDF: half-open character offsets into the text, and where it stands."""

    start: int
    end: int
    box: Box


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Line(_Record):
    """A line of a PDF or TXT as it is written, or a paragraph of a DOCX.

    Attributes:
        page: From 1; of a DOCX, None.
        number: From 1: of the line on its page or, in a TXT, in the file; of the paragraph in its part.
        start: Where it begins in the text.
        end: Behind its last character.
        part: Its index in the document's parts.
        box: Where it stands; of a PDF alone.
        size: Of its letters in points, where the file tells.
        bold: Whether it begins in bold, as far as the file tells.
        gap: Blank space above it, in lines.
        heading: The level of the heading that its style makes it; of a DOCX alone.
        words: Its words with their boxes; of a PDF alone.
    """

    page: int | None = None
    number: int
    start: int
    end: int
    part: int = 0
    box: Box | None = None
    size: float | None = None
    bold: bool = False
    gap: float = 0.0
    heading: int | None = None
    words: tuple[Word, ...] = ()


class Part(_Record):
    """A stretch of a document by what it is; only a DOCX has others than a body.

    Attributes:
        kind: What it is. The text has header, body, footnotes and footer, in this order, and text boxes
            where they are anchored. Comments, deleted and hidden text are no part of it, inserted text is.
        text: Its words.
        start: Where it begins in the document's text; None for what is no part of it.
        end: Behind its last character there, or None.
        author: Who commented, inserted or deleted.
    """

    kind: Kind
    text: str
    start: int | None = None
    end: int | None = None
    author: str | None = None


class ReadDocument(_Record):
    r"""A file that was read, or why it was not.

    Offsets count the Unicode characters of `text` and are half-open. In it a paragraph is one line, however
    many lines it takes on the page: "\n" stands between paragraphs, "\f" between pages, and "\t" between the
    cells of a row and where a line leaves a wide gap. There are no blank lines, and every mark of a list is
    "• ".

    Attributes:
        status: `ok`, or why there is no text; only then `text` has any.
        format: What the first bytes tell; None when unsupported.
        digest: SHA-256 of the bytes, in hexadecimal.
        size: Bytes.
        name: As given, else None.
        reason: What was wrong, in words that hold nothing of the file.
        text: In reading order.
        lines: In the order of the text.
        parts: Stretches of the text, and what stands beside it.
        pages: How many; of a DOCX what the program that saved it says, where it does.
        pages_without_text: Those that hold an image or drawing instead, from 1.
        layout: How the pages are laid out.
        columns: Side by side at most, on any page.
        language: ISO 639-1, None where the text is too short to tell.
        encoding: Of a TXT.
        metadata: What the file says of itself: title, author and the like. Personal data.
        links: Addresses behind links, which the text need not show. Personal data.
        images: How many are shown.
        disagreement: Share of words, 0 to 1, that one of two programs finds on the first pages of a PDF and
            the other does not; None where they were not compared.
    """

    status: Status
    format: Format | None = None
    digest: str = ""
    size: int = 0
    name: str | None = None
    reason: str | None = None
    text: str = ""
    lines: tuple[Line, ...] = ()
    parts: tuple[Part, ...] = ()
    pages: int | None = None
    pages_without_text: tuple[int, ...] = ()
    layout: Layout = "single"
    columns: int = 1
    language: str | None = None
    encoding: str | None = None
    metadata: dict[str, str] = {}
    links: tuple[str, ...] = ()
    images: int = 0
    disagreement: float | None = None

    def lines_of(self, start: int, end: int) -> Iterator[Line]:
        """The lines that hold any character of `[start, end)`."""
        first = max(0, bisect_right(self.lines, start, key=lambda line: line.start) - 1)
        for line in self.lines[first:]:
            if line.start >= end:
                return
            if line.end > start:
                yield line

    def boxes(self, start: int, end: int) -> Iterator[tuple[int, Box]]:
        """Where the characters `[start, end)` of a PDF's text stand: page from 1, and the box on each line.

        Boxes are those of whole words.
        """
        for line in self.lines_of(start, end):
            held = [word.box for word in line.words if word.start < end and word.end > start]
            if line.page is not None and held:
                yield line.page, union(held)


def union(boxes: list[Box]) -> Box:
    """The smallest box around all of them."""
    left, top, right, bottom = zip(*boxes, strict=True)
    return Box(min(left), min(top), max(right), max(bottom))
