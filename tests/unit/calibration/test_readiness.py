from __future__ import annotations

from dataclasses import replace

import pytest

from spanwise.calibration.acceptance import Bootstrap, Side, take_side
from spanwise.calibration.guarantee import Certificate
from spanwise.calibration.readiness import (
    automation,
    guaranteed,
    high_value,
    readiness,
    simulate_documents,
)
from spanwise.calibration.thresholds import Policy, TypeThreshold
from spanwise.schema import GoldSpan, Prediction
from tests.unit.calibration.made import document, identity

BOOTSTRAP = Bootstrap(samples=50, level=0.9, seed=1)
POLICY = Policy(
    target_precision=0.95,
    threshold=0.5,
    error_rate=0.1,
    guaranteed=Certificate(0.8, accepted=99, risk=0.01, p_value=0.03, design_effect=1.5),
    guaranteed_by_group=Certificate(None, reason="needs more groups"),
    high_value_precision=0.85,
    high_value={"Age": TypeThreshold(0.6, pooled=False), "Dose": TypeThreshold(0.7, pooled=True)},
)


def side(predictions: list[Prediction]) -> Side:
    return take_side(predictions, identity())


def three() -> list[Prediction]:
    """Accepted at 0.5: both of the first, one of two and one of three; the last says nothing."""
    return [
        document((0.9, True), (0.6, False)),
        document((0.9, True), (0.4, True), (None, False)),
        document((0.7, False), (0.2, False), (0.1, True)),
        document((None, False), (None, False)),
    ]


def test_automation_tells_what_the_threshold_accepts() -> None:
    found = automation(side(three()), POLICY, BOOTSTRAP)
    assert (found["target_precision"], found["threshold"]) == (0.95, 0.5)
    assert (found["precision"], found["share"], found["coverage"]) == (2 / 4, 2 / 10, 4 / 7)
    assert "reason" not in found


def test_without_a_threshold_nothing_is_accepted_and_it_says_so() -> None:
    predictions = [document(*[(0.3, False)] * 5, *[(0.8, True)] * 5) for _ in range(5)]
    assert automation(side(predictions), replace(POLICY, threshold=None), BOOTSTRAP) == {
        "target_precision": 0.95,
        "threshold": None,
        "precision": None,
        "precision_low": None,
        "precision_high": None,
        "share": 0.0,
        "share_low": 0.0,
        "share_high": 0.0,
        "coverage": 0.0,
        "coverage_low": 0.0,
        "coverage_high": 0.0,
        "reason": "no threshold keeps 20 or more validation spans at precision 0.95",
    }


def test_the_guarantee_tells_what_vouches_for_it() -> None:
    found = guaranteed(side(three()), POLICY, BOOTSTRAP)
    assert (found["target_precision"], found["error_rate"], found["threshold"]) == (0.95, 0.1, 0.8)
    assert (found["precision"], found["share"]) == (1.0, 2 / 10)
    assert found["validation"] == {"accepted": 99, "risk": 0.01, "p_value": 0.03, "design_effect": 1.5}
    assert found["by_group"] == {
        "threshold": None,
        "accepted": 0,
        "risk": None,
        "p_value": None,
        "reason": "needs more groups",
    }
    assert "reason" not in found


def test_a_guarantee_that_nothing_keeps_gives_its_reason() -> None:
    swapped = replace(POLICY, guaranteed=POLICY.guaranteed_by_group, guaranteed_by_group=POLICY.guaranteed)
    found = guaranteed(side(three()), swapped, BOOTSTRAP)
    assert (found["reason"], found["threshold"], found["precision"]) == ("needs more groups", None, None)
    assert found["by_group"]["threshold"] == 0.8
    assert "reason" not in found["by_group"]


