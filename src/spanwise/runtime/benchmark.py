"""How long a predictor takes."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import numpy as np
from rich.progress import track

from spanwise.errors import UserError
from spanwise.runtime.predictor import Predictor
from spanwise.schema import Example

PERCENTILES = (50, 95, 99)


def measure(
    predictor: Predictor,
    examples: Sequence[Example],
    *,
    batch_sizes: Sequence[int],
    documents: int,
    repeats: int,
) -> dict[str, Any]:
    """Time predictions of whole documents, after one round that is not counted.

    Args:
        predictor: What is timed.
        examples: What it is timed on, in turn, when there are fewer than asked for.
        batch_sizes: Documents handed over at once.
        documents: How many are predicted in a round.
        repeats: Rounds.

    Returns:
        `latency_ms.<batch size>.{p50,p95,p99}`, the time from handing a batch over to its last prediction;
        `documents_per_s` and `tokens_per_s` (subwords) of whole rounds handed over at once.

    Raises:
        UserError: If there are no examples.
    """
    if not examples:
        raise UserError("the test side holds no document to time")
    sample = list(islice(cycle(examples), documents))
    tokens = sum(predictor.encoder(example.text).subwords for example in sample)
    _timed(predictor, sample)
    latency = {
        str(size): _percentiles([t for _ in range(repeats) for t in _latencies(predictor, sample, size)])
        for size in track(batch_sizes, description="batch sizes")
    }
    seconds = float(np.median([_timed(predictor, sample) for _ in range(repeats)]))
    return {
        "latency_ms": latency,
        "documents_per_s": len(sample) / seconds,
        "tokens_per_s": tokens / seconds,
    }


def latency_rows(measured: dict[str, Any]) -> list[tuple[int, float, str]]:
    """The latencies as rows of batch size, milliseconds, percentile."""
    return [
        (int(size), milliseconds, percentile)
        for size, percentiles in measured["latency_ms"].items()
        for percentile, milliseconds in percentiles.items()
    ]


def model_mb(folder: Path) -> float:
    """The size of the weights in MB (10^6 bytes)."""
    return sum(file.stat().st_size for file in folder.glob("*.safetensors")) / 1e6


def _latencies(predictor: Predictor, sample: Sequence[Example], size: int) -> Iterator[float]:
    for start in range(0, len(sample) - size + 1, size):
        yield _timed(predictor, sample[start : start + size])


def _timed(predictor: Predictor, batch: Sequence[Example]) -> float:
    """Seconds from handing over a batch to its last prediction."""
    start = time.perf_counter()
    for _ in predictor(batch):
        pass
    return time.perf_counter() - start


def _percentiles(seconds: Sequence[float]) -> dict[str, float]:
    values = np.percentile(seconds, PERCENTILES) * 1000
    return {f"p{name}": float(value) for name, value in zip(PERCENTILES, values, strict=True)}
