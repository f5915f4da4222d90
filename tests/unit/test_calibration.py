from __future__ import annotations

from itertools import count
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from spanwise.calibration import (
    Calibration,
    Feature,
    apply,
    assess,
    automation,
    choose_threshold,
    feature_values,
    fit,
    plot_tables,
)
from spanwise.io import read_record, write_json
from spanwise.metrics.confidence import confidences, expected_calibration_error, outcomes
from spanwise.metrics.spans import Floats
from spanwise.schema import Confidence, GoldSpan, PredictedSpan, Prediction

numbers = count()


def document(*spans: tuple[float | None, bool], group: str | None = None) -> Prediction:
    """One with a gold span per item, predicted at that confidence (or not at all), rightly or one off.

    It stands in a group of its own unless one is given.
    """
    gold, predicted = [], []
    for position, (value, right) in enumerate(spans):
        start = 10 * position
        gold.append(GoldSpan(start=start, end=start + 5, label="Age", tier="high"))
        if value is not None:
            sure = Confidence(words=(value,), minimum=value, mean=value, product=value, span=value)
            end = start + (5 if right else 6)
            predicted.append(PredictedSpan(start=start, end=end, label="Age", tier="high", confidence=sure))
    return Prediction(
        id="1",
        text="",
        group=group or f"group {next(numbers)}",
        gold=tuple(gold),
        predicted=tuple(predicted),
    )


def logistic(spans: int, *, slope: float, intercept: float, seed: int) -> list[Prediction]:
    """Documents of ten spans that are right with the probability sigmoid(slope * logit(c) + intercept)."""
    random = np.random.default_rng(seed)
    logit = random.normal(1.0, 1.5, size=spans)
    confidence = 1 / (1 + np.exp(-logit))
    right = random.random(spans) < 1 / (1 + np.exp(-(slope * logit + intercept)))
    pairs = list(zip(confidence.tolist(), right.tolist(), strict=True))
    return [document(*pairs[i : i + 10]) for i in range(0, spans, 10)]


def identity(feature: Feature = "minimum") -> Calibration:
    return Calibration(method="identity", feature=feature, spans=0)


def calibrated(calibration: Calibration, predictions: list[Prediction]) -> Floats:
    return apply(calibration, confidences(predictions))


def error(confidence: Floats, predictions: list[Prediction]) -> float:
    found = expected_calibration_error(confidence, outcomes(predictions).right, bins=10)
    assert found is not None
    return found


@pytest.mark.parametrize(("slope", "intercept"), [(1.0, 0.0), (0.5, -1.0), (2.0, 0.5)])
def test_recovers_the_line_behind_the_data(slope: float, intercept: float) -> None:
    found = fit(
        logistic(20_000, slope=slope, intercept=intercept, seed=1), feature="minimum", backend="torch"
    )
    assert found.method == "platt"
    assert found.slope == pytest.approx(slope, abs=0.06)
    assert found.intercept == pytest.approx(intercept, abs=0.06)
    assert found.spans == 20_000
    assert found.backend == "torch"
    assert found.reason is None


def test_is_the_optimum_of_platts_targets() -> None:
    predictions = logistic(300, slope=0.7, intercept=-0.5, seed=2)
    found = fit(predictions, feature="minimum")
    raw = feature_values(confidences(predictions), "minimum")
    right = outcomes(predictions).right
    target = np.where(right, (right.sum() + 1) / (right.sum() + 2), 1 / ((~right).sum() + 2))
    residual = target - apply(found, confidences(predictions))
    # At the optimum of a logistic regression the residuals are orthogonal to its inputs.
    assert residual.sum() == pytest.approx(0, abs=1e-3)
    assert (residual * np.log(raw / (1 - raw))).sum() == pytest.approx(0, abs=1e-3)


def test_lowers_the_calibration_error_of_an_overconfident_model() -> None:
    found = fit(logistic(4000, slope=0.5, intercept=-1.0, seed=3), feature="minimum")
    unseen = logistic(4000, slope=0.5, intercept=-1.0, seed=4)
    raw = feature_values(confidences(unseen), "minimum")
    assert error(raw, unseen) > 0.2
    assert error(calibrated(found, unseen), unseen) < 0.04


def test_stays_finite_where_confidence_parts_right_from_wrong() -> None:
    found = fit([document((0.9, True), (0.8, True), (0.2, False), (0.1, False))] * 5, feature="minimum")
    assert found.method == "platt"
    assert 0 < found.slope < 10
    assert found.spans == 20
    values = calibrated(found, [document((0.9, True), (0.1, False))])
    assert values[0] > 0.7
    assert values[1] < 0.3


