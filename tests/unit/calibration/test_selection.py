from __future__ import annotations

from typing import Literal

import numpy as np
import pytest

from spanwise.calibration import apply
from spanwise.calibration.record import Method
from spanwise.calibration.selection import SIMPLEST_FIRST, Choice, choose
from spanwise.metrics.confidence import log_loss, outcomes
from spanwise.schema import Prediction
from tests.unit.calibration.made import document, logistic


def chosen(predictions: list[Prediction], method: Method | Literal["auto"] = "auto", seed: int = 1) -> Choice:
    return choose(predictions, method=method, feature="minimum", bins=10, backend="torch", seed=seed)


def test_takes_what_has_the_smallest_log_loss_on_documents_not_seen() -> None:
    predictions = logistic(1000, slope=0.6, intercept=-1.0, seed=2)
    found = chosen(predictions)
    losses = {name: figures["log_loss"] for name, figures in found.methods.items()}
    assert list(losses) == list(SIMPLEST_FIRST)
    assert found.calibration.method == min(losses, key=lambda name: losses[name])
    assert losses[found.calibration.method] == log_loss(found.held_out, outcomes(predictions).right)
    assert losses["identity"] > losses[found.calibration.method] + 0.05
    assert set(found.methods["platt"]) == {"log_loss", "brier", "ece", "aurc"}


def test_a_span_is_held_out_with_its_whole_group() -> None:
    """Each group has a confidence of its own; its two halves know of each other which spans are right."""
    groups = [
        document(*[(0.02 * number + 0.1, number % 2 == 0 or number > 25)] * 10, group=f"patient {number}")
        for number in range(40)
    ]
    halves = [
        each.model_copy(update={"gold": each.gold[part], "predicted": each.predicted[part]})
        for each in groups
        for part in (slice(0, 5), slice(5, 10))
    ]
    of_halves, of_groups = chosen(halves, "isotonic"), chosen(groups, "isotonic")
    assert of_halves.held_out.tolist() == of_groups.held_out.tolist()
    assert of_halves.held_out.tolist() != apply(of_halves.calibration, halves).tolist()


def test_documents_without_predictions_change_nothing() -> None:
    predictions = logistic(200, slope=0.6, intercept=-1.0, seed=3)
    among = [each for prediction in predictions for each in (document((None, False)), prediction)]
    assert chosen(among).held_out.tolist() == chosen(predictions).held_out.tolist()


def test_a_method_that_is_named_is_used() -> None:
    predictions = logistic(400, slope=0.6, intercept=-0.3, seed=4)
    for method in SIMPLEST_FIRST:
        found = chosen(predictions, method)
        assert (found.calibration.method, found.calibration.reason) == (method, None)
        assert found.calibration.spans == 400
        assert found.calibration.backend == "torch"
        assert set(found.methods) == set(SIMPLEST_FIRST)


def test_confidence_that_is_calibrated_is_left_alone_and_it_says_so() -> None:
    found = chosen(logistic(300, slope=1.0, intercept=0.0, seed=4)).calibration
    assert (found.method, found.reason) == ("identity", "no method does better on validation")


def test_of_equals_the_simpler_is_taken() -> None:
    """Where confidence falls with being right, three methods come down to the identity."""
    falling = [document((0.9, False), (0.8, True), (0.8, False)) for _ in range(20)]
    found = chosen(falling)
    losses = {name: figures["log_loss"] for name, figures in found.methods.items()}
    assert losses["identity"] == losses["temperature"] == losses["platt"] == losses["isotonic"]
    assert losses["identity"] > losses["classifier"]
    assert found.calibration.method == "classifier"


@pytest.mark.parametrize(
    ("predictions", "reason"),
    [
        ([], "no predicted span"),
        ([document((0.9, True), (0.4, False))] * 9, "fewer than 20 predicted spans"),
        ([document((0.9, True), (0.4, True))] * 10, "every predicted span is right"),
        (
            [document((0.9, True), (0.4, False), group="one")] * 10,
            "one group of documents is too few to compare methods on",
        ),
    ],
)
def test_identity_where_methods_cannot_be_compared(predictions: list[Prediction], reason: str) -> None:
    found = chosen(predictions)
    assert (found.calibration.method, found.calibration.reason) == ("identity", reason)
    assert found.calibration.backend == "torch"
    assert found.methods == {}
    assert found.held_out.tolist() == apply(found.calibration, predictions).tolist()


def test_a_named_method_needs_no_comparison() -> None:
    found = chosen([document((0.9, True), (0.4, False), group="one")] * 10, "platt")
    assert (found.calibration.method, found.calibration.reason) == ("platt", None)
    assert found.methods == {}


def test_a_named_method_that_cannot_be_fitted_is_held_out_as_what_replaces_it() -> None:
    falling = [document((0.9, False), (0.4, True), group=str(number)) for number in range(20)]
    found = chosen(falling, "temperature")
    assert found.calibration.method == "identity"
    assert found.held_out.tolist() == [0.9, 0.4] * 20


def test_the_seed_decides_the_folds() -> None:
    predictions = logistic(300, slope=0.6, intercept=-1.0, seed=6)
    first, again, other = (chosen(predictions, "platt", seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(first.held_out, again.held_out)
    assert not np.array_equal(first.held_out, other.held_out)
    assert first.calibration == other.calibration
