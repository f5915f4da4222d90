"""How raw confidence becomes the chance of being right: what is stored, and how it is applied."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
from pydantic import model_validator

from spanwise.calibration.features import Feature, describe, feature_values, is_feature, logit, sigmoid
from spanwise.metrics.spans import Floats
from spanwise.schema import Prediction, Record, Share

Method = Literal["identity", "temperature", "platt", "isotonic", "classifier"]

TIE_BREAK = 1e-4  # far below any calibration error, far above the rounding of a float


class Calibration(Record):
    """How raw confidence becomes the probability that a span is right.

    - `identity`: the feature itself, with the `reason` why nothing else is in its place, if there is one;
    - `temperature`: sigmoid(slope * logit(feature)), the slope being one over the temperature (Guo et al.
      2017, arXiv 1706.04599);
    - `platt`: sigmoid(slope * logit(feature) + intercept) (Platt 1999);
    - `isotonic`: a line through the `knots` (Zadrozny & Elkan 2002, "Transforming classifier scores into
      accurate multiclass probability estimates"). It has plateaus, on which spans would tie that the feature
      tells apart; so it is mixed with one part in 10,000 of the feature, which keeps their order and moves no
      confidence by more than that;
    - `classifier`: sigmoid(intercept + sum of `weights` * `features.describe`), a logistic regression on
      several features of the span. A tier that it has not seen weighs nothing.

    `spans` is how many predicted spans it was fitted on, `backend` the one that predicted them, where it is
    known.
    """

    method: Method
    feature: Feature
    slope: float = 1.0
    intercept: float = 0.0
    knots: tuple[tuple[Share, Share], ...] | None = None
    weights: dict[str, float] | None = None
    spans: int
    backend: str | None = None
    reason: str | None = None

    @model_validator(mode="after")
    def _complete(self) -> Calibration:
        if self.method == "isotonic" and not self.knots:
            raise ValueError("isotonic needs knots")
        if self.method == "classifier" and not self.weights:
            raise ValueError("classifier needs weights")
        unknown = sorted(name for name in self.weights or {} if not is_feature(name))
        if unknown:
            raise ValueError(f"no such feature: {', '.join(unknown)}")
        return self


def apply(calibration: Calibration, predictions: Sequence[Prediction]) -> Floats:
    """The calibrated confidence of each predicted span, 0 to 1, [spans].

    Args:
        calibration: As it was fitted, or as it was read back: both give the same numbers.
        predictions: Whole documents: a span's neighbours may count.
    """
    if calibration.method == "classifier":
        return sigmoid(_linear(calibration.intercept, calibration.weights or {}, predictions))
    raw = feature_values(predictions, calibration.feature)
    if calibration.method == "identity":
        return raw
    if calibration.method == "isotonic":
        places, values = zip(*(calibration.knots or ()), strict=True)
        return np.asarray((1 - TIE_BREAK) * np.interp(raw, places, values) + TIE_BREAK * raw)
    return sigmoid(calibration.slope * logit(raw) + calibration.intercept)


def _linear(intercept: float, weights: Mapping[str, float], predictions: Sequence[Prediction]) -> Floats:
    """Added up in the order of the features, however the weights were sorted when they were written."""
    described = describe(predictions)
    terms = [weights.get(name, 0.0) * values for name, values in described.items()]
    return np.asarray(intercept + np.sum(terms, axis=0))
