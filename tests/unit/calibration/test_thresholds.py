from __future__ import annotations

import numpy as np
import pytest

from spanwise.calibration.features import feature_values
from spanwise.calibration.thresholds import Policy, TypeThreshold, choose_threshold, decide
from spanwise.metrics.confidence import outcomes
from spanwise.schema import Prediction
from tests.unit.calibration.made import document


def graded(low: int, high: int) -> list[Prediction]:
    """`low` wrong spans at 0.3 and `high` right ones at 0.8, dealt out to five documents."""
    rows = [*[(0.3, False)] * low, *[(0.8, True)] * high]
    return [document(*rows[number::5]) for number in range(5)]


def smallest(predictions: list[Prediction], target_precision: float) -> float | None:
    return choose_threshold(
        feature_values(predictions, "minimum"),
        outcomes(predictions).right,
        target_precision=target_precision,
    )


def decided(predictions: list[Prediction], *types: str) -> Policy:
    return decide(
        predictions,
        feature_values(predictions, "minimum"),
        target_precision=0.95,
        error_rate=0.1,
        high_value_types=types,
        high_value_precision=0.7,
    )


def test_the_threshold_is_the_smallest_that_reaches_the_target() -> None:
    assert smallest(graded(40, 60), 0.5) == 0.0
    assert smallest(graded(40, 60), 0.61) == pytest.approx(0.301)
    assert smallest(graded(40, 60), 1.0) == pytest.approx(0.301)


@pytest.mark.parametrize(
    "predictions", [[], graded(40, 0), graded(40, 19), [document((None, False))]], ids=lambda p: str(len(p))
)
def test_there_is_no_threshold_without_twenty_spans_at_the_target(predictions: list[Prediction]) -> None:
    assert smallest(predictions, 0.95) is None


def test_a_few_sure_spans_do_not_make_a_threshold() -> None:
    wrong_at_the_top = [document(*[(0.99, False)], *[(0.9, True)] * 60, *[(0.2, False)] * 30)]
    assert smallest(wrong_at_the_top, 0.95) == pytest.approx(0.201)


def test_certainty_may_be_asked_for() -> None:
    assert smallest([document(*[(1.0, True)] * 20)], 1.0) == 0.0
    assert smallest([document(*[(1.0, True)] * 20, (0.9995, False))], 1.0) == 1.0
    assert smallest([document(*[(1.0, False)] * 20)], 0.9) is None


def test_all_thresholds_are_chosen_for_their_targets() -> None:
    found = decided(graded(40, 200))
    assert found.threshold == pytest.approx(0.301)
    assert found.guaranteed.threshold == pytest.approx(0.301)
    assert found.guaranteed_by_group.reason == (
        "needs 45 or more groups of documents with predicted spans, there are 5"
    )
    assert (found.target_precision, found.error_rate, found.high_value_precision) == (0.95, 0.1, 0.7)
    assert found.high_value == {}


def test_groups_are_counted_where_they_hold_predicted_spans() -> None:
    silent = [document((None, False)) for _ in range(30)]
    found = decided([*silent, *(document((0.8, True)) for _ in range(44))])
    assert found.guaranteed_by_group.reason is not None
    assert found.guaranteed_by_group.reason.endswith("there are 44")
    enough = decided([*silent, *(document((0.8, True)) for _ in range(45))])
    assert enough.guaranteed_by_group.threshold == 0.0


def test_a_type_of_high_value_has_its_own_threshold() -> None:
    predictions = [
        document(*[(0.5, False)] * 10, *[(0.6, True)] * 20, label="Dose"),
        document(*[(0.55, False)] * 60, *[(0.9, True)] * 20),
    ]
    found = decided(predictions, "Dose", "Age", "Nothing")
    assert found.high_value["Dose"] == TypeThreshold(0.501, pooled=False)
    assert found.high_value["Age"] == TypeThreshold(0.551, pooled=False)


def test_a_type_with_few_validation_spans_borrows_the_threshold_of_all() -> None:
    rare = document(*[(0.9, False)] * 19, label="Dose")
    found = decided([rare, *graded(40, 60)], "Dose", "Nothing")
    pooled = smallest([rare, *graded(40, 60)], 0.7)
    assert pooled is not None
    assert found.high_value == {name: TypeThreshold(pooled, pooled=True) for name in ("Dose", "Nothing")}


def test_twenty_validation_spans_of_a_type_are_enough() -> None:
    found = decided([document(*[(0.9, True)] * 20, label="Dose"), *graded(40, 60)], "Dose")
    assert found.high_value["Dose"] == TypeThreshold(0.0, pooled=False)


def test_a_type_that_never_reaches_its_target_has_no_threshold() -> None:
    found = decided([document(*[(0.9, False)] * 25, label="Dose"), *graded(0, 60)], "Dose")
    assert found.high_value["Dose"] == TypeThreshold(None, pooled=False)


def test_confidence_is_taken_as_it_is_handed_over() -> None:
    predictions = graded(40, 60)
    found = decide(
        predictions,
        # Eight wrong and twelve right spans in each document.
        np.array(([0.1] * 8 + [0.2] * 12) * 5),
        target_precision=0.9,
        error_rate=0.1,
        high_value_types=[],
        high_value_precision=0.9,
    )
    assert found.threshold == pytest.approx(0.101)
