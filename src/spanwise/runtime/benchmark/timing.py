"""Time, read off a clock that a test can replace."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import cycle, islice
from typing import Any, Protocol

import numpy as np
from rich.progress import track

from spanwise.errors import UserError
from spanwise.schema import Example, Prediction

Clock = Callable[[], float]
Figures = dict[str, Any]

PERCENTILES = (50, 95, 99)
WARM_UP = 8  # documents predicted before any are timed: the first calls make threads and buffers


class Predicts(Protocol):
    """What is timed: documents in, predictions out."""

    def __call__(self, examples: Iterable[Example], /) -> Iterable[Prediction]:
        """A prediction for each document."""


def cycled(examples: Sequence[Example], documents: int) -> list[Example]:
    """So many documents, in turn where there are fewer.

    Raises:
        UserError: If there are none.
    """
    if not examples:
        raise UserError("there is no document to time")
    return list(islice(cycle(examples), documents))


def time_batches(
    predictor: Predicts,
    sample: Sequence[Example],
    sizes: Iterable[int],
    *,
    repeats: int,
    clock: Clock = time.perf_counter,
    name: str = "batches",
) -> dict[int, list[list[float]]]:
    """Seconds from handing a batch over to its last prediction, after a warm-up that is not counted.

    Args:
        predictor: What is timed.
        sample: The documents of a round; what does not fill a last batch is left out of it.
        sizes: Documents handed over at once.
        repeats: Rounds.
        clock: Tells the time in seconds.
        name: Of the progress bar.

    Returns:
        `[repeats][batches]` by the size of a batch.
    """
    exhaust(predictor(sample[:WARM_UP]))
    return {
        size: [list(_round(predictor, sample, size, clock)) for _ in range(repeats)]
        for size in track(sorted(set(sizes)), description=name)
    }


def _round(predictor: Predicts, sample: Sequence[Example], size: int, clock: Clock) -> Iterator[float]:
    for start in range(0, len(sample) - size + 1, size):
        yield seconds(partial(predictor, sample[start : start + size]), clock)


def seconds(action: Callable[[], Iterable[object]], clock: Clock) -> float:
    """How long it takes until `action` has given all that it gives."""
    start = clock()
    exhaust(action())
    return clock() - start


def exhaust(things: Iterable[object]) -> None:
    """Wait for the last of them."""
    for _ in things:
        pass


def percentiles(batches: Sequence[Sequence[float]]) -> Figures:
    """`p50`, `p95` and `p99` in milliseconds, and of how many `timings`.

    Args:
        batches: Seconds, `[repeats][batches]`.
    """
    timings = [each for one_round in batches for each in one_round]
    values = np.percentile(timings, PERCENTILES) * 1000
    named = {f"p{rank}": float(value) for rank, value in zip(PERCENTILES, values, strict=True)}
    return {**named, "timings": len(timings)}


def alternate(
    arms: Mapping[str, Callable[[], Iterable[object]]],
    *,
    rounds: int,
    clock: Clock = time.perf_counter,
    name: str = "rounds",
) -> dict[str, list[float]]:
    """Run all arms in turn, every second round in reverse order, and time each.

    What slows the machine for a while, or more and more, then slows all of them alike: the ratio of two arms
    in one round says more than that of their times apart.

    Args:
        arms: What is timed, by its name.
        rounds: How often.
        clock: Tells the time in seconds.
        name: Of the progress bar.

    Returns:
        The seconds of each round, `[rounds]`, by the name of the arm.
    """
    order = list(arms)
    times: dict[str, list[float]] = {arm: [] for arm in order}
    for number in track(range(rounds), description=name):
        for arm in order[::-1] if number % 2 else order:
            times[arm].append(seconds(arms[arm], clock))
    return times
