"""The figures of the backends as rows of CSV files, for plots."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Row = tuple[int, float, str]

BATCH_COLUMNS = ("batch_size", "value", "series")
LENGTH_COLUMNS = ("subwords", "value", "series")


def latency_rows(backends: Mapping[str, Mapping[str, Any]]) -> Iterator[Row]:
    """Batch size, the median milliseconds of a batch, backend."""
    for name, measured in backends.items():
        for size, latency in measured["latency_ms"].items():
            yield int(size), latency["p50"], name


def throughput_rows(backends: Mapping[str, Mapping[str, Any]]) -> Iterator[Row]:
    """Batch size, documents a second at the median, backend."""
    for size, milliseconds, name in latency_rows(backends):
        yield size, 1000 * size / milliseconds, name


def length_rows(backends: Mapping[str, Mapping[str, Any]]) -> Iterator[Row]:
    """Subwords of a document, the milliseconds that it takes, backend."""
    for name, measured in backends.items():
        for length in measured["lengths"].values():
            yield length["subwords"], length["ms"], name
