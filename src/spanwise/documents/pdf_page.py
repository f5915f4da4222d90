"""The words of one page of a PDF, as pdfium finds them, and what else is on it."""

from __future__ import annotations

import ctypes
import math
import re
from collections.abc import Iterator
from itertools import repeat
from typing import TYPE_CHECKING, NamedTuple

from spanwise.documents.document import Box
from spanwise.documents.fragments import PlacedWord
from spanwise.documents.normalisation import normalise_word

if TYPE_CHECKING:
    from pypdfium2 import PdfPage, PdfTextPage

_BOLD = re.compile(rb"bold|black|heavy", re.IGNORECASE)
BOLD = 600  # of font weights (CSS Fonts 4), from which letters are bold
TEXTLESS_OBJECTS = 50_000  # of a page, of which images are looked for among the first
NESTED = 4  # forms within forms in which images are looked for
# pdfium writes U+FFFE or U+0002 for a hyphen at the end of a line, and no white space behind it.
_WORD = re.compile(r"[^\s\ufffe\x02]*[\ufffe\x02]|[^\s\ufffe\x02]+")


class Frame(NamedTuple):
    """A page as it is shown: its box in the units of the file, and its rotation in degrees."""

    left: float
    bottom: float
    right: float
    top: float
    rotation: int

    def place(self, left: float, bottom: float, right: float, top: float) -> Box:
        """A rectangle of the file, from the upper left corner of the page as it is shown.

        ISO 32000-2, table 31: /Rotate turns the page clockwise when it is shown.
        """
        if self.rotation == 90:
            return Box(bottom - self.bottom, left - self.left, top - self.bottom, right - self.left)
        if self.rotation == 180:
            return Box(self.right - right, bottom - self.bottom, self.right - left, top - self.bottom)
        if self.rotation == 270:
            return Box(self.top - top, self.right - right, self.top - bottom, self.right - left)
        return Box(left - self.left, self.top - top, right - self.left, self.top - bottom)


def frame_of(page: PdfPage) -> Frame:
    """Where a page begins and how it is turned."""
    left, bottom, right, top = page.get_bbox()
    return Frame(left, bottom, right, top, page.get_rotation())


def read_words(text: PdfTextPage, frame: Frame) -> Iterator[PlacedWord]:
    """The words of a page in the order of the file."""
    import pypdfium2.raw as pdfium

    handle = text.raw
    codes = map(pdfium.FPDFText_GetUnicode, repeat(handle), range(text.count_chars()))
    letters = "".join(map(_character, codes))
    glyphs = _Glyphs(handle, frame)
    for found in _WORD.finditer(letters):
        word = normalise_word(found[0])
        if word:
            yield PlacedWord(word, glyphs.around(*found.span()), *glyphs.line(found.start()))


def _character(code: int) -> str:
    """A character by its number; of half a pair, which some fonts map to, the mark of what is unknown."""
    if code == 0:
        return "\N{REPLACEMENT CHARACTER}"
    return "\N{REPLACEMENT CHARACTER}" if 0xD800 <= code <= 0xDFFF or code > 0x10FFFF else chr(code)


class _Glyphs:
    """Boxes and fonts of characters; one buffer for all calls."""

    def __init__(self, handle: object, frame: Frame) -> None:
        import pypdfium2.raw as pdfium

        self.handle, self.frame, self.pdfium = handle, frame, pdfium
        self.rectangle, self.matrix = pdfium.FS_RECTF(), pdfium.FS_MATRIX()
        self.name = ctypes.create_string_buffer(64)
        self.x, self.y = ctypes.c_double(), ctypes.c_double()

    def around(self, start: int, end: int) -> Box:
        """The box of a word by its first and last letter, as high as the font."""
        rectangle, get = self.rectangle, self.pdfium.FPDFText_GetLooseCharBox
        get(self.handle, start, rectangle)
        left, bottom, right, top = rectangle.left, rectangle.bottom, rectangle.right, rectangle.top
        get(self.handle, end - 1, rectangle)
        box = self.frame.place(
            min(left, rectangle.left),
            min(bottom, rectangle.bottom),
            max(right, rectangle.right),
            max(top, rectangle.top),
        )
        return Box(*[round(edge, 2) for edge in box])

    def line(self, index: int) -> tuple[float, float, bool]:
        """The baseline in points from the top, the size in points, and whether it is bold."""
        pdfium, handle, matrix = self.pdfium, self.handle, self.matrix
        pdfium.FPDFText_GetCharOrigin(handle, index, self.x, self.y)
        baseline = self.frame.place(self.x.value, self.y.value, self.x.value, self.y.value).top
        size = pdfium.FPDFText_GetFontSize(handle, index)
        if pdfium.FPDFText_GetMatrix(handle, index, matrix):
            size *= math.hypot(matrix.c, matrix.d)
        bold = pdfium.FPDFText_GetFontWeight(handle, index) >= BOLD or self._named_bold(index)
        return round(baseline, 2), round(size, 2), bold

    def _named_bold(self, index: int) -> bool:
        """Whether the name of the font says so: fonts that are not embedded have no weight."""
        size = self.pdfium.FPDFText_GetFontInfo(self.handle, index, self.name, len(self.name), None)
        return bool(_BOLD.search(self.name.raw[: max(0, min(size, len(self.name)) - 1)]))


def count_images(page: PdfPage) -> int:
    """How many images a page shows, also within forms."""
    import pypdfium2.raw as pdfium

    return _images_in(page.raw, pdfium.FPDFPage_CountObjects, pdfium.FPDFPage_GetObject, 0)


def _images_in(container: object, count: object, get: object, depth: int) -> int:
    import pypdfium2.raw as pdfium

    found = 0
    for index in range(min(count(container), TEXTLESS_OBJECTS)):  # type: ignore[operator]
        item = get(container, index)  # type: ignore[operator]
        kind = pdfium.FPDFPageObj_GetType(item)
        if kind == pdfium.FPDF_PAGEOBJ_IMAGE:
            found += 1
        elif kind == pdfium.FPDF_PAGEOBJ_FORM and depth < NESTED:
            found += _images_in(
                item, pdfium.FPDFFormObj_CountObjects, pdfium.FPDFFormObj_GetObject, depth + 1
            )
    return found


def read_links(document: object, page: PdfPage) -> Iterator[str]:
    """The web and mail addresses that links of a page lead to."""
    import pypdfium2.raw as pdfium

    position = ctypes.c_int(0)
    link = pdfium.FPDF_LINK()
    while pdfium.FPDFLink_Enumerate(page.raw, ctypes.byref(position), ctypes.byref(link)):
        action = pdfium.FPDFLink_GetAction(link)
        if not action or pdfium.FPDFAction_GetType(action) != pdfium.PDFACTION_URI:
            continue
        size = pdfium.FPDFAction_GetURIPath(document, action, None, 0)
        buffer = ctypes.create_string_buffer(size)
        pdfium.FPDFAction_GetURIPath(document, action, buffer, size)
        yield buffer.raw[: max(0, size - 1)].decode("utf-8", errors="replace")
