"""`soak`: whether memory stays flat."""

from __future__ import annotations

import asyncio
import math
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import numpy as np
import typer
from benchmarks.service import figures
from benchmarks.service.client import closed_loop
from benchmarks.service.deployments import deploy
from benchmarks.service.notes import extractions, read_notes
from benchmarks.service.options import HERE, Json, Repository, Serve
from benchmarks.service.servers import HOST, Running, spanwise

WARM = 0.2
"""The share of the time that is not counted: arenas grow to what the longest note takes."""
BLOCKS = 20
"""Memory is averaged over so many parts, since neighbouring samples tell the same."""
T_975 = 2.101
"""The quantile of Student's t for an interval of 95 % with `BLOCKS` - 2 degrees of freedom."""


class Watch(threading.Thread):
    """Samples the resident memory of a server and its children.

    Attributes:
        samples: Seconds since the start, and MB (10^6 bytes).
    """

    def __init__(self, running: Running, every: float) -> None:
        super().__init__(daemon=True)
        self.samples: list[tuple[float, float]] = []
        self._running, self._every = running, every
        self._over = threading.Event()

    def run(self) -> None:
        """Sample until `finish`."""
        start = time.monotonic()
        while not self._over.wait(self._every):
            self.samples.append((time.monotonic() - start, self._running.resident_mb()))

    def finish(self) -> None:
        """Take no further sample."""
        self._over.set()
        self.join()


def soak(
    serve: Serve = None,
    *,
    repository: Repository = HERE,
    clients: Annotated[int, typer.Option(min=1, help="That ask at once.")] = 8,
    seconds: Annotated[float, typer.Option(min=10, help="How long.")] = 600,
    json: Json = None,
) -> None:
    """Ask for long, and tell how memory goes with time; the cache is as it is by default, and fills."""
    texts = read_notes(repository / "data" / "splits")
    with TemporaryDirectory(prefix="spanwise-bench-") as scratch:
        deploy(repository, Path(scratch))
        with spanwise(["--deployed", scratch, *(serve or [])]) as running:
            watch = Watch(running, every=min(1.0, seconds / 200))
            watch.start()
            asking = closed_loop(HOST, running.port, extractions(texts), clients=clients, seconds=seconds)
            replies = asyncio.run(asking)
            watch.finish()
    rows = {"requests": figures.summary(replies), **flatness(watch.samples)}
    figures.show(f"Memory over {seconds:g} s", rows, json)


def flatness(samples: Sequence[tuple[float, float]]) -> dict[str, Any]:
    """The slope of memory over time after the warm-up, by least squares of block means, with its interval.

    The slope itself follows the length of the run: what is told is MB in an hour at the rate of this one.
    """
    times, sizes = np.array(samples).T
    kept = times >= WARM * times[-1]
    blocks = [
        (block_times.mean(), block_sizes.mean())
        for block_times, block_sizes in zip(
            np.array_split(times[kept], BLOCKS), np.array_split(sizes[kept], BLOCKS), strict=True
        )
    ]
    x, y = np.array(blocks).T
    centred = x - x.mean()
    slope = float(centred @ y / (centred @ centred))
    rest = y - y.mean() - slope * centred
    error = math.sqrt(float(rest @ rest) / (BLOCKS - 2) / float(centred @ centred))
    low, high = ((slope + sign * T_975 * error) * 3600 for sign in (-1, 1))
    return {
        "MB at first, at last, at most": [float(y[0]), float(y[-1]), float(sizes.max())],
        "MB an hour (95 % interval)": f"{slope * 3600:.1f} ({low:.1f} to {high:.1f})",
        "slope_mb_per_hour": {"value": slope * 3600, "low": low, "high": high},
    }
