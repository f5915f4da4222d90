"""How raw confidence becomes the chance of being right: what is stored, and how it is applied."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
from pydantic import Field, model_validator

from spanwise.calibration.features import Feature, describe, feature_values, is_feature, logit, sigmoid
from spanwise.errors import UserError
from spanwise.metrics.spans import Floats
from spanwise.schema import Prediction, Record, Share

Method = Literal["identity", "temperature", "platt", "isotonic", "classifier"]

SAME_NUMBERS = frozenset({"torch", "onnx"})
"""Backends that compute in single precision, whose confidence differs by rounding alone: one calibration is
right for all of them."""

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
    known. `served` holds the calibrations of further backends that may serve predictions, and `refused` the
    micro-F1 that others lose on validation, which is more than the settings allow.
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
    served: dict[str, Calibration] = Field(default_factory=dict)
    refused: dict[str, float] = Field(default_factory=dict)

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

    @property
    def admitted(self) -> tuple[str, ...]:
        """The backends that this is right for."""
        own = SAME_NUMBERS if self.backend in SAME_NUMBERS else {self.backend or "torch"}
        return tuple(sorted({*own, *self.served} - self.refused.keys()))

    def for_backend(self, name: str) -> Calibration:
        """The calibration of what the backend `name` predicts.

        Raises:
            UserError: If there is none, as it was not evaluated, or lost too much of the F1.
        """
        if name in self.refused:
            raise UserError(
                f"the backend {name} loses {100 * self.refused[name]:.1f} points of F1 on validation, "
                "more than runtime.max_f1_loss",
                hint=f"Take one of: {', '.join(self.admitted)}.",
            )
        if name not in self.admitted:
            raise UserError(
                f"confidence is not calibrated for the backend {name}",
                hint=f"Take one of: {', '.join(self.admitted)}; or add it to runtime.served and `dvc repro`.",
            )
        return self.served.get(name, self)


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
