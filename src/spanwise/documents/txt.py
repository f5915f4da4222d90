"""Text files: which characters their bytes are, and lines broken at a fixed width put together."""

from __future__ import annotations

import codecs
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from spanwise.documents.document import PAGE_BREAK, Limits, Line, Part, ReadDocument
from spanwise.documents.failure import Unreadable
from spanwise.documents.normalisation import BULLET, join_broken, normalise_line
from spanwise.documents.sniffing import utf16_of

if TYPE_CHECKING:
    from charset_normalizer import CharsetMatch

BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
USUAL = "cp1252"
OTHERS = frozenset(
    "Croatian Czech Hungarian Latvian Lithuanian Polish Romanian Slovak Slovene Turkish Vietnamese".split()  # noqa: SIM905
)
"""Languages in Latin letters of which `USUAL` lacks some."""
NEIGHBOURS = ("cp1250", "cp1254", "cp1257", "cp1258")
ALIKE = 0.02  # between the noise of two guesses of an encoding, 0 to 1, that are as good
NARROWEST, WIDEST = 50, 132  # characters of lines that a program broke
BROKEN = 5  # lines near the widest that make it the width of the file
NEAR = 0.85  # of the width
MID_SENTENCE = 0.3  # share of broken lines that go on with a small letter


class _Paragraph(NamedTuple):
    """Normalised text by lines, the number of its first line, its page, and blank lines above."""

    lines: list[tuple[int, str]]
    page: int
    gap: float


def read_txt(data: bytes, limits: Limits) -> ReadDocument:
    """The text of a text file.

    Raises:
        Unreadable: If its bytes are no characters, or too many.
    """
    encoding, raw = _decode(data)
    if len(raw) > limits.characters:
        raise Unreadable("too_large", f"more than {limits.characters:,} characters")
    lines = raw.replace("\r\n", "\n").replace("\r", "\n").replace(PAGE_BREAK, f"\n{PAGE_BREAK}\n").split("\n")
    paragraphs = list(_paragraphs(lines))
    if not paragraphs:
        raise Unreadable("no_text_layer", "holds no text")
    text, placed = _compose(paragraphs)
    return ReadDocument(
        status="ok",
        text=text,
        lines=tuple(placed),
        parts=(Part(kind="body", text=text, start=0, end=len(text)),),
        pages=paragraphs[-1].page,
        encoding=encoding,
    )


def _decode(data: bytes) -> tuple[str, str]:
    """The encoding and the text: a byte order mark, UTF-8, or what the letters make most likely."""
    for mark, encoding in BOMS:
        if data.startswith(mark):
            return encoding, _decoded(data[len(mark) :], encoding)
    wide = utf16_of(data)
    if wide is not None:
        return wide, _decoded(data, wide)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return _guessed(data)
    return ("ascii" if text.isascii() else "utf-8"), text


def _decoded(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        raise Unreadable("corrupt", f"begins as {encoding} and is not") from None


def _guessed(data: bytes) -> tuple[str, str]:
    from charset_normalizer import from_bytes

    matches = list(from_bytes(data))
    if not matches:
        raise Unreadable("corrupt", "its encoding cannot be told")
    best = matches[0]
    usual = next((each for each in matches if USUAL in each.could_be_from_charset), None)
    if usual is not None and usual.chaos < best.chaos + ALIKE and not _foreign(best, usual):
        return USUAL, str(usual)
    return best.encoding.replace("_", "-"), str(best)


def _foreign(best: CharsetMatch, usual: CharsetMatch) -> bool:
    """Whether a text is in a neighbour of the usual code page, which shares most letters with it.

    It is where its letters are more often together so in some language, or where both are read as the same
    language, which needs letters that the usual page has not.
    """
    if best.encoding not in NEIGHBOURS:
        return False
    language = best.languages[:1]
    same = language == usual.languages[:1] and bool(OTHERS & set(language))
    return same or best.coherence > usual.coherence + ALIKE / 2


def _paragraphs(lines: Sequence[str]) -> Iterator[_Paragraph]:
    width = _width(lines)
    page, gap = 1, 0
    held: _Paragraph | None = None
    for number, raw in enumerate(lines, start=1):
        line = normalise_line(raw)
        if raw == PAGE_BREAK or not line:
            page += raw == PAGE_BREAK
            gap += 1
            continue
        if held and not gap and width and _goes_on(lines[held.lines[-1][0] - 1], line, width):
            held.lines.append((number, line))
            continue
        if held:
            yield held
        held = _Paragraph([(number, line)], page, float(gap if held else 0))
        gap = 0
    if held:
        yield held


def _width(lines: Sequence[str]) -> int | None:
    """The width that lines were broken at, None where each is a paragraph."""
    lengths = [len(line.rstrip()) for line in lines]
    width = max(lengths, default=0)
    if not NARROWEST <= width <= WIDEST or sum(length >= NEAR * width for length in lengths) < BROKEN:
        return None
    broken = [
        below.lstrip()[0]
        for above, below in pairwise(lines)
        if below.strip() and _goes_on(above, below, width)
    ]
    small = sum(letter.islower() for letter in broken)
    return width if small >= MID_SENTENCE * len(broken) else None


def _goes_on(above: str, line: str, width: int) -> bool:
    """Whether the first word of a line did not fit on the one above."""
    first = line.split(maxsplit=1)[0]
    return not line.startswith(BULLET) and len(above.rstrip()) + 1 + len(first) > width


def _compose(paragraphs: Sequence[_Paragraph]) -> tuple[str, list[Line]]:
    pieces: list[str] = []
    placed: list[Line] = []
    length = 0
    page = 1
    for paragraph in paragraphs:
        if pieces:
            pieces.append(PAGE_BREAK if paragraph.page > page else "\n")
            length += 1
        page = paragraph.page
        written = _unbroken([line for _, line in paragraph.lines])
        for index, ((number, _), line) in enumerate(zip(paragraph.lines, written, strict=True)):
            end = length + len(line.rstrip(" "))
            gap = 0.0 if index else paragraph.gap
            placed.append(Line(page=page, number=number, start=length, end=end, gap=gap))
            pieces.append(line)
            length += len(line)
    return "".join(pieces), placed


def _unbroken(lines: Sequence[str]) -> list[str]:
    """The lines of a paragraph with what stands between them: a space, or nothing within a broken word."""
    written = list(lines[:1])
    for line in lines[1:]:
        last, first = written[-1].split(" ")[-1], line.split(" ")[0]
        joined = join_broken(last, first)
        if joined is None:
            written[-1] += " "
        elif len(joined) < len(last) + len(first):
            written[-1] = written[-1][:-1]
        written.append(line)
    return written
