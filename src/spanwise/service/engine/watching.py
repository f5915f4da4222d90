"""Tells when a file has changed, by asking; what pushes its changes does not reach every file system."""

from __future__ import annotations

import hashlib
from pathlib import Path


class Watched:
    """A small file.

    Args:
        path: Of it; it may be missing for a while.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._status: tuple[int, ...] | None = None
        self._digest = b""
        self.changed()

    def changed(self) -> bool:
        """Whether it holds something else than when this was asked last."""
        # The status of before it is read: what is written meanwhile is seen next time.
        status = self._look()
        if status is not None and status == self._status:
            return False
        digest = self._read()
        before, self._digest = self._digest, digest
        self._status = status if digest else None
        return digest != before

    def _look(self) -> tuple[int, ...] | None:
        try:
            status = self._path.stat()
        except OSError:
            return None
        return (status.st_mtime_ns, status.st_size, status.st_ino)

    def _read(self) -> bytes:
        """Its digest; nothing where it is missing."""
        try:
            return hashlib.sha256(self._path.read_bytes()).digest()
        except OSError:
            return b""
