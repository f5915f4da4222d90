"""What styles of a DOCX say of letters, headings and lists."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from spanwise.documents.docx_names import switched_on, value, w

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

_HEADING = re.compile(r"(?:heading|title|überschrift|titre|titolo|título)\s*(\d)?", re.IGNORECASE)


class Style(NamedTuple):
    """What a style says of letters and headings; None is what it leaves to the one it is based on."""

    size: float | None = None
    bold: bool | None = None
    heading: int | None = None
    listed: bool | None = None


class Styles:
    """The styles of a document by their ids.

    Args:
        root: The part of styles, if there is one.
    """

    def __init__(self, root: Element | None) -> None:
        elements = [] if root is None else list(root.iter(w("style")))
        self._elements = {each.get(w("styleId")): each for each in elements}
        self._known: dict[str, Style] = {}
        defaults = None if root is None else root.find(f"{w('docDefaults')}/{w('rPrDefault')}/{w('rPr')}")
        self._default = Style() if defaults is None else Style(size_of(defaults))

    def __getitem__(self, name: str | None) -> Style:
        if name is None or name not in self._elements:
            return self._default
        if name not in self._known:
            self._known[name] = self._default  # a style that is based on itself ends here
            self._known[name] = self._read(self._elements[name])
        return self._known[name]

    def _read(self, element: Element) -> Style:
        base = self[value(element, "basedOn")]
        letters, paragraph = element.find(w("rPr")), element.find(w("pPr"))
        own = Style() if letters is None else Style(size_of(letters), switched_on(letters, "b"))
        level = None if paragraph is None else value(paragraph, "outlineLvl")
        named = _HEADING.fullmatch(value(element, "name") or "")
        heading = int(level) + 1 if level and level.isdigit() else int(named[1] or 1) if named else None
        item = None if paragraph is None else listed(paragraph)
        mine = Style(own.size, own.bold, heading, item)
        inherited = {name: value for name, value in base._asdict().items() if getattr(mine, name) is None}
        return mine._replace(**inherited)


def size_of(letters: Element) -> float | None:
    """The size that properties of a run give, in points."""
    half_points = value(letters, "sz")
    return int(half_points) / 2 if half_points and half_points.isdigit() and len(half_points) < 5 else None


def listed(paragraph: Element) -> bool | None:
    """Whether properties of a paragraph make it an item of a list, None where they say nothing."""
    numbering = paragraph.find(w("numPr"))
    return None if numbering is None else value(numbering, "numId") != "0"
