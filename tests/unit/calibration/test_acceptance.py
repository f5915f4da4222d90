from __future__ import annotations

import numpy as np
import pytest

from spanwise.calibration import Calibration
from spanwise.calibration.acceptance import (
    Bootstrap,
    Rate,
    Side,
    acceptance,
    rates,
    risk_by_type,
    take_side,
    threshold_intervals,
)
from spanwise.schema import Prediction
from tests.unit.calibration.made import document, identity, logistic

BOOTSTRAP = Bootstrap(samples=300, level=0.95, seed=1)


def side(predictions: list[Prediction]) -> Side:
    return take_side(predictions, identity())


def test_a_side_knows_its_spans_before_and_after_calibration() -> None:
    platt = Calibration(method="platt", feature="minimum", intercept=1.0, spans=1)
    found = take_side([document((0.5, True), (None, False), (0.8, False))], platt)
    assert found.raw.tolist() == [0.5, 0.8]
    assert found.confidence.tolist() == pytest.approx([1 / (1 + np.exp(-1)), 1 / (1 + np.exp(-1) / 4)])
    assert found.right.tolist() == [True, False]
    assert found.accepted(0.8).tolist() == [False, True]
    held_out = take_side([document((0.5, True))], platt, held_out=np.array([0.3]))
    assert (held_out.raw.tolist(), held_out.confidence.tolist()) == ([0.5], [0.3])
    assert found.accepted(None).tolist() == [False, False]


def test_acceptance_of_a_worked_example() -> None:
    found = side(
        [
            each
            for _ in range(3)
            for each in (
                document((0.5, True), (0.9, True), (0.4, True), (None, False)),
                document((0.9, False), (0.9, True)),
            )
        ]
    )
    figures = acceptance(found, found.accepted(0.5), BOOTSTRAP)
    assert figures.pop("share_low") == pytest.approx(2 / 4)
    assert figures.pop("share_high") == pytest.approx(1 / 2)
    # Half of the accepted are right in one kind of document, all in the other.
    assert 1 / 2 <= figures.pop("precision_low") < 3 / 4 < figures.pop("precision_high") <= 1
    assert 2 / 3 <= figures.pop("coverage_low") < 4 / 5 < figures.pop("coverage_high") <= 1
    assert figures == {"precision": 3 / 4, "share": 3 / 6, "coverage": 4 / 5}


def test_acceptance_of_one_type_sees_no_other() -> None:
    predictions = [document((0.9, True), (0.3, True), label="Dose"), document((0.9, False), (0.9, True))]
    found = side(predictions)
    figures = acceptance(found, found.accepted(0.5), BOOTSTRAP, label="Dose")
    assert (figures["precision"], figures["share"], figures["coverage"]) == (1.0, 1 / 2, 1 / 2)
    nothing = acceptance(found, found.accepted(0.5), BOOTSTRAP, label="Nothing")
    assert set(nothing.values()) == {None}


def test_the_intervals_hold_their_figures() -> None:
    found = side(logistic(300, slope=1.0, intercept=0.0, seed=6))
    figures = acceptance(found, found.accepted(0.8), BOOTSTRAP)
    for name in ("precision", "share", "coverage"):
        assert 0 < figures[f"{name}_low"] < figures[name] < figures[f"{name}_high"] < 1


def test_documents_of_one_group_are_drawn_together() -> None:
    widths = {}
    for size in (1, 10):
        rows = [((0.9, n % 20 < 10), group) for n in range(100) for group in [f"patient {n // size}"]]
        found = side([document(row, group=group) for row, group in rows])
        figures = acceptance(found, found.accepted(0.5), BOOTSTRAP)
        assert figures["precision"] == figures["share"] == 0.5
        widths[size] = [figures[f"{name}_high"] - figures[f"{name}_low"] for name in ("precision", "share")]
    assert all(few > 2 * many for few, many in zip(widths[10], widths[1], strict=True))


def test_fewer_than_five_groups_have_no_interval() -> None:
    found = side([document((0.9, True), group=f"patient {n % 4}") for n in range(40)])
    figures = acceptance(found, found.accepted(0.5), BOOTSTRAP)
    assert figures["precision"] == 1.0
    assert [figures[f"{name}_low"] for name in ("precision", "share")] == [None, None]


def test_the_seed_decides_the_interval() -> None:
    found = side(logistic(300, slope=1.0, intercept=0.0, seed=6))
    first, again, other = (
        acceptance(found, found.accepted(0.8), Bootstrap(samples=30, level=0.95, seed=seed))
        for seed in (1, 1, 2)
    )
    assert first == again
    assert first != other


@pytest.mark.parametrize("predictions", [[], [document()]])
def test_there_is_no_share_of_nothing(predictions: list[Prediction]) -> None:
    found = side(predictions)
    assert set(acceptance(found, found.accepted(0.5), BOOTSTRAP).values()) == {None}


def test_a_rate_names_its_bounds() -> None:
    assert Rate(0.5, 0.4, None).named("f1") == {"f1": 0.5, "f1_low": 0.4, "f1_high": None}


def test_rates_of_several_columns_are_drawn_together() -> None:
    part, whole = np.array([[1.0, 0.0]] * 6), np.array([[2.0, 0.0]] * 6)
    assert rates(part, whole, BOOTSTRAP) == [Rate(0.5, 0.5, 0.5), Rate(None, None, None)]


def test_thresholds_have_the_precision_of_what_they_accept_with_its_interval() -> None:
    found = side(logistic(300, slope=1.0, intercept=0.0, seed=6))
    rows = threshold_intervals(found, [0.0, 0.8, 1.0], BOOTSTRAP)
    assert [row["threshold"] for row in rows] == [0.0, 0.8, 1.0]
    at = acceptance(found, found.accepted(0.8), BOOTSTRAP)
    assert rows[1] == {
        "threshold": 0.8,
        "precision": pytest.approx(at["precision"]),
        "precision_low": pytest.approx(at["precision_low"]),
        "precision_high": pytest.approx(at["precision_high"]),
        "coverage": pytest.approx(at["coverage"]),
        "recall": pytest.approx(at["share"]),
    }
    assert (rows[2]["precision"], rows[2]["precision_low"]) == (None, None)


def test_types_are_ranked_by_the_errors_that_pass() -> None:
    predictions = [
        each
        for _ in range(6)
        for each in (
            document((0.9, True), (0.9, True), (0.9, False), label="Age"),
            document((0.9, True), (0.9, False), (0.9, False), label="Dose"),
            document((0.9, False), (0.2, False), label="Mass"),
            document((0.2, False), (None, False), label="Sex"),
            document((0.9, True), label="Weight"),
            document((None, False), label="Unheard"),
        )
    ]
    found = side(predictions)
    risks = risk_by_type(found, found.accepted(0.5), BOOTSTRAP)
    assert list(risks) == ["Dose", "Mass", "Age", "Weight", "Sex"]
    assert [risk["rank"] for risk in risks.values()] == [1, 2, 3, 4, 5]
    assert risks["Dose"] == {
        "accepted": 18,
        "false_positives": 12,
        "precision": pytest.approx(1 / 3),
        "precision_low": pytest.approx(1 / 3),
        "precision_high": pytest.approx(1 / 3),
        "few": False,
        "rank": 1,
    }
    assert (risks["Mass"]["accepted"], risks["Mass"]["few"]) == (6, True)
    assert (risks["Sex"]["accepted"], risks["Sex"]["precision"], risks["Sex"]["few"]) == (0, None, True)
