"""What a run has done so far, on disk, so that the next one goes on from there.

Beside an output `FILE` stand, until all is done: `FILE.part`, its lines; `FILE.errors.part`, its failures;
`FILE.journal`, whose first line says what is made from what and each further line how far it has come. A
chunk counts once its line is on the disk, which is after what was written for it: what a killed run left
behind the last such line is cut off.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import JsonValue, ValidationError

from spanwise.errors import UserError
from spanwise.schema import Record

VERSION = 1

RESTART = "Run with what it was begun with, or begin anew with --restart."


class Header(Record):
    """What a run is: only one of the same header may go on with it.

    Attributes:
        format: The version of the journal.
        spanwise: That of the program.
        model: The digest of the model.
        inputs: That of `inputs.Survey`; None where they cannot be read again.
        settings: All else that the output depends on.
    """

    format: int = VERSION
    spanwise: str
    model: str
    inputs: str | None
    settings: dict[str, JsonValue]


class Progress(Record):
    """How far a run has come.

    Attributes:
        items: Documents that were read, with failures.
        failures: Those that nothing was found for.
        entities: What was found.
        characters: Of the documents that it was found in.
        left_out: Entities that the format cannot express.
        bytes: What belongs to them of `FILE.part`.
        error_bytes: The same of `FILE.errors.part`.
        complete: Whether there are no more.
    """

    items: int = 0
    failures: int = 0
    entities: int = 0
    characters: int = 0
    left_out: int = 0
    bytes: int = 0
    error_bytes: int = 0
    complete: bool = False

    def summary(self, *, seconds: float, before: int) -> str:
        """What was done, for people.

        Args:
            seconds: How long the last run took.
            before: The items that earlier ones did.
        """
        rate = (self.items - before) / max(seconds, 1e-9)
        parts = [
            f"{self.items - self.failures:,} documents",
            f"{self.entities:,} entities",
            f"{self.characters:,} characters",
            f"{self.failures:,} failures",
        ]
        if self.left_out:
            parts.append(f"{self.left_out:,} entities left out, which overlap others")
        if before:
            parts.append(f"{before:,} done before")
        return f"{', '.join(parts)}: {seconds:.1f} s, {rate:,.1f} documents/s"


@dataclass(frozen=True)
class Files:
    """The files of a run with the output `output`."""

    output: Path

    @property
    def part(self) -> Path:
        """What is written so far."""
        return self._beside(".part")

    @property
    def journal(self) -> Path:
        """How far that is right."""
        return self._beside(".journal")

    @property
    def errors_part(self) -> Path:
        """The failures so far."""
        return self._beside(".errors.part")

    @property
    def errors(self) -> Path:
        """All failures, of a run that is done; it does not exist if there were none."""
        return self._beside(".errors.jsonl")

    @property
    def lock(self) -> Path:
        """Held by the process that writes the others."""
        return self._beside(".lock")

    def clear(self) -> None:
        """Remove what is left of a run that is not done."""
        for path in (self.journal, self.part, self.errors_part):
            path.unlink(missing_ok=True)

    def _beside(self, suffix: str) -> Path:
        return self.output.with_name(self.output.name + suffix)


class Journal:
    """An open journal, at which `progress` is what it says.

    Raises:
        UserError: If what is there belongs to another run, or is damaged.
    """

    def __init__(self, files: Files, header: Header) -> None:
        self.files = files
        self.progress = Progress()
        if files.journal.exists():
            self.progress = _resume(files, header)
        else:
            files.clear()
            append(files.journal, header.model_dump_json() + "\n")

    def commit(self, progress: Progress) -> None:
        """Write that the run has come so far; what was written before must be on the disk."""
        append(self.files.journal, progress.model_dump_json() + "\n")
        self.progress = progress


def append(path: Path, text: str) -> int:
    """Append `text`, wait for the disk, and return how many bytes the file has."""
    with path.open("ab") as file:
        file.write(text.encode())
        file.flush()
        os.fsync(file.fileno())
        return file.tell()


@contextmanager
def locked(files: Files) -> Iterator[None]:
    """Keep other processes from the files.

    Raises:
        UserError: If another one holds them.
    """
    from filelock import FileLock, Timeout

    try:
        with FileLock(files.lock, timeout=0):
            yield
            files.lock.unlink(missing_ok=True)
    except Timeout:
        raise UserError("another process is writing this", path=files.output) from None


def _resume(files: Files, header: Header) -> Progress:
    """How far the run of this journal came; what lies behind is cut off all files."""
    content = files.journal.read_bytes()
    kept = content[: content.rfind(b"\n") + 1]  # a line without an end was being written
    lines = kept.splitlines()
    try:
        then = Header.model_validate_json(lines[0]) if lines else header
        progress = Progress.model_validate_json(lines[-1]) if len(lines) > 1 else Progress()
    except ValidationError:
        raise UserError("is no journal of this program", path=files.journal, hint=RESTART) from None
    if then != header:
        raise UserError(f"was begun with {_differing(then, header)}", path=files.journal, hint=RESTART)
    os.truncate(files.journal, len(kept))
    if not lines:
        append(files.journal, header.model_dump_json() + "\n")
    moved = files.output.exists() and not files.part.exists()
    if not (progress.complete and moved):  # else only the end of finishing is missing
        _cut(files.part, progress.bytes)
        _cut(files.errors_part, progress.error_bytes)
    return progress


def _cut(path: Path, size: int) -> None:
    path.touch()
    if path.stat().st_size < size:
        raise UserError("holds less than its journal says", path=path, hint=RESTART)
    os.truncate(path, size)


def _differing(then: Header, now: Header) -> str:
    """In what two headers differ, for people."""
    names = {
        "format": "another version of the journal",
        "spanwise": f"spanwise {then.spanwise}",
        "model": "another model",
        "inputs": "other inputs, or they have changed since",
    }
    found = [text for name, text in names.items() if getattr(then, name) != getattr(now, name)]
    for key in sorted(then.settings.keys() | now.settings.keys()):
        before, after = then.settings.get(key), now.settings.get(key)
        if before != after:
            found.append(f"{key} {before} (now {after})")
    return ", ".join(found)
