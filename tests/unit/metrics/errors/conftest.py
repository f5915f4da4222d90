"""Documents told by the labels and offsets of their spans."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from spanwise.schema import Confidence, GoldSpan, PredictedSpan, Prediction

Spans = Sequence[tuple[int, int, str]]
Judged = Callable[..., Prediction]

SURE = Confidence(words=(1.0,), minimum=1.0, mean=1.0, product=1.0, span=1.0)
TEXT = "x" * 100


def make(gold: Spans, predicted: Spans, *, id: str = "d", text: str = TEXT) -> Prediction:
    """A document; label A is of the high tier, all others are of the low one."""
    return Prediction(
        id=id,
        text=text,
        group=id,
        gold=tuple(GoldSpan(start=s, end=e, label=label, tier=tier(label)) for s, e, label in gold),
        predicted=tuple(
            PredictedSpan(start=s, end=e, label=label, tier=tier(label), confidence=SURE)
            for s, e, label in predicted
        ),
    )


def tier(label: str) -> str:
    return "high" if label == "A" else "low"


@pytest.fixture(scope="session")
def judged() -> Judged:
    """How to make one."""
    return make