def test_documents_are_automatic_in_review_or_silent() -> None:
    predictions = three()
    found = side(predictions)
    figures = simulate_documents(found, found.accepted(0.5), BOOTSTRAP)
    assert figures.pop("mean_share_automatic") == pytest.approx((1 + 1 / 2 + 1 / 3) / 3)
    assert figures.pop("spans_to_review_per_document") == {
        "mean": 3 / 4,
        "median": 0.5,
        "p90": pytest.approx(1.7),
    }
    assert figures == {
        "documents": 4,
        "automatic": 1,
        "review": 2,
        "silent": 1,
        "errors_passed_per_document": 2 / 4,
        # The one that the second document lacks, and both of the last; wrong ends overlap what they miss.
        "missed_per_document": 3 / 4,
        "automation_rate": 4 / 7,
        "automation_rate_low": None,
        "automation_rate_high": None,
    }


def test_errors_passed_are_what_is_accepted_and_wrong() -> None:
    found = side(three())
    passed = simulate_documents(found, found.accepted(0.65), BOOTSTRAP)["errors_passed_per_document"]
    assert passed == 1 / 4  # of three that are accepted


def test_a_gold_span_that_a_prediction_touches_is_not_overlooked() -> None:
    made = document((0.9, True))
    label, tier = "Age", "high"
    more = (
        GoldSpan(start=4, end=8, label=label, tier=tier),  # overlaps the predicted span 0:5
        GoldSpan(start=5, end=8, label=label, tier=tier),  # touches it
    )
    found = side([made.model_copy(update={"gold": (*made.gold, *more)})])
    assert simulate_documents(found, found.accepted(0.5), BOOTSTRAP)["missed_per_document"] == 1


def test_no_document_needs_no_review() -> None:
    found = side([])
    figures = simulate_documents(found, found.accepted(0.5), BOOTSTRAP)
    assert figures["documents"] == figures["automatic"] == figures["review"] == 0
    assert figures["spans_to_review_per_document"] == {"mean": None, "median": None, "p90": None}
    assert figures["automation_rate"] is None


def test_types_of_high_value_are_measured_at_their_own_thresholds() -> None:
    predictions = [
        document((0.65, True), (0.55, True), (None, False)),
        document((0.65, True), (0.9, False), label="Dose"),
    ]
    found = high_value(side(predictions), POLICY, BOOTSTRAP)
    age, dose = found["Age"], found["Dose"]
    assert (age["support"], age["threshold"], age["pooled"], age["target_precision"]) == (3, 0.6, False, 0.85)
    assert (age["precision"], age["share"], age["coverage"]) == (1.0, 1 / 3, 1 / 2)
    assert (dose["support"], dose["threshold"], dose["pooled"]) == (2, 0.7, True)
    assert (dose["precision"], dose["share"]) == (0.0, 0.0)
    assert "reason" not in age
    assert "reason" not in dose


@pytest.mark.parametrize(
    ("pooled", "present", "reason"),
    [
        (False, True, "no threshold keeps 20 or more validation spans of this type at precision 0.85"),
        (True, True, "no threshold keeps 20 or more validation spans at precision 0.85"),
        (True, False, "no span of this type, neither gold nor predicted"),
    ],
)
def test_a_type_without_figures_gives_its_reason(pooled: bool, present: bool, reason: str) -> None:
    policy = replace(POLICY, high_value={"Dose": TypeThreshold(None, pooled=pooled)})
    found = high_value(side([document((0.9, True), label="Dose" if present else "Age")]), policy, BOOTSTRAP)
    assert found["Dose"]["reason"] == reason
    assert found["Dose"]["precision"] is None


def test_readiness_is_all_of_it() -> None:
    found = side(three())
    figures = readiness(found, POLICY, BOOTSTRAP)
    assert figures["automation"] == automation(found, POLICY, BOOTSTRAP)
    assert figures["guaranteed"] == guaranteed(found, POLICY, BOOTSTRAP)
    assert figures["high_value"] == high_value(found, POLICY, BOOTSTRAP)
    assert figures["documents"]["automation_rate"] == figures["automation"]["coverage"]
    assert figures["types"]["Age"]["accepted"] == 4