@pytest.mark.parametrize(
    ("predictions", "reason"),
    [
        ([], "no predicted span"),
        ([document((None, False))], "no predicted span"),
        ([document(*[(0.9, True), (0.4, False)] * 9, (0.9, True))], "fewer than 20 predicted spans"),
        ([document((0.9, True), (0.4, True))] * 10, "every predicted span is right"),
        ([document((0.9, False), (0.4, False))] * 10, "every predicted span is wrong"),
        ([document((0.7, False), (0.7, True))] * 10, "every predicted span has the same confidence"),
        ([document((0.9, False), (0.4, True))] * 10, "confidence does not rise with being right"),
    ],
)
def test_leaves_confidence_as_it_is_where_nothing_can_be_learnt(
    predictions: list[Prediction], reason: str
) -> None:
    found = fit(predictions, feature="minimum")
    assert (found.method, found.reason) == ("identity", reason)
    assert (found.slope, found.intercept) == (1.0, 0.0)
    assert found.spans == len(confidences(predictions))
    assert calibrated(found, [document((0.0, True), (0.3, True), (1.0, True))]).tolist() == [0.0, 0.3, 1.0]


@given(st.lists(st.floats(0, 1), max_size=20), st.floats(0.01, 5), st.floats(-5, 5))
def test_keeps_the_order_and_stays_a_share(values: list[float], slope: float, intercept: float) -> None:
    platt = Calibration(method="platt", feature="minimum", slope=slope, intercept=intercept, spans=1)
    found = calibrated(platt, [document(*((value, True) for value in sorted(values)))])
    assert len(found) == len(values)
    assert ((found >= 0) & (found <= 1)).all()
    assert (np.diff(found) >= 0).all()


@pytest.mark.parametrize(
    ("feature", "value"), [("minimum", 0.5), ("mean", 0.7), ("product", 0.45), ("span", 0.4)]
)
def test_each_feature_is_read_from_its_field(feature: Feature, value: float) -> None:
    sure = Confidence(words=(0.9, 0.5), minimum=0.5, mean=0.7, product=0.45, span=0.4)
    assert apply(identity(feature), [sure]).tolist() == [value]


def test_a_saved_calibration_gives_the_very_same_values(tmp_path: Path) -> None:
    predictions = logistic(500, slope=0.7, intercept=-0.3, seed=5)
    found = fit(predictions, feature="product")
    write_json(tmp_path / "calibration.json", found.model_dump())
    saved = read_record(tmp_path / "calibration.json", Calibration)
    assert saved == found
    assert calibrated(saved, predictions).tobytes() == calibrated(found, predictions).tobytes()


def test_an_unknown_method_is_refused() -> None:
    with pytest.raises(ValidationError, match="method"):
        Calibration.model_validate({"method": "magic", "feature": "mean", "spans": 1})


def graded(low: int, high: int) -> list[Prediction]:
    """`low` wrong spans at 0.3 and `high` right ones at 0.8."""
    return [document(*[(0.3, False)] * low, *[(0.8, True)] * high)]


def test_the_threshold_is_the_smallest_that_reaches_the_target() -> None:
    assert choose_threshold(graded(40, 60), identity(), target_precision=0.5) == 0.0
    assert choose_threshold(graded(40, 60), identity(), target_precision=0.61) == pytest.approx(0.301)
    assert choose_threshold(graded(40, 60), identity(), target_precision=1.0) == pytest.approx(0.301)


def test_the_threshold_is_on_calibrated_confidence() -> None:
    platt = Calibration(method="platt", feature="minimum", slope=1.0, intercept=-1.0, spans=1)
    shifted = 1 / (1 + np.exp(1 - np.log(0.3 / 0.7)))
    chosen = choose_threshold(graded(40, 60), platt, target_precision=0.9)
    assert chosen is not None
    assert chosen - 0.001 <= shifted < chosen


@pytest.mark.parametrize(
    "predictions", [[], graded(40, 0), graded(40, 19), [document((None, False))]], ids=lambda p: str(len(p))
)
def test_there_is_no_threshold_without_twenty_spans_at_the_target(predictions: list[Prediction]) -> None:
    assert choose_threshold(predictions, identity(), target_precision=0.95) is None


def test_a_few_sure_spans_do_not_make_a_threshold() -> None:
    wrong_at_the_top = [document(*[(0.99, False)], *[(0.9, True)] * 60, *[(0.2, False)] * 30)]
    chosen = choose_threshold(wrong_at_the_top, identity(), target_precision=0.95)
    assert chosen == pytest.approx(0.201)


def test_certainty_may_be_asked_for() -> None:
    assert choose_threshold([document(*[(1.0, True)] * 20)], identity(), target_precision=1.0) == 0.0
    assert (
        choose_threshold([document(*[(1.0, True)] * 20, (0.9995, False))], identity(), target_precision=1.0)
        == 1.0
    )
    assert choose_threshold([document(*[(1.0, False)] * 20)], identity(), target_precision=0.9) is None


