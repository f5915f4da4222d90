"""Which way to calibrate: the one that does best on validation documents that it has not seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

import numpy as np

from spanwise.calibration.features import Feature, feature_values
from spanwise.calibration.fitting import fit, unfit
from spanwise.calibration.record import Calibration, Method, apply
from spanwise.io import DIGITS
from spanwise.metrics.confidence import (
    area_under_risk_coverage,
    brier_score,
    expected_calibration_error,
    log_loss,
    outcomes,
)
from spanwise.metrics.spans import Flags, Floats, Integers, group_numbers
from spanwise.schema import Prediction

FOLDS = 5
SIMPLEST_FIRST: tuple[Method, ...] = ("identity", "temperature", "platt", "isotonic", "classifier")


@dataclass(frozen=True)
class Choice:
    """The calibration, and what it was chosen by."""

    calibration: Calibration
    """Fitted to the whole validation side."""
    methods: Mapping[Method, Mapping[str, float]]
    """`log_loss`, `brier`, `ece` and `aurc` of each method, cross-validated; empty where they cannot be."""
    held_out: Floats
    """[spans] the confidence of each validation span by a calibration that was fitted without its group of
    documents, where there can be one: thresholds chosen on it gain nothing from spans learnt by heart."""


def choose(
    validation: Sequence[Prediction],
    *,
    method: Method | Literal["auto"],
    feature: Feature,
    bins: int,
    backend: str | None = None,
    seed: int,
) -> Choice:
    """Fit `method`, or the one with the smallest log loss, cross-validated over groups of documents.

    Of methods whose log losses are the same as they are written, the simpler one is taken, in the order
    identity, temperature, platt, isotonic, classifier.

    Args:
        validation: One per document.
        method: `auto` chooses.
        feature: What stands for a span's raw confidence.
        bins: Of the calibration error that is told of each method.
        backend: The one that predicted the documents.
        seed: Of the division of the groups into folds.
    """
    right = outcomes(validation).right
    fold = _folds(validation, seed=seed)
    reason = unfit(feature_values(validation, feature), right)
    if reason is None and len(np.unique(fold)) < 2:
        reason = "one group of documents is too few to compare methods on"
    if reason is not None:
        alone = fit(
            validation, method="identity" if method == "auto" else method, feature=feature, backend=backend
        )
        if method == "auto":
            alone = alone.model_copy(update={"reason": reason})
        return Choice(alone, methods={}, held_out=apply(alone, validation))
    held_out = {each: _held_out(validation, fold, each, feature) for each in SIMPLEST_FIRST}
    methods = {each: _figures(values, right, bins=bins) for each, values in held_out.items()}
    chosen = _best(methods) if method == "auto" else method
    calibration = fit(validation, method=chosen, feature=feature, backend=backend)
    if method == "auto" and chosen == "identity":
        calibration = calibration.model_copy(update={"reason": "no method does better on validation"})
    return Choice(calibration, methods, held_out[calibration.method])


def _folds(predictions: Sequence[Prediction], *, seed: int) -> Integers:
    """The fold of each predicted span, [spans]; the groups that hold any are dealt out at random."""
    holding = [prediction for prediction in predictions if prediction.predicted]
    group = group_numbers(holding)
    groups = int(group.max(initial=-1)) + 1
    fold = np.random.default_rng(seed).permutation(groups) % FOLDS
    return np.repeat(fold[group], [len(prediction.predicted) for prediction in holding])


def _held_out(predictions: Sequence[Prediction], fold: Integers, method: Method, feature: Feature) -> Floats:
    """The confidence of each span by a calibration fitted to the other folds, [spans]."""
    confidence = np.empty(len(fold))
    first = np.cumsum([0, *(len(prediction.predicted) for prediction in predictions)])
    # A document's spans share their fold; one without any is of none.
    of_document = [fold[start] if end > start else -1 for start, end in pairwise(first)]
    for number in np.unique(fold):
        others = [each for each, at in zip(predictions, of_document, strict=True) if at != number]
        these = [each for each, at in zip(predictions, of_document, strict=True) if at == number]
        confidence[fold == number] = apply(fit(others, method=method, feature=feature), these)
    return confidence


def _figures(confidence: Floats, right: Flags, *, bins: int) -> dict[str, Any]:
    return {
        "log_loss": log_loss(confidence, right),
        "brier": brier_score(confidence, right),
        "ece": expected_calibration_error(confidence, right, bins=bins),
        "aurc": area_under_risk_coverage(confidence, right),
    }


def _best(methods: Mapping[Method, Mapping[str, float]]) -> Method:
    return min(SIMPLEST_FIRST, key=lambda each: round(methods[each]["log_loss"], DIGITS))
