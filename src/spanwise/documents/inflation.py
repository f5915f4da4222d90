"""What is packed in a file, unpacked no further than a limit: a look before a reader unpacks it whole."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from io import BytesIO

from spanwise.documents.document import Limits
from spanwise.documents.failure import Unreadable

CHUNK = 64 * 1024
NESTED = 4  # filters one upon another that are followed
_STREAM = re.compile(rb"stream\r?\n")
_FLATE = re.compile(rb"/(?:FlateDecode|Fl)\b")
DICTIONARY = 2_000  # bytes before a stream in which its filters stand


def check_streams(data: bytes, limits: Limits) -> None:
    """Refuse a PDF with a stream that unpacks to more than the limit.

    It is no parser: what it cannot unpack it leaves to those that can, in a process with a limit of its own.

    Raises:
        Unreadable: If there is one, or several together reach four times the limit.
    """
    total = 0
    for start, filters in _streams(data):
        total += _inflated(data[start:], filters, limits.inflated_bytes)
        if total > 4 * limits.inflated_bytes:
            raise Unreadable("too_large", "unpacks to more than it may")


def _streams(data: bytes) -> Iterator[tuple[int, int]]:
    """Where each packed stream begins, and how often it is packed."""
    for found in _STREAM.finditer(data):
        head = data[max(0, found.start() - DICTIONARY) : found.start()]
        dictionary = head[head.rfind(b" obj") + 1 :]
        filters = len(_FLATE.findall(dictionary))
        if filters and b"/Image" not in dictionary:
            yield found.end(), min(filters, NESTED)


def _inflated(packed: bytes, filters: int, limit: int) -> int:
    """Bytes after the last filter.

    Raises:
        Unreadable: If they are more than the limit.
    """
    pieces: Iterator[bytes] = (packed[at : at + CHUNK] for at in range(0, len(packed), CHUNK))
    for _ in range(filters):
        pieces = _unpacked(pieces)
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > limit:
            raise Unreadable("too_large", f"a stream unpacks to more than {limit // (1024 * 1024)} MB")
    return size


def _unpacked(pieces: Iterator[bytes]) -> Iterator[bytes]:
    inflater = zlib.decompressobj()
    for piece in pieces:
        rest = piece
        while rest and not inflater.eof:
            try:
                yield inflater.decompress(rest, CHUNK)
            except zlib.error:
                return
            rest = inflater.unconsumed_tail
        if inflater.eof:
            return


def read_member(archive: zipfile.ZipFile, name: str, limits: Limits) -> bytes | None:
    """A file of an archive, None where there is no such one.

    Raises:
        Unreadable: If it is too large or damaged; what the archive says of sizes is not believed.
    """
    try:
        entry = archive.getinfo(name)
    except KeyError:
        return None
    if entry.flag_bits & 1:
        raise Unreadable("encrypted", "needs a password")
    most = min(limits.inflated_bytes, max(limits.ratio * entry.compress_size, 1024 * 1024))
    try:
        with archive.open(entry) as member:
            content = member.read(most + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError):
        raise Unreadable("corrupt", "is a damaged archive") from None
    if len(content) > most:
        raise Unreadable("too_large", f"a part of it unpacks to more than {most // (1024 * 1024)} MB")
    return content


def open_archive(data: bytes, limits: Limits) -> zipfile.ZipFile:
    """An archive whose files together are as large as they may.

    Raises:
        Unreadable: If it is damaged or too large.
    """
    try:
        archive = zipfile.ZipFile(BytesIO(data))
    except (zipfile.BadZipFile, ValueError):
        raise Unreadable("corrupt", "is a damaged archive") from None
    if len(archive.infolist()) > limits.members:
        raise Unreadable("too_large", f"an archive of more than {limits.members:,} files")
    return archive
