"""What stays of a PDF's pages beside text: their size, plain rectangles and rules, and the colour of
words."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from spanwise.documents import Box, Word

Colour = tuple[float, float, float]
BLACK: Colour = (0.0, 0.0, 0.0)
SEGMENTS = 6  # of a rectangle or a rule; a curve may be a signature or a letter, and goes
THIN = 2.5  # points


@dataclass(frozen=True)
class Shape:
    """A filled rectangle, in points from the upper left corner of its page."""

    box: Box
    colour: Colour


@dataclass(frozen=True)
class Sheet:
    """A page without its words.

    Attributes:
        width: In points, as it is shown.
        height: The same.
        shapes: From the lowest to the uppermost.
        colours: Of the words asked for, in their order.
    """

    width: float
    height: float
    shapes: tuple[Shape, ...]
    colours: tuple[Colour, ...]


def read_sheets(data: bytes, words: Sequence[Sequence[Word]]) -> list[Sheet]:
    """The pages of a PDF, without text, pictures, links and curves.

    Args:
        data: Of a file that was read within limits before.
        words: Of each page, those whose colours are wanted.
    """
    import pypdfium2

    with closing(pypdfium2.PdfDocument(data)) as document:
        return [_sheet(document[index], words[index]) for index in range(len(document))]


def _sheet(page: Any, words: Sequence[Word]) -> Sheet:
    width, height = page.get_size()
    left, _, _, top = page.get_cropbox()
    if page.get_rotation():
        return Sheet(width, height, (), tuple(BLACK for _ in words))
    text = page.get_textpage()
    colours = tuple(_colour_of(text, word.box, left, top) for word in words)
    return Sheet(width, height, tuple(_shapes(page, left, top, width * height)), colours)


def _shapes(page: Any, left: float, top: float, area: float) -> Iterator[Shape]:
    from pypdfium2 import raw

    for item in page.get_objects(filter=[raw.FPDF_PAGEOBJ_PATH], max_depth=1):
        low_x, low_y, high_x, high_y = item.get_bounds()
        if raw.FPDFPath_CountSegments(item.raw) > SEGMENTS:
            continue
        mode, stroked = ctypes.c_int(), ctypes.c_int()
        raw.FPDFPath_GetDrawMode(item.raw, mode, stroked)
        thin = min(high_x - low_x, high_y - low_y) <= THIN
        box = Box(low_x - left, top - high_y, high_x - left, top - low_y)
        if mode.value != raw.FPDF_FILLMODE_NONE:
            yield Shape(box, _channels(raw.FPDFPageObj_GetFillColor, item.raw))
        elif stroked.value and thin and area:
            yield Shape(box, _channels(raw.FPDFPageObj_GetStrokeColor, item.raw))


def _colour_of(text: Any, box: Box, left: float, top: float) -> Colour:
    """Of the letter in the middle of a word."""
    from pypdfium2 import raw

    middle = (box.left + box.right) / 2 + left, top - (box.top + box.bottom) / 2
    index = raw.FPDFText_GetCharIndexAtPos(text.raw, *middle, (box.right - box.left) / 2 + 1, 4)
    return BLACK if index < 0 else _channels(raw.FPDFText_GetFillColor, text.raw, index)


def _channels(get: Any, *of: Any) -> Colour:
    channels = [ctypes.c_uint() for _ in range(4)]
    if not get(*of, *channels):
        return BLACK
    red, green, blue = (channel.value / 255 for channel in channels[:3])
    return red, green, blue
