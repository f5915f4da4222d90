"""The store: a JSON lines file that is only ever appended to.

It holds the texts that were judged, so it is as confidential as they are; a new one is its owner's alone.
"""

from __future__ import annotations

import os
from pathlib import Path

from spanwise.errors import UserError
from spanwise.feedback.records import Entry, Feedback, Review, Standing, Verdict
from spanwise.io import read_jsonl

WAIT = 60  # seconds for another process


def append(store: Path, entry: Feedback | Review) -> None:
    """Add an entry to the store, in one write behind all others, while no other process does.

    Raises:
        UserError: If the store ends inside a line, filelock is not installed, or it is locked for a minute.
    """
    try:
        from filelock import FileLock, Timeout
    except ImportError:
        raise UserError("feedback takes filelock", hint="pip install 'spanwise[instruct]'") from None
    store.parent.mkdir(parents=True, exist_ok=True)
    line = (entry.model_dump_json(exclude_none=True) + "\n").encode()
    try:
        with FileLock(f"{store}.lock", timeout=WAIT):
            _write(store, line)
    except Timeout:
        raise UserError("another process holds it", path=store) from None


def _write(store: Path, line: bytes) -> None:
    handle = os.open(store, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        size = os.fstat(handle).st_size
        if size and os.pread(handle, 1, size - 1) != b"\n":
            hint = "Its last line was cut off, as by a full disk: end or delete that line first."
            raise UserError("ends inside a line", path=store, hint=hint)
        if os.write(handle, line) != len(line):
            os.ftruncate(handle, size)
            raise UserError("no room for another entry", path=store)
        os.fsync(handle)
    finally:
        os.close(handle)


def read_store(store: Path) -> list[Standing]:
    """All feedback in the order given, each with the last verdict on it.

    Raises:
        UserError: If the store is missing or a line malformed, or a review is of feedback that is not there.
    """
    found: dict[str, Feedback] = {}
    verdicts: dict[str, Verdict] = {}
    for number, entry in enumerate(read_jsonl(store, Entry), start=1):
        if isinstance(entry.root, Feedback):
            found[entry.root.id] = entry.root
        elif entry.root.feedback in found:
            verdicts[entry.root.feedback] = entry.root.verdict
        else:
            raise UserError(f"entry {number} reviews feedback that is not there", path=store)
    return [Standing(feedback, verdicts.get(name)) for name, feedback in found.items()]
