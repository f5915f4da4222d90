"""The last look at a file before it is handed out: none of what was masked may be in it."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Collection, Iterator

from spanwise.errors import UserError
from spanwise.tasks.pii.folding import bare

SHORTEST = 6  # characters of a surface that cannot be there by chance
_STREAM = re.compile(rb"stream\r?\n(.*?)endstream", re.DOTALL)


def surfaces_in(data: bytes, surfaces: Collection[str]) -> set[str]:
    """Which surfaces stand anywhere in the bytes of a file: as text, inside its archive or its streams.

    Case and accents do not count.

    Args:
        data: A text, DOCX or PDF.
        surfaces: Of what was masked; those shorter than six characters are passed over.
    """
    texts = [bare(text) for text in _texts(data)]
    wanted = {surface: bare(surface) for surface in surfaces if len(surface.strip()) >= SHORTEST}
    return {surface for surface, plain in wanted.items() if any(plain in text for text in texts)}


def refuse_leaks(data: bytes, surfaces: Collection[str], kept: str) -> None:
    """Refuse a file that has a masked surface anywhere but in the text that stays.

    Args:
        data: The file.
        surfaces: Of what was masked.
        kept: The masked text: what it has by itself, a surface cannot leak.

    Raises:
        UserError: If there is one.
    """
    plain = bare(kept)
    found = [surface for surface in surfaces_in(data, surfaces) if bare(surface) not in plain]
    if found:
        reason = f"{len(found)} of its identifiers would still be in the file"
        raise UserError(reason, hint="Nothing was written. Use --format txt, and report the file's kind.")


def _texts(data: bytes) -> Iterator[str]:
    yield data.decode("utf-8", "replace")
    if data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for name in archive.namelist():
                content = archive.read(name).decode("utf-8", "replace")
                yield content
                yield re.sub(r"<[^>]*>", "", content)
    elif data.startswith(b"%PDF"):
        for match in _STREAM.finditer(data):
            for unpacked in _unpacked(match.group(1).strip()):
                yield unpacked.decode("latin-1")
                yield re.sub(r"\\([()\\])|\)[^()]*\(", r"\1", unpacked.decode("latin-1"))


def _unpacked(stream: bytes) -> Iterator[bytes]:
    import base64

    for packed in (stream, stream.removesuffix(b"~>")):
        try:
            raw = base64.a85decode(packed) if packed is not stream else packed
            yield zlib.decompress(raw)
        except (ValueError, zlib.error):
            continue
