"""Which records are being written, and which were to their end; a killed training leaves one unfinished."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from filelock import BaseFileLock

COMPLETE = "complete"
"""A file beside a record that was written to its end."""


def hold(path: Path) -> BaseFileLock:
    """Mark a record as being written until the lock is released, or the process ends in whatever way."""
    from filelock import FileLock

    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path, thread_local=False)
    lock.acquire(timeout=0)
    return lock


def is_held(path: Path) -> bool:
    """Whether a process holds the lock."""
    from filelock import FileLock, Timeout

    if not path.exists():
        return False
    try:
        with FileLock(path, timeout=0):
            return False
    except Timeout:
        return True


def is_complete(folder: Path) -> bool:
    """Whether the record in a folder was written to its end."""
    return (folder / COMPLETE).exists()


def mark_complete(folder: Path) -> None:
    """Note that the record in a folder was written to its end."""
    (folder / COMPLETE).touch()
