"""Intervals of shares of few."""

from __future__ import annotations

from math import sqrt
from statistics import NormalDist

FEW = 30  # answers, of which draws with replacement say too little


def wilson(share: float, number: int, *, level: float) -> tuple[float, float]:
    """Wilson's score interval of a share (Wilson 1927), which does not vanish where all are alike.

    Args:
        share: 0 to 1.
        number: Of how many, at least 1, taken to be independent.
        level: E.g. 0.95.
    """
    z = NormalDist().inv_cdf((1 + level) / 2)
    middle = (share + z**2 / (2 * number)) / (1 + z**2 / number)
    half = z * sqrt(share * (1 - share) / number + z**2 / (4 * number**2)) / (1 + z**2 / number)
    return max(middle - half, 0.0), min(middle + half, 1.0)
