"""Formats by first bytes, whatever the name."""

from __future__ import annotations

import pytest

from spanwise.documents.document import LIMITS, Limits
from spanwise.documents.sniffing import sniff, utf16_of
from tests.paperwork import docx, paragraph

OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED = OLE2 + b"\x00" * 512 + "EncryptedPackage".encode("utf-16-le")


@pytest.mark.parametrize(
    ("data", "format", "status"),
    [
        (b"junk before\n%PDF-1.4", "pdf", None),
        (docx(paragraph("x")), "docx", None),
        (b"Ana Torres\nEngineer\t2019\r\n", "txt", None),
        ("Ana".encode("utf-16"), "txt", None),
        ("Ana Torres".encode("utf-16-le"), "txt", None),
        (ENCRYPTED, "docx", "encrypted"),
        (OLE2 + b"WordDocument", None, "unsupported"),
        (b"{\\rtf1 Ana}", None, "unsupported"),
        (b"\xff\xd8\xff\xe0", None, "unsupported"),
        (b"PK\x03\x04 and no more", "docx", "corrupt"),
        (
            docx("", {"word/document.xml": "x"}).replace(b"word/document.xml", b"xl/workbook12.xml"),
            None,
            "unsupported",
        ),
        (bytes(range(256)) * 9, None, "unsupported"),
        (b"\x00" * 100, None, "unsupported"),
        (b"   \n", None, "corrupt"),
    ],
)
def test_formats_are_told_by_content(data: bytes, format: str | None, status: str | None) -> None:
    found = sniff(data, LIMITS)
    assert found.format == format
    assert (found.failure and found.failure.status) == status


def test_archives_of_many_files_are_not_opened() -> None:
    found = sniff(docx(paragraph("x"), {"a": "b"}), Limits(members=1))
    assert found.failure is not None
    assert (found.format, found.failure.status) == ("docx", "too_large")


def test_byte_orders_are_told_by_zeros() -> None:
    assert utf16_of("Ana Torres".encode("utf-16-le")) == "utf-16-le"
    assert utf16_of("Ana Torres".encode("utf-16-be")) == "utf-16-be"
    assert utf16_of(b"Ana Torres") is None
