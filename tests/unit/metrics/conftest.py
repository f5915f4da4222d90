"""Small documents for the metrics: spans told by their offsets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import count

import pytest

from spanwise.schema import Confidence, GoldSpan, PredictedSpan, Prediction

TIERS = {"A": "high", "B": "high"}  # all others are low

Gold = tuple[int, int, str]
Predicted = tuple[int, int, str] | tuple[int, int, str, float]
Document = Callable[..., Prediction]

numbers = count()


def make_document(
    gold: Sequence[Gold], predicted: Sequence[Predicted], group: str | None = None
) -> Prediction:
    """A prediction from (start, end, label) and, where it matters, the confidence of a predicted span.

    It stands in a group of its own unless one is given.
    """
    spans = []
    for start, end, label, *rest in predicted:
        value = float(rest[0]) if rest else 0.5
        sure = Confidence(words=(value,), minimum=value, mean=value, product=value, span=value)
        spans.append(PredictedSpan(start=start, end=end, label=label, tier=tier_of(label), confidence=sure))
    return Prediction(
        id="d",
        text="x" * 100,
        group=group or f"group {next(numbers)}",
        gold=tuple(GoldSpan(start=s, end=e, label=label, tier=tier_of(label)) for s, e, label in gold),
        predicted=tuple(spans),
    )


def tier_of(label: str) -> str:
    return TIERS.get(label, "low")


@pytest.fixture(scope="session")
def document() -> Document:
    """How to make one."""
    return make_document
