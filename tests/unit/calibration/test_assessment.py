from __future__ import annotations

import numpy as np
import pytest

from spanwise.calibration.acceptance import Bootstrap
from spanwise.calibration.assessment import (
    assess,
    histogram_rows,
    plot_tables,
    reliability_rows,
    risk_coverage_rows,
    threshold_rows,
)
from spanwise.calibration.selection import choose
from spanwise.calibration.thresholds import decide
from spanwise.metrics.confidence import risk_coverage
from spanwise.metrics.spans import Flags, Floats
from tests.unit.calibration.made import identity, logistic

FOUR: tuple[Floats, Flags] = (np.array([0.2, 0.4, 0.6, 0.8]), np.array([False, True, True, False]))
EMPTY: tuple[Floats, Flags] = (np.zeros(0), np.zeros(0, dtype=np.bool_))


def test_a_side_is_assessed_whole() -> None:
    predictions = logistic(200, slope=0.5, intercept=-1.0, seed=7)
    choice = choose(predictions, method="platt", feature="minimum", bins=5, seed=1)
    policy = decide(
        predictions,
        choice.held_out,
        target_precision=0.5,
        error_rate=0.1,
        high_value_types=["Age"],
        high_value_precision=0.8,
    )
    figures = assess(
        predictions,
        choice.calibration,
        policy,
        bins=5,
        thresholds=[0.5, 0.9],
        bootstrap=Bootstrap(samples=20, level=0.9, seed=1),
    )
    for name in ("ece", "brier", "log_loss"):
        assert figures[name] < figures[f"{name}_raw"]
    assert figures["aurc"] == pytest.approx(figures["aurc_raw"])  # the order of the spans is kept
    assert [row["threshold"] for row in figures["thresholds"]] == [0.5, 0.9]
    assert policy.threshold is not None
    assert figures["automation"]["threshold"] == policy.threshold
    assert set(figures["high_value"]) == {"Age"}


def test_the_side_that_was_fitted_is_measured_by_calibrations_that_have_not_seen_it() -> None:
    """An isotonic regression has next to no calibration error on the spans that it was fitted to."""
    predictions = logistic(300, slope=0.5, intercept=-1.0, seed=7)
    choice = choose(predictions, method="isotonic", feature="minimum", bins=5, seed=1)
    policy = decide(
        predictions,
        choice.held_out,
        target_precision=0.5,
        error_rate=0.1,
        high_value_types=[],
        high_value_precision=0.8,
    )
    bootstrap = Bootstrap(samples=20, level=0.9, seed=1)
    inside, outside = (
        assess(
            predictions,
            choice.calibration,
            policy,
            bins=5,
            thresholds=[0.5],
            bootstrap=bootstrap,
            held_out=held_out,
        )
        for held_out in (None, choice.held_out)
    )
    assert inside["ece"] < outside["ece"] / 2
    for name in ("log_loss", "brier", "ece"):
        assert outside[name] == choice.methods["isotonic"][name]
    assert outside["automation"]["precision"] >= 0.5  # the threshold was chosen on these values


def test_all_plots_are_of_the_confidence_after_calibration_too() -> None:
    predictions = logistic(400, slope=0.5, intercept=-1.0, seed=7)
    choice = choose(predictions, method="platt", feature="minimum", bins=5, seed=1)
    tables = plot_tables(predictions, choice.calibration, bins=5)
    series = {name: {row[2] for row in rows} for name, rows in tables.items()}
    assert series == {
        "reliability": {"raw", "calibrated", "ideal"},
        "thresholds": {"precision", "coverage", "recall"},
        "histogram": {"right", "wrong"},
        "risk_coverage": {"raw", "calibrated"},
    }
    coverage = [row[0] for row in tables["thresholds"] if row[2] == "coverage"]
    assert coverage == [step / 100 for step in range(101)]
    assert sum(row[1] for row in tables["histogram"]) == 400
    raw = plot_tables(predictions, identity(), bins=5)
    assert raw["histogram"] != tables["histogram"]


def test_a_side_without_spans_has_empty_plots() -> None:
    tables = plot_tables([], identity(), bins=2)
    assert tables["reliability"] == [(0.0, 0.0, "ideal"), (1.0, 1.0, "ideal")]
    assert tables["thresholds"] == tables["risk_coverage"] == []
    assert {value for _, value, _ in tables["histogram"]} == {0}


def test_undefined_figures_are_not_drawn() -> None:
    table: list[dict[str, float | None]] = [
        {"threshold": 0.4, "precision": 2 / 3, "coverage": 3 / 4, "recall": 2 / 5},
        {"threshold": 0.9, "precision": None, "coverage": 0.0, "recall": 0.0},
    ]
    assert threshold_rows(table) == [
        (0.4, 2 / 3, "precision"),
        (0.4, 3 / 4, "coverage"),
        (0.9, 0.0, "coverage"),
        (0.4, 2 / 5, "recall"),
        (0.9, 0.0, "recall"),
    ]


def test_reliability_is_drawn_before_and_after() -> None:
    raw, right = FOUR
    assert reliability_rows(raw, raw / 2, right, bins=1) == [
        (pytest.approx(0.5), 0.5, "raw"),
        (pytest.approx(0.25), 0.5, "calibrated"),
        (0.0, 0.0, "ideal"),
        (1.0, 1.0, "ideal"),
    ]
    assert reliability_rows(EMPTY[0], *EMPTY, bins=10) == [(0.0, 0.0, "ideal"), (1.0, 1.0, "ideal")]


def test_a_histogram_counts_every_span_once() -> None:
    confidence, right = np.array([0.0, 0.24, 0.5, 1.0]), np.array([True, False, True, True])
    assert histogram_rows(confidence, right, bins=2) == [
        (0.25, 1, "right"),
        (0.75, 2, "right"),
        (0.25, 1, "wrong"),
        (0.75, 0, "wrong"),
    ]


def test_the_risk_coverage_curve_is_drawn_before_and_after() -> None:
    raw, right = FOUR
    rows = risk_coverage_rows(raw, 1 - raw, right)
    assert rows[:4] == [
        (0.25, 1.0, "raw"),
        (0.5, 0.5, "raw"),
        (0.75, pytest.approx(1 / 3), "raw"),
        (1.0, 0.5, "raw"),
    ]
    assert [row[2] for row in rows[4:]] == ["calibrated"] * 4


@pytest.mark.parametrize("spans", [199, 200, 201, 1234])
def test_a_long_curve_is_thinned_and_keeps_its_ends(spans: int) -> None:
    random = np.random.default_rng(1)
    confidence, right = random.random(spans), random.random(spans) < 0.7
    rows = risk_coverage_rows(confidence, confidence, right)
    of_raw = [row for row in rows if row[2] == "raw"]
    assert len(of_raw) == min(spans, 200)
    curve = risk_coverage(confidence, right)
    assert of_raw[0] == (1 / spans, curve[0], "raw")
    assert of_raw[-1] == (1.0, curve[-1], "raw")
