"""Other processes that do the work: those of a pool, and those of a Ray cluster."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import connection, parent_process
from typing import Any


def end_with_parent() -> None:
    """Let this worker end when its parent was killed: it would wait for work for ever."""
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = parent_process()
    assert parent is not None
    connection.wait([parent.sentinel])
    os._exit(1)


@contextmanager
def ray_cluster(cpus: int) -> Iterator[None]:
    """The Ray cluster of $RAY_ADDRESS, else one of this machine alone for as long as it is needed.

    Args:
        cpus: Of this machine.
    """
    import ray

    if ray.is_initialized():
        yield
        return
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    own: dict[str, Any] = {"include_dashboard": False, "num_cpus": cpus, "address": "local"}
    address = os.environ.get("RAY_ADDRESS")
    ray.init(**({"address": address} if address else own), log_to_driver=False, logging_level=logging.ERROR)
    try:
        yield
    finally:
        ray.shutdown()
