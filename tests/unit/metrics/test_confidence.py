from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spanwise.metrics.confidence import (
    Bin,
    area_under_risk_coverage,
    brier_score,
    confidences,
    expected_calibration_error,
    log_loss,
    mean_confidence,
    measure,
    outcomes,
    overlooked,
    reliability,
    risk_coverage,
    threshold_table,
)
from spanwise.metrics.spans import Flags, Floats
from spanwise.schema import Prediction

Document = Callable[..., Prediction]

# Few values, so that ties are common.
scored = st.lists(
    st.tuples(st.sampled_from([0.0, 0.1, 0.5, 0.9, 1.0]) | st.floats(0, 1), st.booleans()),
    min_size=1,
    max_size=40,
)


def arrays(spans: list[tuple[float, bool]]) -> tuple[Floats, Flags]:
    return np.array([c for c, _ in spans], dtype=np.float64), np.array([r for _, r in spans], dtype=np.bool_)


FOUR = arrays([(0.2, False), (0.4, True), (0.6, True), (0.8, False)])
EMPTY = arrays([])


def test_bins_of_equal_mass() -> None:
    bins = reliability(*FOUR, bins=2)
    assert [b.confidence for b in bins] == pytest.approx([0.3, 0.7])
    assert [(b.precision, b.spans) for b in bins] == [(0.5, 2), (0.5, 2)]


def test_the_calibration_error_of_a_worked_example() -> None:
    assert expected_calibration_error(*FOUR, bins=2) == pytest.approx(0.5 * 0.2 + 0.5 * 0.2)
    assert expected_calibration_error(*FOUR, bins=4) == pytest.approx((0.2 + 0.6 + 0.4 + 0.8) / 4)
    assert expected_calibration_error(*FOUR, bins=1) == pytest.approx(0)


def test_bins_of_many_spans_differ_by_one_at_most() -> None:
    confidence = np.linspace(0, 1, 103)
    sizes = [b.spans for b in reliability(confidence, confidence > 0.5, bins=10)]
    assert len(sizes) == 10
    assert sum(sizes) == 103
    assert max(sizes) - min(sizes) <= 1


def test_equal_confidences_share_a_bin() -> None:
    confidence = np.array([0.1, 0.9, 0.9, 0.9, 0.9, 0.9])
    right = np.array([False, True, True, False, True, True])
    bins = reliability(confidence, right, bins=3)
    assert bins[0] == Bin(0.1, 0.0, 1)
    assert (bins[1].precision, bins[1].spans) == (0.8, 5)
    assert len(bins) == 2


@given(scored, st.integers(1, 12), st.randoms(use_true_random=False))
def test_the_calibration_error_is_a_share_whatever_the_order(
    spans: list[tuple[float, bool]], bins: int, random: np.random.Generator
) -> None:
    error = expected_calibration_error(*arrays(spans), bins=bins)
    assert error is not None
    assert -1e-9 <= error <= 1 + 1e-9
    random.shuffle(spans)
    assert expected_calibration_error(*arrays(spans), bins=bins) == pytest.approx(error)


def test_the_risk_coverage_curve_of_a_worked_example() -> None:
    assert risk_coverage(*FOUR).tolist() == pytest.approx([1, 1 / 2, 1 / 3, 2 / 4])
    assert area_under_risk_coverage(*FOUR) == pytest.approx((1 + 1 / 2 + 1 / 3 + 1 / 2) / 4)


def test_tied_spans_count_as_wrong_as_they_are_on_average() -> None:
    confidence, right = arrays([(0.9, True), (0.5, False), (0.5, True)])
    assert risk_coverage(confidence, right).tolist() == pytest.approx([0, 0.5 / 2, 1 / 3])


