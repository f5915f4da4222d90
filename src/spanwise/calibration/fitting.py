"""Calibrations fitted to predicted spans of which it is known whether they are right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from spanwise.calibration.features import Feature, describe, feature_values, logit
from spanwise.calibration.record import Calibration, Method
from spanwise.io import DIGITS, rounded
from spanwise.metrics.confidence import outcomes
from spanwise.metrics.spans import Flags, Floats
from spanwise.schema import Prediction

FEWEST_SPANS = 20  # a precision of 0.95 cannot be told from one with less to go by
STRENGTH = 1.0  # of the classifier's L2 penalty, on standardised features: scikit-learn's own choice


def fit(
    predictions: Sequence[Prediction], *, method: Method, feature: Feature, backend: str | None = None
) -> Calibration:
    """Fit one method to the predicted spans of some documents, those of the validation side.

    With fewer than 20 spans to learn from, or where confidence does not rise with being right, confidence is
    left as it is, and the calibration says why.
    """
    raw = feature_values(predictions, feature)
    right = outcomes(predictions).right
    reason = None if method == "identity" else unfit(raw, right)
    learnt = {} if reason else _learn(method, predictions, raw, right)
    if reason is None and not _rises(method, learnt):
        reason, learnt = "confidence does not rise with being right", {}
    return Calibration(
        method="identity" if reason else method,
        feature=feature,
        # As it is written, so that a saved calibration gives the very same values.
        **rounded(learnt),
        spans=len(raw),
        backend=backend,
        reason=reason,
    )


def unfit(raw: Floats, right: Flags) -> str | None:
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


def _learn(method: Method, predictions: Sequence[Prediction], raw: Floats, right: Flags) -> dict[str, Any]:
    """The fields of the calibration that are fitted."""
    if method == "temperature":
        slope, _ = _logistic(logit(raw), right, intercept=False)
        return {"slope": slope}
    if method == "platt":
        slope, intercept = _logistic(logit(raw), right, intercept=True)
        return {"slope": slope, "intercept": intercept}
    if method == "isotonic":
        return {"knots": _isotonic(raw, right)}
    if method == "classifier":
        intercept, weights = _classifier(describe(predictions), right)
        return {"intercept": intercept, "weights": weights}
    return {}


def _rises(method: Method, learnt: dict[str, Any]) -> bool:
    if method == "isotonic":
        return bool(learnt["knots"][-1][1] > learnt["knots"][0][1])
    return method in {"identity", "classifier"} or round(learnt["slope"], DIGITS) > 0


def _targets(right: Flags) -> Floats:
    """What stands for right and wrong: (n+ + 1) / (n+ + 2) and 1 / (n- + 2) (Platt 1999, section 2.2).

    In place of 1 and 0 they keep a fit finite where one value parts right from wrong, and keep an isotonic
    one from promising certainty.
    """
    positives = int(right.sum())
    negatives = len(right) - positives
    return np.where(right, (positives + 1) / (positives + 2), 1 / (negatives + 2))


def _logistic(score: Floats, right: Flags, *, intercept: bool) -> tuple[float, float]:
    """Slope and intercept of the logistic regression of `right` on `score`, without penalty."""
    from sklearn.linear_model import LogisticRegression

    target = _targets(right)
    # A target between 0 and 1 is the same span twice: right with that weight, wrong with the rest.
    model = LogisticRegression(C=np.inf, solver="newton-cholesky", tol=1e-10, fit_intercept=intercept)
    model.fit(
        np.concatenate([score, score]).reshape(-1, 1),
        np.repeat([True, False], len(score)),
        sample_weight=np.concatenate([target, 1 - target]),
    )
    return float(model.coef_[0, 0]), float(np.ravel(model.intercept_)[0])


def _isotonic(raw: Floats, right: Flags) -> list[tuple[float, float]]:
    """The ends of the plateaus of the isotonic regression of `right` on `raw`."""
    from sklearn.isotonic import IsotonicRegression

    model = IsotonicRegression().fit(raw, _targets(right))
    return list(zip(model.X_thresholds_.tolist(), model.y_thresholds_.tolist(), strict=True))


def _classifier(described: dict[str, Floats], right: Flags) -> tuple[float, dict[str, float]]:
    """Intercept and weights of a logistic regression with an L2 penalty.

    They are fitted to standardised features, so that the penalty treats all alike, and told for the features
    as they are.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    scaler = StandardScaler()
    standard = scaler.fit_transform(np.stack(list(described.values()), axis=1))
    model = LogisticRegression(C=STRENGTH, solver="newton-cholesky", tol=1e-10).fit(standard, right)
    weights = model.coef_[0] / scaler.scale_
    intercept = float(model.intercept_[0] - weights @ scaler.mean_)
    return intercept, dict(zip(described, weights.tolist(), strict=True))
