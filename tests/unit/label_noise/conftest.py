"""Documents in which a model and the gold standard disagree, written down as strings."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from spanwise.label_noise.documents import Document, judge
from spanwise.schema import Confidence, GoldSpan, PredictedSpan, Prediction

Gold = tuple[str, str, float | None]
"""Words of the text, their label, and the probability of that."""
Found = tuple[str, str, float]
"""Words of the text, their label, and the confidence."""
Noted = Callable[..., Prediction]
Judged = Callable[..., list[Document]]


def prediction(text: str, gold: Sequence[Gold], found: Sequence[Found], id: str = "d") -> Prediction:
    """Spans are named by their words, which stand once in the text."""

    def bounds(words: str) -> dict[str, int]:
        assert text.count(words) == 1, words
        return {"start": text.index(words), "end": text.index(words) + len(words)}

    return Prediction(
        id=id,
        text=text,
        group=id,
        gold=tuple(
            GoldSpan(**bounds(words), label=label, tier="high", probability=probability)
            for words, label, probability in gold
        ),
        predicted=tuple(
            PredictedSpan(
                **bounds(words),
                label=label,
                tier="high",
                confidence=Confidence(words=(sure,), minimum=sure, mean=sure, product=sure, span=sure),
            )
            for words, label, sure in found
        ),
    )


@pytest.fixture
def noted() -> Noted:
    """Makes a prediction."""
    return prediction


@pytest.fixture
def judged() -> Judged:
    """Makes the documents of a run without a calibration."""
    return lambda *predictions: list(judge("run", predictions, None))