@given(scored, st.randoms(use_true_random=False))
def test_a_perfect_ranking_has_the_smallest_area(
    spans: list[tuple[float, bool]], random: np.random.Generator
) -> None:
    confidence, right = arrays(spans)
    area = area_under_risk_coverage(confidence, right)
    assert area is not None
    ranks = np.argsort(np.argsort(right, kind="stable")) / len(right)
    best = area_under_risk_coverage(ranks, right)
    worst = area_under_risk_coverage(-ranks, right)
    assert best is not None
    assert worst is not None
    assert best - 1e-9 <= area <= worst + 1e-9
    random.shuffle(spans)
    assert area_under_risk_coverage(*arrays(spans)) == pytest.approx(area)


@given(scored)
def test_the_whole_of_the_curve_ends_in_the_error_rate(spans: list[tuple[float, bool]]) -> None:
    confidence, right = arrays(spans)
    assert risk_coverage(confidence, right)[-1] == pytest.approx((~right).mean())


def test_no_span_has_no_calibration() -> None:
    assert expected_calibration_error(*EMPTY, bins=10) is None
    assert area_under_risk_coverage(*EMPTY) is None
    assert reliability(*EMPTY, bins=10) == []
    assert brier_score(*EMPTY) is None
    assert log_loss(*EMPTY) is None


def test_thresholds_of_a_worked_example() -> None:
    assert threshold_table(*FOUR, gold=5, thresholds=[0.0, 0.4, 0.7, 0.9]) == [
        {"threshold": 0.0, "precision": 2 / 4, "coverage": 1.0, "recall": 2 / 5},
        {"threshold": 0.4, "precision": 2 / 3, "coverage": 3 / 4, "recall": 2 / 5},
        {"threshold": 0.7, "precision": 0.0, "coverage": 1 / 4, "recall": 0.0},
        {"threshold": 0.9, "precision": None, "coverage": 0.0, "recall": 0.0},
    ]


def test_shares_of_nothing_are_undefined() -> None:
    assert threshold_table(*EMPTY, gold=0, thresholds=[0.5]) == [
        {"threshold": 0.5, "precision": None, "coverage": None, "recall": None}
    ]


def test_the_brier_score_of_a_worked_example() -> None:
    assert brier_score(*FOUR) == pytest.approx((0.2**2 + 0.6**2 + 0.4**2 + 0.8**2) / 4)


def test_the_log_loss_of_a_worked_example() -> None:
    assert log_loss(*FOUR) == pytest.approx(-np.log([0.8, 0.4, 0.6, 0.2]).mean())


def test_a_certain_error_costs_sixteen_nats() -> None:
    assert log_loss(*arrays([(1.0, False)])) == pytest.approx(-np.log(1e-7))
    assert log_loss(*arrays([(0.0, True)])) == pytest.approx(-np.log(1e-7))
    assert log_loss(*arrays([(1.0, True)])) == pytest.approx(0, abs=1e-6)


@given(scored)
def test_no_constant_has_a_smaller_loss_than_the_share_of_right_spans(
    spans: list[tuple[float, bool]],
) -> None:
    confidence, right = arrays(spans)
    best = np.full(len(right), right.mean())
    for score in (brier_score, log_loss):
        of_best, of_other = score(best, right), score(np.full(len(right), confidence[0]), right)
        assert of_best is not None
        assert of_other is not None
        assert of_best <= of_other + 1e-5


def test_outcomes_follow_the_order_of_the_documents(document: Document) -> None:
    predictions = [
        document([(0, 4, "A")], [(0, 4, "A", 0.9), (5, 9, "B", 0.2)]),
        document([(0, 4, "B"), (5, 9, "C")], []),
        document([], [(0, 4, "A", 0.4)]),
    ]
    known = outcomes(predictions)
    assert known.right.tolist() == [True, False, False]
    assert known.found.tolist() == [True, False, False]
    assert known.predicted.tolist() == [2, 0, 1]
    assert [sure.minimum for sure in confidences(predictions)] == [0.9, 0.2, 0.4]