def test_automation_of_a_worked_example() -> None:
    predictions = [
        each
        for _ in range(3)
        for each in (
            document((0.5, True), (0.9, True), (0.4, True), (None, False)),
            document((0.9, False), (0.9, True)),
        )
    ]
    found = automation(
        predictions, identity(), threshold=0.5, target_precision=0.7, samples=500, level=0.95, seed=1
    )
    assert found.pop("share_low") == pytest.approx(2 / 4)
    assert found.pop("share_high") == pytest.approx(1 / 2)
    # Half of the accepted are right in one kind of document, all in the other.
    assert 1 / 2 <= found.pop("precision_low") < 3 / 4 < found.pop("precision_high") <= 1
    assert found == {"target_precision": 0.7, "threshold": 0.5, "precision": 3 / 4, "share": 3 / 6}


def test_the_interval_of_the_share_holds_it() -> None:
    predictions = logistic(300, slope=1.0, intercept=0.0, seed=6)
    found = automation(
        predictions, identity(), threshold=0.8, target_precision=0.9, samples=300, level=0.95, seed=1
    )
    assert 0 < found["share_low"] < found["share"] < found["share_high"] < 1
    assert 0 < found["precision_low"] < found["precision"] < found["precision_high"] < 1


def test_documents_of_one_group_are_drawn_together() -> None:
    widths = {}
    for size in (1, 10):
        rows = [((0.9, n % 20 < 10), group) for n in range(100) for group in [f"patient {n // size}"]]
        found = automation(
            [document(row, group=group) for row, group in rows],
            identity(),
            threshold=0.5,
            target_precision=0.9,
            samples=300,
            level=0.95,
            seed=1,
        )
        assert found["precision"] == found["share"] == 0.5
        widths[size] = [found[f"{name}_high"] - found[f"{name}_low"] for name in ("precision", "share")]
    assert all(few > 2 * many for few, many in zip(widths[10], widths[1], strict=True))


def test_fewer_than_five_groups_have_no_interval() -> None:
    found = automation(
        [document((0.9, True), group=f"patient {n % 4}") for n in range(40)],
        identity(),
        threshold=0.5,
        target_precision=0.9,
        samples=9,
        level=0.9,
        seed=1,
    )
    assert found["precision"] == 1.0
    assert [found[f"{name}_low"] for name in ("precision", "share")] == [None, None]


def test_the_seed_decides_the_interval() -> None:
    predictions = logistic(300, slope=1.0, intercept=0.0, seed=6)
    first, again, other = (
        automation(
            predictions, identity(), threshold=0.8, target_precision=0.9, samples=30, level=0.95, seed=seed
        )
        for seed in (1, 1, 2)
    )
    assert first == again
    assert first != other


def test_without_a_threshold_nothing_is_accepted_and_it_says_so() -> None:
    predictions = [each for _ in range(5) for each in graded(5, 5)]
    found = automation(
        predictions, identity(), threshold=None, target_precision=0.95, samples=9, level=0.9, seed=1
    )
    assert found == {
        "target_precision": 0.95,
        "threshold": None,
        "precision": None,
        "precision_low": None,
        "precision_high": None,
        "share": 0.0,
        "share_low": 0.0,
        "share_high": 0.0,
        "reason": "no threshold keeps 20 or more validation spans at precision 0.95",
    }


@pytest.mark.parametrize("predictions", [[], [document()]])
def test_there_is_no_share_of_no_gold(predictions: list[Prediction]) -> None:
    found = automation(
        predictions, identity(), threshold=0.5, target_precision=0.9, samples=9, level=0.9, seed=1
    )
    assert [found[name] for name in ("precision", "share", "share_low", "share_high")] == [None] * 4


def test_a_split_is_assessed_whole() -> None:
    predictions = logistic(200, slope=0.5, intercept=-1.0, seed=7)
    found = fit(predictions, feature="minimum")
    figures = assess(
        predictions,
        found,
        bins=5,
        thresholds=[0.5, 0.9],
        threshold=0.6,
        target_precision=0.8,
        samples=20,
        level=0.9,
        seed=1,
    )
    assert figures["ece"] < figures["ece_raw"]
    assert figures["aurc"] == pytest.approx(figures["aurc_raw"])  # the order of the spans is kept
    assert [row["threshold"] for row in figures["thresholds"]] == [0.5, 0.9]
    assert figures["automation"]["threshold"] == 0.6


def test_plots_show_a_split_before_and_after() -> None:
    predictions = logistic(200, slope=0.5, intercept=-1.0, seed=8)
    tables = plot_tables(predictions, fit(predictions, feature="minimum"), bins=4, thresholds=[0.3, 0.5])
    series = {name: sorted({row[2] for row in rows}) for name, rows in tables.items()}
    assert series == {
        "reliability": ["calibrated", "ideal", "raw"],
        "thresholds": ["coverage", "precision", "recall"],
        "histogram": ["right", "wrong"],
    }
    assert sum(row[1] for row in tables["histogram"]) == 200
    calibrated_rows = [row for row in tables["reliability"] if row[2] == "calibrated"]
    assert len(calibrated_rows) == 4
    assert max(abs(row[0] - row[1]) for row in calibrated_rows) < 0.15
