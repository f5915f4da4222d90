"""DOCX files: every part of the package that holds words, in the order of reading.

After ECMA-376, part 1 (WordprocessingML). `python-docx` gives the paragraphs of the body alone, and unpacks
whatever the package holds; this reads the XML itself, by lxml without entities, network or deep trees.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Iterator
from typing import TYPE_CHECKING

from spanwise.documents.document import Kind, Layout, Limits, Part, ReadDocument
from spanwise.documents.docx_body import Walk, plain
from spanwise.documents.docx_names import PACKAGE, RELATIONS, parse, w
from spanwise.documents.docx_styles import Styles
from spanwise.documents.docx_text import Text
from spanwise.documents.failure import Unreadable
from spanwise.documents.inflation import open_archive, read_member
from spanwise.documents.sniffing import MAIN

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

CORE, APP = "docProps/core.xml", "docProps/app.xml"
_IMAGE = re.compile(r"word/media/[^/]+\.(?:png|jpe?g|gif|bmp|tiff?|webp)", re.IGNORECASE)


def read_docx(data: bytes, limits: Limits) -> ReadDocument:
    """The text of a DOCX.

    Raises:
        Unreadable: If it is damaged or too large, needs a password or has no text.
    """
    with open_archive(data, limits) as archive:
        package = _Package(archive, limits)
        main = package.xml(MAIN)
        if main is None:
            raise Unreadable("corrupt", "has no text part")
        walk, text = Walk(Styles(package.xml("word/styles.xml"))), Text(limits.characters)
        for kind, root in _in_order(package, main):
            text.add(kind, walk.paragraphs(root))
        beside = [*walk.beside, *_comments(package)]
        return _record(package, walk, text, beside)


class _Package:
    """The parts of a package, unpacked one by one as far as they may."""

    def __init__(self, archive: zipfile.ZipFile, limits: Limits) -> None:
        self.archive, self.limits = archive, limits
        self.left = limits.inflated_bytes

    def xml(self, name: str) -> Element | None:
        """A part as a tree, None where there is none."""
        content = read_member(self.archive, name, self.limits)
        if content is None:
            return None
        self.left -= len(content)
        if self.left < 0:
            raise Unreadable("too_large", "its parts together unpack to more than they may")
        return parse(content)

    def relations(self, name: str) -> Iterator[tuple[str, str, str, str]]:
        """What a part refers to: id, type, target, and mode, `External` for what is not in the package."""
        folder, base = posixpath.split(name)
        root = self.xml(f"{folder}/_rels/{base}.rels")
        for each in () if root is None else root.iter(f"{{{RELATIONS}}}Relationship"):
            target = each.get("Target", "")
            external = each.get("TargetMode", "")
            if external != "External":
                target = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
            yield each.get("Id", ""), each.get("Type", "").rsplit("/", 1)[-1], target, external

    def related(self, name: str, kind: str) -> Iterator[Element]:
        """The parts of one type that a part refers to, in the order of their names."""
        targets = {target for _, type_, target, mode in self.relations(name) if type_ == kind and not mode}
        for target in sorted(targets):
            root = self.xml(target)
            if root is not None:
                yield root


def _in_order(package: _Package, main: Element) -> Iterator[tuple[Kind, Element]]:
    """Headers, body, footnotes and endnotes, footers: what is repeated on pages once."""
    for root in package.related(MAIN, "header"):
        yield "header", root
    body = main.find(w("body"))
    if body is None:
        raise Unreadable("corrupt", "has no text part")
    yield "body", body
    for kind in ("footnotes", "endnotes"):
        for root in package.related(MAIN, kind):
            yield "footnote", root
    for root in package.related(MAIN, "footer"):
        yield "footer", root


def _comments(package: _Package) -> Iterator[Part]:
    for root in package.related(MAIN, "comments"):
        for each in root.iter(w("comment")):
            text = "\n".join(filter(None, map(plain, each.iter(w("p")))))
            if text:
                yield Part(kind="comment", text=text, author=each.get(w("author")))


def _record(package: _Package, walk: Walk, written: Text, beside: list[Part]) -> ReadDocument:
    text = str(written)
    names = package.archive.namelist()
    images = sum(bool(_IMAGE.fullmatch(name)) for name in names)
    if not text.strip():
        raise Unreadable("no_text_layer", "holds images and no text" if images else "holds no text")
    layout: Layout = "columns" if walk.columns > 1 else "table" if walk.tables else "single"
    return ReadDocument(
        status="ok",
        text=text,
        lines=tuple(written.lines),
        parts=(*written.parts, *beside),
        pages=_pages(package),
        layout=layout,
        columns=walk.columns,
        metadata=_metadata(package),
        links=tuple(dict.fromkeys(_links(package, names))),
        images=images,
    )


def _links(package: _Package, names: list[str]) -> Iterator[str]:
    for name in names:
        if name.startswith("word/") and name.endswith(".xml") and name.count("/") == 1:
            for _, type_, target, mode in package.relations(name):
                if type_ == "hyperlink" and mode:
                    yield target


def _metadata(package: _Package) -> dict[str, str]:
    """What the package says of itself, and the company that Word adds."""
    found = {}
    for part, wanted in ((CORE, None), (APP, ("Company", "Manager"))):
        root = package.xml(part)
        for each in () if root is None else root:
            name = each.tag.rsplit("}", 1)[-1] if isinstance(each.tag, str) else ""
            if each.text and name and (wanted is None or name in wanted):
                found[name] = each.text.strip()
    return found


def _pages(package: _Package) -> int | None:
    root = package.xml(APP)
    pages = None if root is None else root.findtext(f"{{{PACKAGE}}}Pages")
    return int(pages) if pages and pages.isascii() and pages.isdigit() and len(pages) < 6 else None