def test_a_missed_span_takes_the_confidence_of_what_overlaps_it_most(document: Document) -> None:
    predictions = [
        document(
            [(0, 4, "A"), (10, 20, "B"), (30, 40, "C"), (50, 60, "C"), (70, 80, "D")],
            [
                (0, 4, "A", 0.8),
                (10, 12, "B", 0.9),  # overlaps B by 2
                (13, 20, "B", 0.3),  # by 7
                (30, 35, "C", 0.4),  # half of C each
                (35, 40, "D", 0.6),
                (60, 70, "A", 0.99),  # touches its neighbours, overlaps none
            ],
        ),
        document([(30, 40, "C")], [(0, 4, "A", 0.7)]),
        document([(0, 4, "B")], [(0, 4, "A", 0.1)]),
    ]
    values = np.array([sure.minimum for sure in confidences(predictions)])
    found = mean_confidence(predictions, values)
    assert found["mean_confidence"] == {
        "true_positive": pytest.approx(0.8),
        "false_positive": pytest.approx((0.9 + 0.3 + 0.4 + 0.6 + 0.99 + 0.7 + 0.1) / 7),
        "false_negative": pytest.approx((0.3 + 0.6 + 0.1) / 3),
    }
    assert found["counts"] == {
        "true_positive": 1,
        "false_positive": 7,
        "false_negative": 6,
        "false_negative_without_overlap": 3,
    }


def test_what_no_prediction_overlaps_is_overlooked(document: Document) -> None:
    predictions = [
        document(
            [(0, 4, "A"), (10, 20, "B"), (30, 40, "C"), (50, 60, "C")],
            [(0, 4, "A"), (19, 25, "A"), (40, 50, "C")],
        ),
        document([(0, 4, "B")], []),
        document([], [(0, 4, "A")]),
    ]
    assert overlooked(predictions).tolist() == [False, False, True, True, True]
    assert overlooked([]).tolist() == []


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 20), st.integers(1, 8)), max_size=12))
def test_overlooked_spans_are_those_that_share_no_character(
    document: Document, drawn: list[tuple[bool, int, int]]
) -> None:
    """In any order, nested or not."""
    gold = [(start, start + length, "A") for side, start, length in drawn if side]
    predicted = [(start, start + length, "A", 0.5) for side, start, length in drawn if not side]
    covered = {place for start, end, *_ in predicted for place in range(start, end)}
    alone = [covered.isdisjoint(range(start, end)) for start, end, _ in gold]
    assert overlooked([document(gold, predicted)]).tolist() == alone


def test_the_figures_of_a_split(document: Document) -> None:
    predictions = [document([(0, 4, "A"), (5, 9, "B")], [(0, 4, "A", 0.9), (5, 9, "C", 0.6)])]
    raw = np.array([0.9, 0.6])
    found = measure(predictions, raw=raw, calibrated=1 - raw, bins=2)
    assert found["ece_raw"] == pytest.approx((0.1 + 0.6) / 2)
    assert found["ece"] == pytest.approx((0.9 + 0.4) / 2)
    assert found["aurc_raw"] == pytest.approx((0 + 1 / 2) / 2)
    assert found["aurc"] == pytest.approx((1 + 1 / 2) / 2)
    assert found["brier"] == pytest.approx((0.9**2 + 0.4**2) / 2)
    assert found["brier_raw"] == pytest.approx((0.1**2 + 0.6**2) / 2)
    assert found["log_loss"] == pytest.approx(-np.log([0.1, 0.6]).mean())
    assert found["log_loss_raw"] == pytest.approx(-np.log([0.9, 0.4]).mean())
    assert found["mean_confidence"]["true_positive"] == pytest.approx(0.1)
    assert found["counts"]["false_negative"] == 1


@pytest.mark.parametrize("documents", [0, 2])
def test_a_split_without_spans_has_no_figures(document: Document, documents: int) -> None:
    none = np.array([])
    found = measure([document([], [])] * documents, raw=none, calibrated=none, bins=5)
    assert {found[name] for name in found if name not in ("mean_confidence", "counts")} == {None}
    assert set(found["mean_confidence"].values()) == {None}
    assert set(found["counts"].values()) == {0}
