"""What a file is by its first bytes: names and declared types say what someone wished."""

from __future__ import annotations

import zipfile
from io import BytesIO
from typing import NamedTuple

from spanwise.documents.document import Format, Limits
from spanwise.documents.failure import Unreadable

HEAD = 1024  # bytes in which %PDF- stands (ISO 32000-2, annex I)
MAIN = "word/document.xml"
_OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")
_BOMS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_KNOWN = {
    b"{\\rtf": "RTF",
    b"\x89PNG": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
    b"GIF8": "a GIF image",
    b"II*\x00": "a TIFF image",
    b"MM\x00*": "a TIFF image",
    b"7z\xbc\xaf": "a 7z archive",
    b"Rar!": "a RAR archive",
    b"\x1f\x8b": "a gzip archive",
    b"%!PS": "PostScript",
}


class Sniffed(NamedTuple):
    """The format, if it is one that can be read, and why there is none."""

    format: Format | None
    failure: Unreadable | None = None


def sniff(data: bytes, limits: Limits) -> Sniffed:
    """The format of a file.

    Args:
        data: All of it.
        limits: Of an archive, how many members it may have.
    """
    if not data.strip():
        return Sniffed(None, Unreadable("corrupt", "is empty"))
    if b"%PDF-" in data[:HEAD]:
        return Sniffed("pdf")
    if data.startswith(b"PK"):
        return _archive(data, limits)
    known = _other(data)
    if known is not None:
        return known
    if looks_like_text(data):
        return Sniffed("txt")
    return Sniffed(None, Unreadable("unsupported", "is neither PDF, DOCX nor text"))


def _other(data: bytes) -> Sniffed | None:
    """What is known by its signature and cannot be read."""
    if data.startswith(_OLE2):
        if _ENCRYPTED_PACKAGE in data:
            return Sniffed("docx", Unreadable("encrypted", "needs a password"))
        return Sniffed(None, Unreadable("unsupported", "is a file of old Office programs"))
    for signature, name in _KNOWN.items():
        if data.startswith(signature):
            return Sniffed(None, Unreadable("unsupported", f"is {name}"))
    return None


def _archive(data: bytes, limits: Limits) -> Sniffed:
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, ValueError, OverflowError, NotImplementedError):
        return Sniffed("docx", Unreadable("corrupt", "is a damaged archive"))
    if len(names) > limits.members:
        reason = f"an archive of {len(names):,} files, of {limits.members:,} at most"
        return Sniffed("docx" if MAIN in names else None, Unreadable("too_large", reason))
    if MAIN not in names:
        return Sniffed(None, Unreadable("unsupported", "is an archive, and no DOCX"))
    return Sniffed("docx")


def looks_like_text(data: bytes) -> bool:
    """Whether bytes are text: a byte order mark, UTF-16 without one, or no control characters."""
    if data.startswith(_BOMS):
        return True
    head = data[: 64 * 1024]
    if head.count(0) > 0.2 * len(head):
        return utf16_of(data) is not None
    controls = sum(byte < 32 and byte not in b"\t\n\r\f\x1b\x1a\x0b" for byte in head)
    return controls <= 0.001 * len(head)


def utf16_of(data: bytes) -> str | None:
    """The byte order of UTF-16 without a mark, where nearly every other byte is zero."""
    head = data[: 64 * 1024]
    half = max(1, len(head) // 2)
    even, odd = head[::2].count(0) / half, head[1::2].count(0) / half
    if odd > 0.7 and even < 0.1:
        return "utf-16-le"
    return "utf-16-be" if even > 0.7 and odd < 0.1 else None
