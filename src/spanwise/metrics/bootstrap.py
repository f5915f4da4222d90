"""Percentile intervals from groups of documents drawn with replacement (Efron & Tibshirani 1993, chapter 13).

Groups are drawn, not spans: the spans of one document, and the documents of one group (a patient), resemble
each other, and an interval that took them for independent would be too narrow.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bounds = tuple[float, float] | tuple[None, None]
"""Low and high; None where an interval is not defined."""

FEWEST_GROUPS = 5  # the draws of fewer are so much alike that the interval would look certain
CELLS = 4_000_000  # of the draws held at once: 32 MB


def draw(groups: int, *, samples: int, seed: int) -> Iterator[Floats]:
    """How often each group is drawn, in blocks of [some of the samples, groups]; rows sum to `groups`."""
    if groups == 0:
        yield np.zeros((samples, 0))
        return
    random = np.random.default_rng(seed)
    chances = np.full(groups, 1 / groups)
    rows = max(CELLS // groups, 1)
    for done in range(0, samples, rows):
        yield random.multinomial(groups, chances, size=min(rows, samples - done)).astype(np.float64)


def resample(*counts: Floats, samples: int, seed: int) -> list[Floats]:
    """What is counted, summed over the groups of each draw: each [groups, n] gives [samples, n]."""
    sums = [[drawn @ each for each in counts] for drawn in draw(len(counts[0]), samples=samples, seed=seed)]
    return [np.concatenate(blocks) for blocks in zip(*sums, strict=True)]


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


def ratio_interval(part: Floats, whole: Floats, *, holders: int, level: float) -> Bounds:
    """The interval of a share whose parts are summed over groups.

    Args:
        part: What is counted in each draw, [samples].
        whole: Out of how much, [samples].
        holders: How many groups count in the whole.
        level: The share of the draws between the bounds.

    Returns:
        The bounds; None and None if fewer than five groups count in the whole.
    """
    if holders < FEWEST_GROUPS:
        return None, None
    shares = np.divide(part, whole, out=np.full(len(part), np.nan), where=whole > 0)
    return interval(shares, level=level)
