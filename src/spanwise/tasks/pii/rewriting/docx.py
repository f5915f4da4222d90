"""A DOCX with other words: formatting stays, everything beside the text that could tell a person goes."""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from spanwise.errors import UserError
from spanwise.tasks.pii.masking import rewrite_part
from spanwise.tasks.pii.operators import Replacement
from spanwise.tasks.pii.rewriting.docx_cleaning import XML_SPACE, W, clean, clean_settings

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

_MAIN, _STYLES = "word/document.xml", "word/styles.xml"
_STYLE_USES = tuple(f"{W}{name}" for name in ("pStyle", "rStyle", "tblStyle", "basedOn", "next", "link"))
_TEXTS = (
    r"word/header\d*\.xml",
    re.escape(_MAIN),
    r"word/footnotes\.xml",
    r"word/endnotes\.xml",
    r"word/footer\d*\.xml",
)
_KEPT = (*_TEXTS, r"word/(?:styles|numbering|fontTable|settings)\.xml", r"word/theme/theme\d*\.xml")
_TYPES, _RELATIONS = "[Content_Types].xml", ".rels"
_BREAKS = {
    f"{W}tab": "\t",
    f"{W}br": "\n",
    f"{W}cr": "\n",
    f"{W}noBreakHyphen": "-",
    f"{W}softHyphen": "",
    f"{W}ptab": "\t",
}
_EPOCH = (1980, 1, 1, 0, 0, 0)


@dataclass
class DocxText:
    """A DOCX, cleaned, and its words.

    Attributes:
        text: Of headers, body, notes and footers, a paragraph a line.
        removed: How much was taken out, by what it was.
    """

    text: str = ""
    removed: Counter[str] = field(default_factory=Counter)
    _parts: dict[str, Element] = field(default_factory=dict)
    _nodes: list[tuple[Element, int, int]] = field(default_factory=list)


def open_docx(data: bytes) -> DocxText:
    """Read the parts that stay, and clean them.

    Args:
        data: Of a file that was read within limits before: archives are not checked for bombs here.

    Raises:
        UserError: If it is no DOCX.
    """
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    document = DocxText()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = sorted(name for name in archive.namelist() if _stays(name))
            for name in names:
                document._parts[name] = etree.fromstring(archive.read(name), parser)
    except (zipfile.BadZipFile, etree.XMLSyntaxError, OSError, RuntimeError):
        raise UserError("is no DOCX that can be read") from None
    if _MAIN not in document._parts:
        raise UserError("is no DOCX: there is no document in it")
    _collect(document)
    return document


def write_docx(document: DocxText, replacements: Sequence[Replacement]) -> bytes:
    """The document with its words replaced, as a file; the same bytes every time.

    Args:
        document: As it was opened; it is changed.
        replacements: Of its text, in order.
    """
    from lxml import etree

    for node, start, end in document._nodes:
        part = rewrite_part(document.text, replacements, start, end)
        if node.tag == f"{W}t":
            node.text = part
            node.set(XML_SPACE, "preserve")
        elif not part and end > start:
            node.getparent().remove(node)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, root in sorted(document._parts.items(), key=lambda item: (item[0] != _TYPES, item[0])):
            info = zipfile.ZipInfo(name, _EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(
                info, etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
            )
    return buffer.getvalue()


def _stays(name: str) -> bool:
    return name == _TYPES or name.endswith(_RELATIONS) or any(re.fullmatch(kept, name) for kept in _KEPT)


def _collect(document: DocxText) -> None:
    """Clean every part, and read the words of those that have some."""
    parts = document._parts
    for name, root in parts.items():
        document.removed += _clean_part(name, root)
    _rename_styles(parts)
    for name in [name for name in parts if name.endswith(_RELATIONS)]:
        _keep_relations(name, parts)
    _keep_types(parts)
    lines: list[str] = []
    place = 0
    for pattern in _TEXTS:
        for name in sorted(name for name in parts if re.fullmatch(pattern, name)):
            for paragraph in parts[name].iter(f"{W}p"):
                line = _paragraph(document, paragraph, place)
                lines.append(line)
                place += len(line) + 1
    document.text = "\n".join(lines)


def _clean_part(name: str, root: Element) -> Counter[str]:
    """Clean one part; what was removed from it."""
    if any(re.fullmatch(pattern, name) for pattern in _TEXTS):
        return clean(root)
    if name == "word/settings.xml":
        clean_settings(root)
    return Counter()


def _paragraph(document: DocxText, paragraph: Element, place: int) -> str:
    """The words of a paragraph, without those of text boxes in it, which are paragraphs of their own."""
    words = ""
    for node in paragraph.iter(f"{W}t", *_BREAKS):
        if next(node.iterancestors(f"{W}p")) is not paragraph or node.getparent().tag != f"{W}r":
            continue
        text = (node.text or "") if node.tag == f"{W}t" else _BREAKS[str(node.tag)]
        document._nodes.append((node, place + len(words), place + len(words) + len(text)))
        words += text
    return words


def _keep_relations(name: str, parts: dict[str, Element]) -> None:
    """Relations to parts that stay; what points out of the file is an address."""
    folder = posixpath.dirname(posixpath.dirname(name))
    root: Element = parts[name]
    for relation in list(root):
        target = relation.get("Target", "")
        path = (
            target.lstrip("/")
            if target.startswith("/")
            else posixpath.normpath(posixpath.join(folder, target))
        )
        if relation.get("TargetMode") == "External" or path not in parts:
            root.remove(relation)
    owner = posixpath.join(folder, posixpath.basename(name).removesuffix(_RELATIONS))
    if len(root) == 0 or (owner != folder and name != "_rels/.rels" and owner not in parts):
        del parts[name]


def _keep_types(parts: dict[str, Element]) -> None:
    root: Element = parts[_TYPES]
    for child in list(root):
        name = child.get("PartName", "").lstrip("/")
        extension = child.get("Extension", "")
        if (name and name not in parts) or (extension and extension not in ("rels", "xml")):
            root.remove(child)


def _rename_styles(parts: dict[str, Element]) -> None:
    """Styles that a person made may bear a name of that person's choice: number them."""
    names: dict[str, str] = {}
    for number, style in enumerate(parts[_STYLES].iter(f"{W}style") if _STYLES in parts else (), start=1):
        if style.get(f"{W}customStyle") in ("1", "true"):
            names[style.get(f"{W}styleId", "")] = f"Style{number}"
            style.set(f"{W}styleId", f"Style{number}")
            style.find(f"{W}name").set(f"{W}val", f"Style {number}")
        for child in (style.find(f"{W}aliases"), style.find(f"{W}rsid")):
            if child is not None:
                style.remove(child)
    for root in parts.values():
        for element in root.iter(*_STYLE_USES):
            named = element.get(f"{W}val", "")
            element.set(f"{W}val", names.get(named, named))
