"""All that is measured of one side of the split, as figures and as the rows of plots."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from spanwise.calibration.acceptance import Block, Bootstrap, take_side, threshold_intervals
from spanwise.calibration.readiness import readiness
from spanwise.calibration.record import Calibration
from spanwise.calibration.thresholds import Policy
from spanwise.metrics.confidence import measure, reliability, risk_coverage, threshold_table
from spanwise.metrics.spans import Flags, Floats
from spanwise.schema import Prediction

PLOT_COLUMNS = ("confidence", "value", "series")
"""Of all tables: DVC draws a folder over one column. In `risk_coverage` the first is the share accepted."""
PlotRow = tuple[float, float, str]

FINE = tuple(step / 100 for step in range(101))  # the thresholds that are drawn
POINTS = 200  # of a drawn risk-coverage curve


def assess(
    predictions: Sequence[Prediction],
    calibration: Calibration,
    policy: Policy,
    *,
    bins: int,
    thresholds: Sequence[float],
    bootstrap: Bootstrap,
    held_out: Floats | None = None,
) -> Block:
    """All figures of one side.

    Args:
        predictions: One per document.
        calibration: Fitted on validation.
        policy: Chosen on validation.
        bins: Of the calibration error.
        thresholds: Of the table `thresholds`, on calibrated confidence.
        bootstrap: For the intervals.
        held_out: The confidence of each span by calibrations that have not seen it, [spans]. For validation,
            whose own calibration would look better there than it is; None for any other side.

    Returns:
        Those of `metrics.confidence.measure` and of `readiness.readiness`, and `thresholds`.
    """
    side = take_side(predictions, calibration, held_out=held_out)
    return {
        **measure(predictions, raw=side.raw, calibrated=side.confidence, bins=bins),
        "thresholds": threshold_intervals(side, thresholds, bootstrap),
        **readiness(side, policy, bootstrap),
    }


def plot_tables(
    predictions: Sequence[Prediction], calibration: Calibration, *, bins: int
) -> dict[str, list[PlotRow]]:
    """The rows of the plots of one side, with `PLOT_COLUMNS`.

    Returns:
        `reliability` and `risk_coverage` before and after calibration, `thresholds` in steps of 0.01, and the
        `histogram` of right and wrong spans.
    """
    side = take_side(predictions, calibration)
    table = threshold_table(side.confidence, side.right, gold=len(side.table.gold), thresholds=FINE)
    return {
        "reliability": reliability_rows(side.raw, side.confidence, side.right, bins=bins),
        "thresholds": threshold_rows(table),
        "histogram": histogram_rows(side.confidence, side.right, bins=bins),
        "risk_coverage": risk_coverage_rows(side.raw, side.confidence, side.right),
    }


def reliability_rows(raw: Floats, calibrated: Floats, right: Flags, *, bins: int) -> list[PlotRow]:
    """Observed precision against the mean confidence of each bin, before and after calibration."""
    series = {"raw": raw, "calibrated": calibrated}
    rows = [
        (found.confidence, found.precision, name)
        for name, confidence in series.items()
        for found in reliability(confidence, right, bins=bins)
    ]
    return [*rows, (0.0, 0.0, "ideal"), (1.0, 1.0, "ideal")]


def threshold_rows(table: Sequence[dict[str, float | None]]) -> list[PlotRow]:
    """The columns of `threshold_table` as series; undefined figures are left out."""
    return [
        (threshold, value, name)
        for name in ("precision", "coverage", "recall")
        for row in table
        if (threshold := row["threshold"]) is not None and (value := row[name]) is not None
    ]


def histogram_rows(confidence: Floats, right: Flags, *, bins: int) -> list[PlotRow]:
    """How many right and wrong spans fall in each of `bins` bins of equal width, at the bin's centre."""
    edges = np.linspace(0, 1, bins + 1)
    centres = (edges[:-1] + edges[1:]) / 2
    return [
        (float(centre), int(spans), name)
        for name, values in (("right", confidence[right]), ("wrong", confidence[~right]))
        for centre, spans in zip(centres, np.histogram(values, edges)[0], strict=True)
    ]


def risk_coverage_rows(raw: Floats, calibrated: Floats, right: Flags) -> list[PlotRow]:
    """The share of wrong spans among the most confident ones, by how many of all these are.

    Of more than 200 points, 200 at even distances are kept, the last among them.
    """
    spans = len(right)
    kept = np.unique(np.linspace(1, spans, min(spans, POINTS)).round().astype(np.int64)) - 1
    return [
        (float((index + 1) / spans), float(risk), name)
        for name, confidence in (("raw", raw), ("calibrated", calibrated))
        for index, risk in zip(kept, risk_coverage(confidence, right)[kept], strict=True)
    ]
