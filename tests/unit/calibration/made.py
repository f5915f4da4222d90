"""Made-up predictions whose spans are right as told."""

from __future__ import annotations

from itertools import count

import numpy as np

from spanwise.calibration import Calibration
from spanwise.calibration.features import Feature
from spanwise.schema import Confidence, GoldSpan, PredictedSpan, Prediction

numbers = count()


def document(*spans: tuple[float | None, bool], group: str | None = None, label: str = "Age") -> Prediction:
    """One with a gold span per item, predicted at that confidence (or not at all), rightly or one off.

    It stands in a group of its own unless one is given.
    """
    gold, predicted = [], []
    for position, (value, right) in enumerate(spans):
        start = 10 * position
        gold.append(GoldSpan(start=start, end=start + 5, label=label, tier="high"))
        if value is not None:
            sure = Confidence(words=(value,), minimum=value, mean=value, product=value, span=value)
            end = start + (5 if right else 6)
            predicted.append(PredictedSpan(start=start, end=end, label=label, tier="high", confidence=sure))
    return Prediction(
        id="1",
        text="",
        group=group or f"group {next(numbers)}",
        gold=tuple(gold),
        predicted=tuple(predicted),
    )


def logistic(spans: int, *, slope: float, intercept: float, seed: int) -> list[Prediction]:
    """Documents of ten spans that are right with the probability sigmoid(slope * logit(c) + intercept)."""
    random = np.random.default_rng(seed)
    logit = random.normal(1.0, 1.5, size=spans)
    confidence = 1 / (1 + np.exp(-logit))
    right = random.random(spans) < 1 / (1 + np.exp(-(slope * logit + intercept)))
    pairs = list(zip(confidence.tolist(), right.tolist(), strict=True))
    return [document(*pairs[i : i + 10]) for i in range(0, spans, 10)]


def identity(feature: Feature = "minimum") -> Calibration:
    return Calibration(method="identity", feature=feature, spans=0)
