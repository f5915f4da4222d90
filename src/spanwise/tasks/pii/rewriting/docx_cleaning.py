"""Everything in the XML of a DOCX that a reader does not see, or that shows a person beside the text."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
XML_SPACE = "{http://www.w3.org/XML/1998/namespace}space"

_DROPPED = {
    f"{W}del": "deleted text",
    f"{W}moveFrom": "deleted text",
    f"{W}commentRangeStart": "",
    f"{W}commentRangeEnd": "",
    f"{W}commentReference": "comments",
    f"{W}instrText": "field codes",
    f"{W}delInstrText": "field codes",
    f"{W}bookmarkStart": "",
    f"{W}bookmarkEnd": "",
    f"{W}sdtPr": "",
    f"{W}object": "embedded objects",
    f"{W}altChunk": "embedded objects",
    f"{W}smartTagPr": "",
    f"{W}proofErr": "",
    f"{W}permStart": "",
    f"{W}permEnd": "",
    f"{MC}Fallback": "",
}
"""Elements that go, with all that is in them, and what they are called where they are counted."""
_UNWRAPPED = {f"{W}{name}" for name in ("ins", "moveTo", "hyperlink", "fldSimple", "smartTag", "customXml")}
_PICTURES = ("blip", "imagedata", "pic", "chart", "relIds")
_SHOWN = {"name", "descr", "title", "alt", "id", "author", "initials", "date"}
_SETTINGS = {
    f"{W}{name}" for name in ("compat", "evenAndOddHeaders", "defaultTabStop", "characterSpacingControl")
}


def clean(root: Element) -> Counter[str]:
    """Remove comments, deleted and hidden text, field codes, links, pictures and names of authors.

    Inserted text stays. Pictures go at every level: a photograph shows a person.

    Returns:
        How many of each were removed.
    """
    counts: Counter[str] = Counter()
    for element in list(root.iter()):
        tag = element.tag
        if not isinstance(tag, str):  # XML comments and processing instructions
            _remove(element)
        elif tag in _DROPPED or tag.endswith(("PrChange", "tblGridChange")):
            counts[_DROPPED.get(tag, "")] += 1
            _remove(element)
        elif tag == f"{W}r" and _is_hidden(element):
            counts["hidden text"] += 1
            _remove(element)
        elif tag in (f"{W}drawing", f"{W}pict") and _has_picture(element):
            counts["pictures"] += 1
            _remove(element)
    _unwrap(root)
    _forget(root)
    del counts[""]
    return counts


def clean_settings(root: Element) -> None:
    """Keep what changes the look of a page; the rest names variables, templates and sessions."""
    for child in list(root):
        if child.tag not in _SETTINGS:
            root.remove(child)


def _is_hidden(run: Element) -> bool:
    vanish = run.find(f"{W}rPr/{W}vanish")
    return vanish is not None and vanish.get(f"{W}val", "true") not in ("0", "false", "off")


def _has_picture(drawing: Element) -> bool:
    tags = (child.tag for child in drawing.iter() if isinstance(child.tag, str))
    return any(tag.rpartition("}")[2] in _PICTURES for tag in tags)


def _unwrap(root: Element) -> None:
    """Put the children of wrappers in their place."""
    for element in list(root.iter(*_UNWRAPPED)):
        parent = element.getparent()
        if parent is None:
            continue
        place = parent.index(element)
        for child in list(element):
            parent.insert(place, child)
            place += 1
        parent.remove(element)


def _forget(root: Element) -> None:
    """Blank what shapes are called and who changed what; the numbers of notes stay."""
    for element in root.iter():
        tag = str(element.tag)
        shape = tag.endswith(("}docPr", "}cNvPr")) or tag.startswith("{urn:schemas-microsoft-com:vml}")
        for attribute in list(element.attrib):
            name = str(attribute).rpartition("}")[2]
            if name in ("author", "initials") or (shape and name in _SHOWN and name != "id"):
                element.set(attribute, "")


def _remove(element: Element) -> None:
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)
