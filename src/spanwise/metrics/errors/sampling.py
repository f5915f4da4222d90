"""Errors drawn to be looked at."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from spanwise.metrics.errors.judging import CATEGORIES, Category, Judgement


def sample(judgements: Sequence[Judgement], number: int, seed: int) -> list[Judgement]:
    """Draw errors without replacement, every category that occurs among them.

    Each category gives one; the others are apportioned to what the categories have beyond it, by largest
    remainder. With fewer to draw than there are categories, the most frequent ones give one each.

    Args:
        judgements: In any order; correct ones are never drawn.
        number: How many to draw; all errors where there are fewer.
        seed: Of the drawing.

    Returns:
        By category, in the order of `CATEGORIES`, and within one in the order of documents and text.
    """
    errors: defaultdict[Category, list[Judgement]] = defaultdict(list)
    for judgement in sorted(judgements, key=lambda judgement: judgement.place):
        if judgement.category != "correct":
            errors[judgement.category].append(judgement)
    sizes = {category: len(errors[category]) for category in CATEGORIES if category in errors}
    random = np.random.default_rng(seed)
    return [
        errors[category][index]
        for category, drawn in _apportion(sizes, number).items()
        for index in sorted(random.choice(sizes[category], size=drawn, replace=False).tolist())
    ]


def _apportion(sizes: dict[Category, int], number: int) -> dict[Category, int]:
    """How many each category gives; none gives more than it has."""
    by_frequency = sorted(sizes, key=lambda category: (-sizes[category], CATEGORIES.index(category)))
    if number <= len(sizes):
        return {category: int(category in by_frequency[:number]) for category in sizes}
    rest = min(number, sum(sizes.values())) - len(sizes)
    beyond = sum(sizes.values()) - len(sizes)
    # In whole numbers: quotas are (size - 1) * rest / beyond.
    quotas = {category: divmod((size - 1) * rest, max(beyond, 1)) for category, size in sizes.items()}
    left = rest - sum(whole for whole, _ in quotas.values())
    first = sorted(by_frequency, key=lambda category: -quotas[category][1])[:left]
    return {category: 1 + quotas[category][0] + (category in first) for category in sizes}
