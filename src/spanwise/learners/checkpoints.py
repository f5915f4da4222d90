"""Where a training keeps its checkpoints: outside the outputs, one folder for each distinct training."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

from filelock import FileLock, Timeout

from spanwise.errors import UserError

LIBRARIES = ("torch", "transformers", "accelerate", "tokenizers")


def training_digest(settings: str, files: Iterable[Path]) -> str:
    """A name for one training: the same settings, data, code and libraries give the same.

    Args:
        settings: The settings, written out.
        files: Data and code, in any order.
    """
    digest = hashlib.sha256(settings.encode())
    for name in LIBRARIES:
        digest.update(f"{name} {version(name)}\n".encode())
    for file in sorted(files):
        digest.update(file.name.encode() + hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:16]


@contextmanager
def checkpoint_folder(digest: str) -> Iterator[Path]:
    """The folder for the checkpoints of a training, locked while it runs and deleted once it is done.

    It lies under `$DVC_ROOT`, so that an experiment in a temporary workspace finds it again. Left by an
    error or a kill, it stays, and the next training of the same digest resumes.

    Raises:
        UserError: If another process is at the same training; a killed `dvc repro` may leave one behind.
    """
    root = Path(os.environ.get("DVC_ROOT", ".")).absolute() / ".checkpoints"
    folder = root / digest
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(root / f"{digest}.lock")
    pid = root / f"{digest}.pid"
    try:
        lock.acquire(timeout=0)
    except Timeout:
        owner = pid.read_text() if pid.is_file() else "unknown"
        raise UserError(
            f"another process (pid {owner}) is training with the same params, data and code",
            path=folder,
            hint="A killed `dvc repro` may have left it behind: wait for it, or end it.",
        ) from None
    try:
        pid.write_text(str(os.getpid()))
        yield folder
        shutil.rmtree(folder)
        pid.unlink()
    finally:
        lock.release()
