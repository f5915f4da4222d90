"""Percentile intervals from documents drawn with replacement (Efron & Tibshirani 1993, chapter 13).

Documents are drawn, not spans: the spans of one document resemble each other, and an interval that took
them for independent would be too narrow.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Bounds = tuple[float, float] | tuple[None, None]
"""Low and high; None where an interval is not defined."""

FEWEST_DOCUMENTS = 2  # with a single one, every draw is the same and the interval would look certain


def draw(documents: int, *, samples: int, seed: int) -> Floats:
    """How often each document is drawn, [samples, documents]; each row sums to `documents`."""
    if documents == 0:
        return np.zeros((samples, 0))
    chances = np.full(documents, 1 / documents)
    return np.random.default_rng(seed).multinomial(documents, chances, size=samples).astype(np.float64)


def interval(values: Floats, *, level: float) -> Bounds:
    """The percentile interval of a statistic over the draws in which it is defined, [samples].

    Args:
        values: The statistic of each draw; NaN where it is undefined there.
        level: The share of the draws between the bounds, e.g. 0.95.

    Returns:
        The bounds; None and None if no draw defines the statistic.
    """
    defined = values[~np.isnan(values)]
    if not len(defined):
        return None, None
    low, high = np.quantile(defined, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def ratio_interval(numerator: Integers, denominator: Integers, *, draws: Floats, level: float) -> Bounds:
    """The interval of a share whose parts are summed over documents.

    Args:
        numerator: What is counted, [documents].
        denominator: Out of how much, [documents].
        draws: How often each document is drawn, [samples, documents].
        level: The share of the draws between the bounds.

    Returns:
        The bounds; None and None if fewer than two documents count in the denominator.
    """
    if np.count_nonzero(denominator) < FEWEST_DOCUMENTS:
        return None, None
    whole = draws @ denominator
    shares = np.divide(draws @ numerator, whole, out=np.full(len(draws), np.nan), where=whole > 0)
    return interval(shares, level=level)
