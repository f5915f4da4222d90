"""From the time of a few documents to that of many."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from spanwise.metrics.bootstrap import FEWEST_GROUPS, Bounds, draw, interval

MANY = 10_000


def hours_for_many(documents_per_s: float) -> float:
    """Hours for 10,000 documents at this rate."""
    return MANY / documents_per_s / 3600


def hours_interval(
    hours: float, rounds: Sequence[Sequence[float]], documents: int, *, samples: int, level: float, seed: int
) -> Bounds:
    """Within what the hours for 10,000 documents lie, these being a sample of all there are.

    The rate is that of whole rounds; how much it hangs on the documents that happened to be there is told
    by the times of single ones, drawn anew with replacement (Efron & Tibshirani 1993, chapter 13). Other
    documents than those of this corpus, and other work on the machine, are not in it.

    Args:
        hours: For 10,000 documents.
        rounds: The seconds of each document alone, `[repeats][documents timed]`; the documents come in turn.
        documents: How many distinct ones there are.
        samples: How often they are drawn.
        level: The share of the draws between the bounds, e.g. 0.95.
        seed: Of the drawing.

    Returns:
        The bounds; None and None of fewer than five documents.
    """
    timed = np.array(rounds).mean(axis=0)
    if min(documents, len(timed)) < FEWEST_GROUPS:
        return None, None
    own = np.array([timed[index::documents].mean() for index in range(min(documents, len(timed)))])
    means = np.concatenate([drawn @ own / len(own) for drawn in draw(len(own), samples=samples, seed=seed)])
    return interval(hours * means / own.mean(), level=level)
