"""The paragraphs of a WordprocessingML part in reading order, and what stands beside them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from spanwise.documents.document import Part
from spanwise.documents.docx_names import COMPATIBILITY, switched_on, value, w
from spanwise.documents.docx_styles import Styles, listed, size_of
from spanwise.documents.normalisation import BULLET, normalise_line

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

_CHARACTERS = {w("tab"): "\t", w("br"): "\n", w("cr"): "\n", w("noBreakHyphen"): "-", w("ptab"): "\t"}
_PROPERTIES = {w(name) for name in ("pPr", "rPr", "instrText", "delInstrText", "fldData")}
_LETTERS = {w("t"), w("delText")}
_BOX = w("txbxContent")


class Paragraph(NamedTuple):
    """One line of text.

    Attributes:
        text: Normalised.
        size: Of its first letters in points.
        bold: Whether they are.
        heading: Its level.
        gap: Empty paragraphs above.
        boxed: Whether it stands in a text box.
        inserted: What was inserted while changes were tracked, by whom.
    """

    text: str
    size: float | None = None
    bold: bool = False
    heading: int | None = None
    gap: float = 0.0
    boxed: bool = False
    inserted: tuple[tuple[str | None, str], ...] = ()


@dataclass
class _Open:
    """A paragraph while it is read."""

    letters: list[str] = field(default_factory=list)
    run: Element | None = None
    boxes: list[Element] = field(default_factory=list)
    inserted: list[tuple[str | None, str]] = field(default_factory=list)


class Walk:
    """Reads parts one after the other.

    Args:
        styles: Of the document.

    Attributes:
        beside: Deleted and hidden text.
        tables: How many there are, of two columns at least.
        columns: Of the section that has most.
    """

    def __init__(self, styles: Styles) -> None:
        self.styles = styles
        self.beside: list[Part] = []
        self.tables = 0
        self.columns = 1
        self._empty = 0

    def paragraphs(self, element: Element) -> Iterator[Paragraph]:
        """The paragraphs of an element that holds some."""
        for child in element:
            if child.tag == w("p"):
                yield from self._paragraph(child)
            elif child.tag == w("tbl"):
                yield from self._table(child)
            elif child.tag == w("sectPr"):
                self._section(child)
            elif child.tag == _alternative("AlternateContent"):
                yield from self.paragraphs(_chosen(child))
            elif child.tag not in _PROPERTIES and isinstance(child.tag, str):
                yield from self.paragraphs(child)

    def _section(self, element: Element) -> None:
        columns = value(element, "cols", "num") or "1"
        if columns.isdigit() and len(columns) < 3:
            self.columns = max(self.columns, int(columns))

    def _table(self, table: Element) -> Iterator[Paragraph]:
        """Row by row: on one line where cells hold a paragraph each, else cell by cell."""
        wide = False
        for row in table.iter(w("tr")):
            if next(row.iterancestors(w("tbl"))) is not table:
                continue  # of a table within this one
            cells = [list(self.paragraphs(cell)) for cell in row if cell.tag in (w("tc"), w("sdt"))]
            full = [cell for cell in cells if cell]
            wide |= len(full) > 1
            if len(full) > 1 and all(len(cell) == 1 and not cell[0].boxed for cell in full):
                yield _joined([cell[0] for cell in full])
            else:
                yield from (paragraph for cell in full for paragraph in cell)
        self.tables += wide

    def _paragraph(self, element: Element) -> Iterator[Paragraph]:
        opened = _Open()
        self._inline(element, opened)
        properties = element.find(w("pPr"))
        if properties is not None:
            for section in properties.iterfind(w("sectPr")):
                self._section(section)
        yield from self._closed(opened, properties)
        for box in opened.boxes:
            yield from (paragraph._replace(boxed=True) for paragraph in self.paragraphs(box))

    def _closed(self, opened: _Open, properties: Element | None) -> Iterator[Paragraph]:
        style = self.styles[None if properties is None else value(properties, "pStyle")]
        item = None if properties is None else listed(properties)
        run = None if opened.run is None else opened.run.find(w("rPr"))
        bold = None if run is None else switched_on(run, "b")
        inserted = tuple(opened.inserted)
        lines = list(filter(None, map(normalise_line, "".join(opened.letters).split("\n"))))
        for index, line in enumerate(lines):
            marked = (style.listed if item is None else item) and index == 0 and not line.startswith(BULLET)
            yield Paragraph(
                f"{BULLET} {line}" if marked and not style.heading else line,
                (None if run is None else size_of(run)) or style.size,
                bool(style.bold if bold is None else bold),
                style.heading,
                float(self._empty) if index == 0 else 0.0,
                inserted=inserted if index == 0 else (),
            )
        self._empty = 0 if lines else self._empty + 1

    def _inline(self, element: Element, opened: _Open) -> None:
        for child in element:
            tag = child.tag
            if tag in _LETTERS:
                opened.letters.append(child.text or "")
                opened.run = element if opened.run is None else opened.run
            elif tag in _CHARACTERS:
                opened.letters.append(_CHARACTERS[tag])
            elif tag == w("sym"):
                opened.letters.append(_symbol(child))
            elif tag == _BOX:
                opened.boxes.append(child)
            elif tag not in _PROPERTIES and isinstance(tag, str):
                self._within(child, opened)

    def _within(self, element: Element, opened: _Open) -> None:
        """What holds runs: a run itself, a link, a field, and what tracked changes put around them."""
        if element.tag in (w("del"), w("moveFrom")):
            self._set_aside("deleted", element)
        elif element.tag == w("r") and _hidden(element):
            self._set_aside("hidden", element)
        elif element.tag in (w("ins"), w("moveTo")):
            before = len(opened.letters)
            self._inline(element, opened)
            text = normalise_line("".join(opened.letters[before:]))
            opened.inserted += [(element.get(w("author")), text)] if text else []
        else:
            self._inline(_chosen(element), opened)

    def _set_aside(self, kind: str, element: Element) -> None:
        text = plain(element)
        if text:
            author = element.get(w("author"))
            self.beside.append(Part.model_validate({"kind": kind, "text": text, "author": author}))


def plain(element: Element) -> str:
    """The letters of an element, whatever is around them."""
    return normalise_line("".join(each.text or "" for each in element.iter(*_LETTERS)))


def _alternative(name: str) -> str:
    return f"{{{COMPATIBILITY}}}{name}"


def _chosen(element: Element) -> Element:
    """The first of several ways to write the same (ECMA-376, part 3, 7.6): the others would repeat it."""
    if element.tag != _alternative("AlternateContent"):
        return element
    choice = element.find(_alternative("Choice"))
    return element if choice is None else choice


def _hidden(run: Element) -> bool:
    properties = run.find(w("rPr"))
    return properties is not None and bool(switched_on(properties, "vanish"))


def _symbol(element: Element) -> str:
    code = element.get(w("char"), "")
    try:
        return chr(int(code, 16))
    except (ValueError, OverflowError):
        return "\N{REPLACEMENT CHARACTER}"


def _joined(cells: Sequence[Paragraph]) -> Paragraph:
    inserted = tuple(each for cell in cells for each in cell.inserted)
    return cells[0]._replace(text="\t".join(cell.text for cell in cells), inserted=inserted)
