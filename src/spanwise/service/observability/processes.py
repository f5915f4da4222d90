"""Metrics of several worker processes: each writes files of its own, and whoever is asked reads them all.

`PROMETHEUS_MULTIPROC_DIR` must be set before prometheus_client is first imported: it decides then.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

FOLDER = "PROMETHEUS_MULTIPROC_DIR"


def share(folder: Path) -> None:
    """Let this process and those that it starts count in `folder`, from nothing.

    To be called by the process that starts the workers, before any of them.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o700)
    os.environ[FOLDER] = str(folder)


def worker_gone(pid: int) -> None:
    """Forget what a worker that has ended had in hand, as its queue; what it has counted stays counted."""
    if FOLDER in os.environ:
        from prometheus_client.multiprocess import mark_process_dead

        mark_process_dead(pid)  # type: ignore[no-untyped-call]


def registry_of_all() -> CollectorRegistry | None:
    """The metrics of all processes; None where there is but one."""
    if FOLDER not in os.environ:
        return None
    from prometheus_client import CollectorRegistry
    from prometheus_client.multiprocess import MultiProcessCollector

    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return registry
