"""How far apart two counts of the same bins are."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SMOOTHING = 0.5  # added to each count, so that a label that was never seen has a finite index


def stability_index(served: Floats, tested: Floats) -> Floats:
    """The population stability index of counts, [..., bins] both: [...]."""
    p, q = ((each + SMOOTHING) / (each + SMOOTHING).sum(axis=-1, keepdims=True) for each in (served, tested))
    return np.asarray(((p - q) * np.log(p / q)).sum(axis=-1))


def distance(served: Floats, tested: Floats) -> Floats:
    """Kolmogorov and Smirnov's distance of counts at the edges of their bins, [..., bins] both: [...]."""
    p, q = (each.cumsum(axis=-1) / each.sum(axis=-1, keepdims=True) for each in (served, tested))
    return np.asarray(np.abs(p - q).max(axis=-1))


def divergence(served: Floats, tested: Floats) -> float:
    """Jensen and Shannon's divergence of counts, [bins] both: 0 to 1 bit."""
    p, q = served / served.sum(), tested / tested.sum()
    middle = (p + q) / 2
    return float(sum(_relative(each, middle) for each in (p, q)) / 2)


def _relative(p: Floats, q: Floats) -> float:
    here = p > 0
    return float((p[here] * np.log2(p[here] / q[here])).sum())
