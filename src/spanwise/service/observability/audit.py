"""Who had something anonymised, when, at which level and by which version: nothing of what it was."""

from __future__ import annotations

import json
import os
import re
from datetime import UTC, datetime
from pathlib import Path

from spanwise.errors import UserError

LARGEST = 16 * 1024 * 1024
WAIT = 10  # seconds for another process

_WORD = re.compile(r"[A-Za-z0-9_.:@+-]{1,128}")


class Audit:
    """JSON lines that are only ever appended to, by any number of processes.

    A file that has grown to `largest` bytes is put aside as `<name>.000001` and so on. None is ever deleted:
    how long they are kept is for whoever runs the service to say.

    Args:
        path: The file; a new one is its owner's alone.
        largest: Bytes.
    """

    def __init__(self, path: Path, *, largest: int = LARGEST) -> None:
        self._path, self._largest = path, largest

    def record(
        self, *, request: str, key: str | None, level: str, version: str, now: datetime | None = None
    ) -> None:
        """Add a line: time, request id, name of the API key, level and version.

        Raises:
            ValueError: If one of them is not a single word, as a text would be.
            UserError: If the file cannot be written, or another process holds it.
        """
        fields = {"request": request, "key": key, "level": level, "version": version}
        for name, value in fields.items():
            if value is not None and not _WORD.fullmatch(value):
                raise ValueError(f"{name} is no word")
        time = (now or datetime.now(UTC)).astimezone(UTC).isoformat(timespec="milliseconds")
        self._append((json.dumps({"time": time, **fields}) + "\n").encode())

    def _append(self, line: bytes) -> None:
        from filelock import FileLock, Timeout

        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(f"{self._path}.lock", timeout=WAIT):
                self._rotate(len(line))
                _write(self._path, line)
        except Timeout:
            raise UserError("another process holds it", path=self._path) from None
        except OSError as error:
            raise UserError(f"cannot be written: {error.strerror}", path=self._path) from None

    def _rotate(self, more: int) -> None:
        """Put the file aside if it would grow too large."""
        if not self._path.exists() or self._path.stat().st_size + more <= self._largest:
            return
        aside = [int(each.suffix[1:]) for each in self._path.parent.glob(f"{self._path.name}.[0-9]*")]
        self._path.rename(f"{self._path}.{max(aside, default=0) + 1:06d}")


def _write(path: Path, line: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        size = os.fstat(handle).st_size
        if os.write(handle, line) != len(line):
            os.ftruncate(handle, size)
            raise UserError("no room for another line", path=path)
    finally:
        os.close(handle)
