"""From raw confidence to the chance of being right, and to what may be accepted without review.

Everything is fitted and chosen on validation; what is measured on the test side sees it only then.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from spanwise.io import DIGITS
from spanwise.metrics.bootstrap import ratio_interval, resample
from spanwise.metrics.confidence import (
    PlotRow,
    confidences,
    histogram_rows,
    measure,
    outcomes,
    reliability_rows,
    share,
    threshold_rows,
    threshold_table,
)
from spanwise.metrics.spans import Flags, Floats, group_numbers
from spanwise.schema import Confidence, Prediction, Record

Feature = Literal["minimum", "mean", "product", "span"]

EPSILON = 1e-7  # keeps the logit of a probability finite: the step between the float32 numbers below 1
STEPS = 1000  # thresholds are chosen among thousandths: fine enough, and easily told
FEWEST_SPANS = 20  # a precision of 0.95 cannot be told from one with less to go by


class Calibration(Record):
    """How raw confidence becomes the probability that a span is right.

    `platt`: sigmoid(slope * logit(feature) + intercept); `identity`: the feature itself, with the `reason`
    for which nothing could be fitted. `spans` is how many predicted spans it was fitted on, `backend` the
    one that predicted them, where it is known.
    """

    method: Literal["platt", "identity"]
    feature: Feature
    slope: float = 1.0
    intercept: float = 0.0
    spans: int
    backend: str | None = None
    reason: str | None = None


def fit(validation: Sequence[Prediction], *, feature: Feature, backend: str | None = None) -> Calibration:
    """Fit Platt scaling (Platt 1999) to the predicted spans of the validation side.

    With fewer than 20 spans to learn from, or where confidence does not rise with being right, confidence is
    left as it is, and the calibration says why.
    """
    raw = feature_values(confidences(validation), feature)
    right = outcomes(validation).right
    reason = _unfit(raw, right)
    slope, intercept = (1.0, 0.0) if reason else _platt(_logit(raw), right)
    if reason is None and slope <= 0:
        reason, slope, intercept = "confidence does not rise with being right", 1.0, 0.0
    return Calibration(
        method="identity" if reason else "platt",
        feature=feature,
        # As they are written, so that a saved calibration gives the very same values.
        slope=round(slope, DIGITS),
        intercept=round(intercept, DIGITS),
        spans=len(raw),
        backend=backend,
        reason=reason,
    )


def apply(calibration: Calibration, confidence: Sequence[Confidence]) -> Floats:
    """The calibrated confidence of each span, 0 to 1, [spans]."""
    raw = feature_values(confidence, calibration.feature)
    if calibration.method == "identity":
        return raw
    return _sigmoid(calibration.slope * _logit(raw) + calibration.intercept)


def feature_values(confidence: Sequence[Confidence], feature: Feature) -> Floats:
    """One raw number per span, [spans]."""
    return np.array([getattr(span, feature) for span in confidence], dtype=np.float64)


def choose_threshold(
    validation: Sequence[Prediction], calibration: Calibration, *, target_precision: float
) -> float | None:
    """The smallest confidence from which on spans are right as often as asked for.

    The rule: among 0, 0.001 ... 1, the smallest threshold that keeps at least 20 spans and whose kept spans
    have at least the target precision. Thousandths and the floor of 20 keep single spans from moving it much;
    the smallest is the one with the most spans behind its precision.

    Args:
        validation: One per document.
        calibration: What `fit` made of them.
        target_precision: The share of accepted spans that must be right.

    Returns:
        The threshold; None if there is none.
    """
    right = outcomes(validation).right
    confidence = apply(calibration, confidences(validation))
    for step in range(STEPS + 1):
        kept = confidence >= step / STEPS
        if kept.sum() < FEWEST_SPANS:
            return None
        if right[kept].mean() >= target_precision:
            return step / STEPS
    return None


def automation(
    predictions: Sequence[Prediction],
    calibration: Calibration,
    *,
    threshold: float | None,
    target_precision: float,
    samples: int,
    level: float,
    seed: int,
) -> dict[str, Any]:
    """What accepting every span from `threshold` on, without review, would mean.

    Args:
        predictions: One per document.
        calibration: Fitted on validation.
        threshold: What `choose_threshold` found on validation; None accepts nothing.
        target_precision: What it was chosen for.
        samples: How often the groups of documents are drawn anew for the intervals.
        level: The level of the intervals.
        seed: Of the drawing.

    Returns:
        `target_precision`, `threshold`, the `precision` of what is accepted, and the `share` of the gold
        entities that is accepted and right, each with its bootstrap interval as `<name>_low` and
        `<name>_high`. `reason` is there if nothing is accepted for want of a threshold.
    """
    counts = _accepted(predictions, calibration, threshold)
    hits, accepted, gold = (int(column) for column in counts.sum(axis=0))
    (drawn,) = resample(counts, samples=samples, seed=seed)
    holders = np.count_nonzero(counts, axis=0)
    precision = ratio_interval(drawn[:, 0], drawn[:, 1], holders=int(holders[1]), level=level)
    found = ratio_interval(drawn[:, 0], drawn[:, 2], holders=int(holders[2]), level=level)
    figures: dict[str, Any] = {
        "target_precision": target_precision,
        "threshold": threshold,
        "precision": share(hits, accepted),
        "precision_low": precision[0],
        "precision_high": precision[1],
        "share": share(hits, gold),
        "share_low": found[0],
        "share_high": found[1],
    }
    if threshold is None:
        figures["reason"] = (
            f"no threshold keeps {FEWEST_SPANS} or more validation spans at precision {target_precision:g}"
        )
    return figures


def _accepted(predictions: Sequence[Prediction], calibration: Calibration, threshold: float | None) -> Floats:
    """Spans accepted and right, spans accepted, and gold spans of each group, [groups, 3]."""
    known = outcomes(predictions)
    confidence = apply(calibration, confidences(predictions))
    accepted = np.zeros_like(known.right) if threshold is None else confidence >= threshold
    group = group_numbers(predictions)
    group_of_span = np.repeat(group, known.predicted)
    groups = int(group.max(initial=-1)) + 1
    columns = [
        np.bincount(group_of_span[accepted & known.right], minlength=groups),
        np.bincount(group_of_span[accepted], minlength=groups),
        np.bincount(group, weights=known.gold, minlength=groups),
    ]
    return np.stack(columns, axis=1).astype(np.float64)


def assess(
    predictions: Sequence[Prediction],
    calibration: Calibration,
    *,
    bins: int,
    thresholds: Sequence[float],
    threshold: float | None,
    target_precision: float,
    samples: int,
    level: float,
    seed: int,
) -> dict[str, Any]:
    """All figures of one split: those of `metrics.confidence.measure` and `automation`, under that name."""
    raw = confidences(predictions)
    figures = measure(
        predictions,
        raw=feature_values(raw, calibration.feature),
        calibrated=apply(calibration, raw),
        bins=bins,
        thresholds=thresholds,
    )
    automated = automation(
        predictions,
        calibration,
        threshold=threshold,
        target_precision=target_precision,
        samples=samples,
        level=level,
        seed=seed,
    )
    return {**figures, "automation": automated}


def plot_tables(
    predictions: Sequence[Prediction],
    calibration: Calibration,
    *,
    bins: int,
    thresholds: Sequence[float],
) -> dict[str, list[PlotRow]]:
    """The rows of the plots `reliability`, `thresholds` and `histogram` of one split, with `PLOT_COLUMNS`."""
    known = outcomes(predictions)
    raw = feature_values(confidences(predictions), calibration.feature)
    calibrated = apply(calibration, confidences(predictions))
    table = threshold_table(calibrated, known.right, gold=int(known.gold.sum()), thresholds=thresholds)
    return {
        "reliability": reliability_rows(raw, calibrated, known.right, bins=bins),
        "thresholds": threshold_rows(table),
        "histogram": histogram_rows(calibrated, known.right, bins=bins),
    }


def _unfit(raw: Floats, right: Flags) -> str | None:
    """Why nothing can be learnt from these spans, if so."""
    if not len(raw):
        return "no predicted span"
    if len(raw) < FEWEST_SPANS:
        return f"fewer than {FEWEST_SPANS} predicted spans"
    if right.all():
        return "every predicted span is right"
    if not right.any():
        return "every predicted span is wrong"
    if np.ptp(raw) == 0:
        return "every predicted span has the same confidence"
    return None


def _platt(score: Floats, right: Flags) -> tuple[float, float]:
    """Slope and intercept of the logistic regression of `right` on `score`, without penalty.

    With the targets of Platt (1999, section 2.2), (n+ + 1) / (n+ + 2) and 1 / (n- + 2) in place of 1 and 0,
    which keep the fit finite where one value of `score` parts right from wrong.
    """
    from sklearn.linear_model import LogisticRegression

    positives = int(right.sum())
    negatives = len(right) - positives
    target = np.where(right, (positives + 1) / (positives + 2), 1 / (negatives + 2))
    # A target between 0 and 1 is the same span twice: right with that weight, wrong with the rest.
    model = LogisticRegression(C=np.inf, solver="newton-cholesky", tol=1e-10)
    model.fit(
        np.concatenate([score, score]).reshape(-1, 1),
        np.repeat([True, False], len(score)),
        sample_weight=np.concatenate([target, 1 - target]),
    )
    return float(model.coef_[0, 0]), float(model.intercept_[0])


def _logit(probability: Floats) -> Floats:
    clipped = np.clip(probability, EPSILON, 1 - EPSILON)
    return np.asarray(np.log(clipped / (1 - clipped)))


def _sigmoid(values: Floats) -> Floats:
    return np.asarray((1 + np.tanh(values / 2)) / 2)
