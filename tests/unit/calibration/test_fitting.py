from __future__ import annotations

from typing import get_args

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from spanwise.calibration import apply
from spanwise.calibration.features import describe, feature_values
from spanwise.calibration.fitting import fit
from spanwise.calibration.record import Method
from spanwise.metrics.confidence import confidences, expected_calibration_error, outcomes
from spanwise.metrics.spans import Floats
from spanwise.schema import Prediction
from tests.unit.calibration.made import document, logistic

METHODS: tuple[Method, ...] = get_args(Method)
LEARNING: tuple[Method, ...] = tuple(method for method in METHODS if method != "identity")


def error(confidence: Floats, predictions: list[Prediction]) -> float:
    found = expected_calibration_error(confidence, outcomes(predictions).right, bins=10)
    assert found is not None
    return found


@pytest.mark.parametrize(("slope", "intercept"), [(1.0, 0.0), (0.5, -1.0), (2.0, 0.5)])
def test_recovers_the_line_behind_the_data(slope: float, intercept: float) -> None:
    predictions = logistic(20_000, slope=slope, intercept=intercept, seed=1)
    found = fit(predictions, method="platt", feature="minimum", backend="torch")
    assert found.method == "platt"
    assert found.slope == pytest.approx(slope, abs=0.06)
    assert found.intercept == pytest.approx(intercept, abs=0.06)
    assert found.spans == 20_000
    assert found.backend == "torch"
    assert found.reason is None


def test_recovers_the_temperature_behind_the_data() -> None:
    found = fit(logistic(20_000, slope=0.5, intercept=0.0, seed=1), method="temperature", feature="minimum")
    assert found.slope == pytest.approx(0.5, abs=0.03)
    assert found.intercept == 0.0


def test_platt_is_the_optimum_of_platts_targets() -> None:
    predictions = logistic(300, slope=0.7, intercept=-0.5, seed=2)
    found = fit(predictions, method="platt", feature="minimum")
    raw = feature_values(predictions, "minimum")
    right = outcomes(predictions).right
    target = np.where(right, (right.sum() + 1) / (right.sum() + 2), 1 / ((~right).sum() + 2))
    residual = target - apply(found, predictions)
    # At the optimum of a logistic regression the residuals are orthogonal to its inputs.
    assert residual.sum() == pytest.approx(0, abs=1e-3)
    assert (residual * np.log(raw / (1 - raw))).sum() == pytest.approx(0, abs=1e-3)


@pytest.mark.parametrize("method", ["platt", "isotonic", "classifier"])
def test_lowers_the_calibration_error_of_an_overconfident_model(method: Method) -> None:
    found = fit(logistic(4000, slope=0.5, intercept=-1.0, seed=3), method=method, feature="minimum")
    unseen = logistic(4000, slope=0.5, intercept=-1.0, seed=4)
    assert error(feature_values(unseen, "minimum"), unseen) > 0.2
    assert error(apply(found, unseen), unseen) < 0.05


def test_the_classifier_learns_from_what_one_number_hides() -> None:
    """Spans with a neighbour are wrong, however sure the model is of them."""
    beside = document((0.9, False), (0.9, False))
    first, second = beside.predicted
    moved = second.model_copy(update={"start": first.end, "end": first.end + 6})
    beside = beside.model_copy(update={"predicted": (first, moved)})
    predictions = [document((0.9, True), (0.9, True)), beside] * 20 + [document((0.6, False))] * 5
    found = fit(predictions, method="classifier", feature="minimum")
    assert (apply(found, [document((0.9, True))]) > 0.8).all()
    assert (apply(found, [beside]) < 0.2).all()


def test_the_classifier_is_the_ridge_regression_of_standardised_features() -> None:
    predictions = logistic(60, slope=0.7, intercept=-0.3, seed=5)
    features = np.stack(list(describe(predictions).values()), axis=1)
    model = make_pipeline(StandardScaler(), LogisticRegression(tol=1e-10)).fit(
        features, outcomes(predictions).right
    )
    found = apply(fit(predictions, method="classifier", feature="minimum"), predictions)
    assert found.tolist() == pytest.approx(model.predict_proba(features)[:, 1].tolist(), abs=1e-4)


@pytest.mark.parametrize("method", LEARNING)
def test_stays_finite_where_confidence_parts_right_from_wrong(method: Method) -> None:
    parted = [document((0.9, True), (0.8, True), (0.2, False), (0.1, False))] * 5
    found = fit(parted, method=method, feature="minimum")
    assert found.method == method
    assert found.spans == 20
    values = apply(found, [document((0.9, True), (0.1, False))])
    assert 0.7 < values[0] < 1
    assert 0 < values[1] < 0.3


@pytest.mark.parametrize("method", LEARNING)
@pytest.mark.parametrize(
    ("predictions", "reason"),
    [
        ([], "no predicted span"),
        ([document((None, False))], "no predicted span"),
        ([document(*[(0.9, True), (0.4, False)] * 9, (0.9, True))], "fewer than 20 predicted spans"),
        ([document((0.9, True), (0.4, True))] * 10, "every predicted span is right"),
        ([document((0.9, False), (0.4, False))] * 10, "every predicted span is wrong"),
        ([document((0.7, False), (0.7, True))] * 10, "every predicted span has the same confidence"),
    ],
)
def test_leaves_confidence_as_it_is_where_nothing_can_be_learnt(
    method: Method, predictions: list[Prediction], reason: str
) -> None:
    found = fit(predictions, method=method, feature="minimum")
    assert (found.method, found.reason) == ("identity", reason)
    assert (found.slope, found.intercept, found.knots, found.weights) == (1.0, 0.0, None, None)
    assert found.spans == len(confidences(predictions))
    assert apply(found, [document((0.0, True), (0.3, True), (1.0, True))]).tolist() == [0.0, 0.3, 1.0]


@pytest.mark.parametrize("method", ["temperature", "platt", "isotonic"])
def test_leaves_confidence_as_it_is_where_it_does_not_rise_with_being_right(method: Method) -> None:
    found = fit([document((0.9, False), (0.4, True))] * 10, method=method, feature="minimum")
    assert (found.method, found.reason) == ("identity", "confidence does not rise with being right")


def test_identity_needs_no_reason() -> None:
    found = fit(logistic(100, slope=1, intercept=0, seed=1), method="identity", feature="minimum")
    assert (found.method, found.reason, found.spans) == ("identity", None, 100)
