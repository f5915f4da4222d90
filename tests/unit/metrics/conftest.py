"""Small documents for the metrics: spans told by their offsets."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from spanwise.schema import Confidence, GoldSpan, PredictedSpan, Prediction

TIERS = {"A": "high", "B": "high", "C": "low", "D": "low"}

Gold = tuple[int, int, str]
Predicted = tuple[int, int, str] | tuple[int, int, str, float]
Document = Callable[[Sequence[Gold], Sequence[Predicted]], Prediction]


def make_document(gold: Sequence[Gold], predicted: Sequence[Predicted]) -> Prediction:
    """A prediction from (start, end, label) and, where it matters, the confidence of a predicted span."""
    spans = []
    for start, end, label, *rest in predicted:
        value = float(rest[0]) if rest else 0.5
        sure = Confidence(words=(value,), minimum=value, mean=value, product=value)
        spans.append(PredictedSpan(start=start, end=end, label=label, tier=TIERS[label], confidence=sure))
    return Prediction(
        id="d",
        text="x" * 100,
        gold=tuple(GoldSpan(start=s, end=e, label=label, tier=TIERS[label]) for s, e, label in gold),
        predicted=tuple(spans),
    )


@pytest.fixture(scope="session")
def document() -> Document:
    """How to make one."""
    return make_document
