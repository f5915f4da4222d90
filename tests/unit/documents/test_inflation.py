"""Bombs are found by unpacking them no further than a limit."""

from __future__ import annotations

import zipfile
import zlib
from io import BytesIO

import pytest

from spanwise.documents.document import LIMITS, MB, Limits
from spanwise.documents.failure import Unreadable
from spanwise.documents.inflation import check_streams, open_archive, read_member
from tests.paperwork import (
    PROSE,
    column,
    docx,
    double_flate_bomb,
    one_page,
    paragraph,
    pdf,
    wrapped,
    zip_bomb,
)


def test_honest_files_pass() -> None:
    check_streams(pdf(column(wrapped(PROSE, 60))), LIMITS)


def test_a_stream_packed_twice_is_unpacked_twice() -> None:
    with pytest.raises(Unreadable, match="a stream unpacks to more than 64 MB"):
        check_streams(double_flate_bomb(70), LIMITS)


def test_streams_are_counted_together() -> None:
    packed = zlib.compress(b" " * 50_000)
    stream = b"1 0 obj << /Filter /FlateDecode >> stream\n" + packed + b"\nendstream endobj\n"
    check_streams(stream * 4, Limits(inflated_bytes=50_000))
    with pytest.raises(Unreadable, match="unpacks to more"):
        check_streams(stream * 7, Limits(inflated_bytes=50_000))
    with pytest.raises(Unreadable, match="a stream"):
        check_streams(stream, Limits(inflated_bytes=49_999))


def test_images_and_damaged_streams_are_left_to_the_reader() -> None:
    bomb = zlib.compress(b" " * 2_000)
    small = Limits(inflated_bytes=1_000)
    check_streams(b"1 0 obj << /Subtype /Image /Filter /FlateDecode >> stream\n" + bomb, small)
    check_streams(one_page(b"not packed at all", b"/Filter /FlateDecode"), small)
    check_streams(one_page(b" " * 2_000, b""), small)


def test_members_are_unpacked_up_to_the_limits() -> None:
    with open_archive(docx(paragraph("x"), {"a": "b" * 3 * MB}), LIMITS) as archive:
        assert read_member(archive, "none", LIMITS) is None
        with pytest.raises(Unreadable, match="more than 1 MB"):
            read_member(archive, "a", LIMITS)
        assert read_member(archive, "a", Limits(ratio=10_000)) == b"b" * 3 * MB
    with open_archive(zip_bomb(80), LIMITS) as archive, pytest.raises(Unreadable, match="more than"):
        read_member(archive, "word/document.xml", LIMITS)


def test_members_with_a_password_or_damage_are_refused() -> None:
    data = bytearray(docx(paragraph("x")))
    with open_archive(bytes(data), LIMITS) as archive:
        archive.getinfo("word/document.xml").flag_bits |= 1
        with pytest.raises(Unreadable) as caught:
            read_member(archive, "word/document.xml", LIMITS)
    assert caught.value.status == "encrypted"
    data[60:80] = b"\xff" * 20
    with open_archive(bytes(data), LIMITS) as archive, pytest.raises(Unreadable, match="damaged archive"):
        read_member(archive, "word/document.xml", LIMITS)


def test_what_is_no_archive_is_damaged() -> None:
    with pytest.raises(Unreadable, match="damaged"):
        open_archive(b"PK no", LIMITS)
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for number in range(3):
            archive.writestr(str(number), "")
    with pytest.raises(Unreadable, match="more than 2 files"):
        open_archive(buffer.getvalue(), Limits(members=2))
