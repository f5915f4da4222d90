"""A PDF made anew from the words that stay: of what is masked, nothing is in the file.

Black boxes over text hide it from nobody who selects it, and editing a file may leave what it replaced. So
words are written to new pages, at their places, with plain rectangles and rules; pictures, curves, links,
forms, metadata and the fonts of the original are left behind.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from spanwise.documents import Box, Line, ReadDocument, Word
from spanwise.tasks.pii.masking import rewrite_part
from spanwise.tasks.pii.operators import Replacement
from spanwise.tasks.pii.rewriting.pdf_shapes import BLACK, Colour, Sheet, read_sheets

if TYPE_CHECKING:
    from reportlab.pdfgen.canvas import Canvas

WIDTH, HEIGHT, MARGIN, LEADING = 595.0, 842.0, 56.0, 13.0  # points, of pages made from text: A4
SIZE = 10.0
NARROWEST = 55  # percent of its width that a longer replacement is pressed to, before it grows past its place
_FONT_FILES = (
    "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
    "/usr/share/fonts/TTF/DejaVuSans.ttf",
    "/Library/Fonts/Arial Unicode.ttf",
    "C:/Windows/Fonts/arial.ttf",
)
LEVEL = 2.0  # a line higher than so many of its words is divided over several levels
UNKNOWN = "?"


@dataclass(frozen=True)
class Run:
    """Words to draw at one place."""

    text: str
    box: Box
    size: float
    bold: bool
    colour: Colour = BLACK


@dataclass(frozen=True)
class NewPdf:
    """A PDF, and how many of its letters no font at hand has: they are question marks in it."""

    data: bytes
    unknown: int


def write_pdf(document: ReadDocument, data: bytes, replacements: Sequence[Replacement]) -> NewPdf:
    """The pages of a PDF with other words.

    Args:
        document: As it was read; replacements are of its text.
        data: The file.
        replacements: In order.
    """
    words = [
        [word for line in document.lines if line.page == number for word in line.words]
        for number in range(1, (document.pages or 0) + 1)
    ]
    pages = []
    for number, sheet in enumerate(read_sheets(data, words), start=1):
        colours = dict(zip(words[number - 1], sheet.colours, strict=True))
        lines = [line for line in document.lines if line.page == number]
        runs = [run for line in lines for run in _runs(document.text, line, replacements, colours)]
        pages.append((sheet, runs))
    return _draw(pages)


def write_plain_pdf(text: str) -> NewPdf:
    """A text as a PDF, its lines wrapped."""
    from reportlab.lib.utils import simpleSplit

    broken = [
        part
        for line in text.replace("\f", "\n").split("\n")
        for part in (
            simpleSplit(line.replace("\t", "   "), _font(line, bold=False), SIZE, WIDTH - 2 * MARGIN) or [""]
        )
    ]
    fitting = int((HEIGHT - 2 * MARGIN) / LEADING)
    pages = []
    for first in range(0, max(len(broken), 1), fitting):
        runs = []
        for row, part in enumerate(broken[first : first + fitting]):
            top = MARGIN + row * LEADING
            runs.append(Run(part, Box(MARGIN, top, WIDTH, top + LEADING), SIZE, bold=False))
        pages.append((Sheet(WIDTH, HEIGHT, (), ()), runs))
    return _draw(pages)


def _runs(
    text: str, line: Line, replacements: Sequence[Replacement], colours: dict[Word, Colour]
) -> Iterator[Run]:
    """The words of a line; those that a mention touches are one run, with what stands in its place."""
    chunk: list[Word] = []
    for word in line.words:
        joined = chunk and any(each.start < chunk[-1].end and each.end > word.start for each in replacements)
        if chunk and not joined:
            yield from _run(text, line, chunk, replacements, colours)
            chunk = []
        chunk.append(word)
    if chunk:
        yield from _run(text, line, chunk, replacements, colours)


def _run(
    text: str, line: Line, chunk: list[Word], replacements: Sequence[Replacement], colours: dict[Word, Colour]
) -> Iterator[Run]:
    words = rewrite_part(text, replacements, chunk[0].start, chunk[-1].end).strip()
    left, right = min(word.box.left for word in chunk), max(word.box.right for word in chunk)
    top, bottom = min(word.box.top for word in chunk), max(word.box.bottom for word in chunk)
    if line.box is not None and line.box.bottom - line.box.top < LEVEL * (bottom - top):
        top, bottom = line.box.top, line.box.bottom  # letters of a line stand on one level
    box = Box(left, top, right, bottom)
    if words:
        size = line.size or max(box.bottom - box.top, 4.0)
        yield Run(" ".join(words.split()), box, size, line.bold, colours[chunk[0]])


def _draw(pages: Sequence[tuple[Sheet, Sequence[Run]]]) -> NewPdf:
    from reportlab.pdfgen.canvas import Canvas

    buffer = io.BytesIO()
    canvas = Canvas(buffer, invariant=1, pageCompression=1)
    canvas.setAuthor("")
    canvas.setTitle("Masked document")
    unknown = 0
    for sheet, runs in pages:
        canvas.setPageSize((sheet.width, sheet.height))
        for shape in sheet.shapes:
            canvas.setFillColorRGB(*shape.colour)
            box = shape.box
            canvas.rect(box.left, sheet.height - box.bottom, box.right - box.left, box.bottom - box.top, 0, 1)
        for run in runs:
            unknown += _write(canvas, run, sheet.height)
        canvas.showPage()
    canvas.save()
    return NewPdf(buffer.getvalue(), unknown)


def _write(canvas: Canvas, run: Run, height: float) -> int:
    """Write a run at its place, pressed where it is longer than what it replaces; how many letters have no
    form."""
    from reportlab.pdfbase.pdfmetrics import stringWidth

    font = _font(run.text, bold=run.bold)
    text, unknown = _known(run.text, font)
    size = min(run.size, 1.6 * (run.box.bottom - run.box.top) or run.size)
    wide = stringWidth(text, font, size)
    line = canvas.beginText(run.box.left, height - run.box.bottom + 0.2 * (run.box.bottom - run.box.top))
    line.setFont(font, size)
    line.setFillColorRGB(*run.colour)
    room = run.box.right - run.box.left
    # Always set: the scale outlives the text object (ISO 32000-2, 9.3.1).
    line.setHorizScale(max(100 * room / wide, NARROWEST) if wide > room > 0 else 100)
    line.textOut(text)
    canvas.drawText(line)
    return unknown


def _font(text: str, *, bold: bool) -> str:
    """A font that every reader has, where it has the letters; else one of this machine with more of them."""
    if _is_western(text) or not _wide_font():
        return "Helvetica-Bold" if bold else "Helvetica"
    return _wide_font()


@cache
def _wide_font() -> str:
    """The name of a font with many scripts, registered; empty where there is none."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    for path in _FONT_FILES:
        if Path(path).is_file():
            pdfmetrics.registerFont(TTFont("spanwise-wide", path))
            return "spanwise-wide"
    return ""


def _known(text: str, font: str) -> tuple[str, int]:
    """The text with a question mark for each letter that the font lacks, and how many there are."""
    from reportlab.pdfbase import pdfmetrics

    if font == "spanwise-wide":
        glyphs = pdfmetrics.getFont(font).face.charToGlyph
        plain = "".join(letter if ord(letter) in glyphs else UNKNOWN for letter in text)
    else:
        plain = "".join(letter if _is_western(letter) else UNKNOWN for letter in text)
    return plain, sum(one != other for one, other in zip(text, plain, strict=True))


def _is_western(text: str) -> bool:
    try:
        text.encode("cp1252")
    except UnicodeEncodeError:
        return False
    return True
