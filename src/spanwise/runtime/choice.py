"""Which backend is fastest on this machine: measured once, and remembered."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import time
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np

from spanwise import hardware
from spanwise.artifact import CONFIG, WINDOWS, Config, Windows
from spanwise.encoding import Window
from spanwise.errors import UserError
from spanwise.io import read_record, write_json
from spanwise.runtime.backends import Backend, load_backend
from spanwise.runtime.cache import model_digest
from spanwise.schema import Record

LENGTHS = (32, 128, 256, 512)  # of made-up windows, in tokens
ROUNDS = 3
BATCH_TOKENS = 1024


class Choice(Record):
    """What was measured: the milliseconds that each backend took, and the one that took least."""

    backend: str
    milliseconds: dict[str, float]


def choose(folder: Path, candidates: Sequence[str], *, threads: int | None, cache: Path | None = None) -> str:
    """The candidate that computes made-up windows in the least time on this machine.

    Args:
        folder: The folder of a model.
        candidates: Backends that may be chosen, at least one; of equals the first.
        threads: To compute on; None is one per core.
        cache: The folder in which choices are kept, for the same model, machine, threads and versions; by
            default `spanwise` in $XDG_CACHE_HOME, else in ~/.cache.

    Raises:
        UserError: If the folder holds no whole model for one of the candidates.
    """
    if len(candidates) == 1:
        return candidates[0]
    kept = (cache or default_cache()) / "backends" / f"{_key(folder, candidates, threads)}.json"
    try:
        choice = read_record(kept, Choice)
        if choice.backend in candidates:
            return choice.backend
    except UserError:
        pass  # nothing there yet, or nothing whole: it is measured anew
    measured = measure({name: _load(folder, name, threads) for name in candidates}, _made_up(folder))
    choice = Choice(backend=min(measured, key=lambda name: measured[name]), milliseconds=measured)
    _keep(kept, choice)
    return choice.backend


def measure(backends: dict[str, Backend], windows: Sequence[Window]) -> dict[str, float]:
    """The median milliseconds that each takes for the windows, after a round that is not counted.

    They take turns, so that what else goes on in the machine meets all of them.
    """
    taken: dict[str, list[float]] = {name: [] for name in backends}
    for _ in range(1 + ROUNDS):
        for name, backend in backends.items():
            start = time.perf_counter()
            backend(windows)
            taken[name].append(1000 * (time.perf_counter() - start))
    return {name: float(np.median(times[1:])) for name, times in taken.items()}


def default_cache() -> Path:
    """The user's folder for what can be made anew (XDG Base Directory Specification)."""
    stated = os.environ.get("XDG_CACHE_HOME", "")
    # The specification has relative paths ignored.
    return (Path(stated) if Path(stated).is_absolute() else Path.home() / ".cache") / "spanwise"


def _load(folder: Path, name: str, threads: int | None) -> Backend:
    return load_backend(folder, name, batch_tokens=BATCH_TOKENS, threads=threads)


def _made_up(folder: Path) -> list[Window]:
    """Windows of several lengths, none longer than the model's."""
    longest = read_record(folder / WINDOWS, Windows).max_length
    known = read_record(folder / CONFIG, Config).vocab_size
    draw = np.random.default_rng(0)
    lengths = [length for length in LENGTHS if length <= longest] or [longest]
    return [_window(draw.integers(3, known, size=length)) for length in lengths]


def _window(ids: np.ndarray[tuple[int], np.dtype[np.int64]]) -> Window:
    positions = np.arange(0, len(ids), 2)
    return Window(0, ids, np.arange(len(positions)), positions, np.ones(len(positions), dtype=np.bool_))


def _key(folder: Path, candidates: Sequence[str], threads: int | None) -> str:
    """A digest of all that the choice follows from."""
    facts = {
        "cpu": hardware.cpu_name(),
        "threads": hardware.thread_count(threads),
        "versions": [_version(package) for package in ("onnxruntime", "torch", "transformers")],
        "model": model_digest(folder),
        "candidates": list(candidates),
    }
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:32]


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _keep(path: Path, choice: Choice) -> None:
    # A home that cannot be written to: the next run measures again.
    with contextlib.suppress(OSError, UserError):
        write_json(path, choice.model_dump())
