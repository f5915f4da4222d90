"""Names of WordprocessingML, and its XML parsed as an enemy wrote it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spanwise.documents.failure import Unreadable

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"
COMPATIBILITY = "http://schemas.openxmlformats.org/markup-compatibility/2006"
STRICT = {
    b"http://purl.oclc.org/ooxml/wordprocessingml/main": W.encode(),
    b"http://purl.oclc.org/ooxml/officeDocument/extendedProperties": PACKAGE.encode(),
}
"""Names of the strict variant (ECMA-376, part 1, annex A), and of the usual one."""


def w(name: str) -> str:
    """A name of WordprocessingML as lxml writes it."""
    return f"{{{W}}}{name}"


def value(element: Element, child: str, attribute: str = "val") -> str | None:
    """An attribute of a child, None where either is missing; a child without `val` switches on."""
    found = element.find(w(child))
    if found is None:
        return None
    return str(found.get(w(attribute), "1" if attribute == "val" else ""))


def switched_on(element: Element, child: str) -> bool | None:
    """A switch (ECMA-376, 17.17.4), None where it is not set."""
    setting = value(element, child)
    return None if setting is None else setting not in ("0", "false", "off", "none")


def parse(content: bytes) -> Element:
    """The tree of an XML part.

    Raises:
        Unreadable: If it declares entities, which no Office program writes, or is damaged or nested too deep.
    """
    from lxml import etree

    if b"<!DOCTYPE" in content or "<!DOCTYPE".encode("utf-16-le") in content:
        raise Unreadable("corrupt", "declares entities, as no Office program does")
    for strict, usual in STRICT.items():
        content = content.replace(strict, usual)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True
    )
    try:
        return etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        deep = "depth" in str(error).lower()
        raise Unreadable("corrupt", "is nested too deep" if deep else "holds damaged XML") from None
