"""The confidence from which on spans need no review: chosen on validation, measured anywhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from spanwise.calibration.fitting import FEWEST_SPANS
from spanwise.calibration.guarantee import GRID, Certificate, certify_groups, certify_spans
from spanwise.metrics.spans import Flags, Floats, tabulate
from spanwise.schema import Prediction


@dataclass(frozen=True)
class TypeThreshold:
    """The threshold of one type."""

    threshold: float | None
    pooled: bool
    """Whether it is that of all types together, for want of validation spans of this one."""


@dataclass(frozen=True)
class Policy:
    """The thresholds, and what they were chosen for."""

    target_precision: float
    threshold: float | None
    error_rate: float
    guaranteed: Certificate
    """For spans."""
    guaranteed_by_group: Certificate
    """For groups of documents."""
    high_value_precision: float
    high_value: Mapping[str, TypeThreshold]


def decide(
    validation: Sequence[Prediction],
    confidence: Floats,
    *,
    target_precision: float,
    error_rate: float,
    high_value_types: Sequence[str],
    high_value_precision: float,
) -> Policy:
    """Choose all thresholds.

    Args:
        validation: One per document.
        confidence: Of each predicted span, best by a calibration that has not seen it (`Choice.held_out`).
        target_precision: The share of accepted spans that must be right.
        error_rate: How often the guaranteed threshold may miss it.
        high_value_types: Types with a threshold of their own.
        high_value_precision: And their target.
    """
    table = tabulate(validation)
    right = table.matches.predicted
    _, group = np.unique(table.group[table.predicted[:, 0]], return_inverse=True)
    promise = {"target_precision": target_precision, "error_rate": error_rate}
    label = np.array(table.labels, dtype=np.str_)[table.predicted[:, 1]]
    return Policy(
        target_precision=target_precision,
        threshold=choose_threshold(confidence, right, target_precision=target_precision),
        error_rate=error_rate,
        guaranteed=certify_spans(confidence, right, group, **promise),
        guaranteed_by_group=certify_groups(confidence, right, group, **promise),
        high_value_precision=high_value_precision,
        high_value={
            name: _of_type(confidence, right, label == name, target_precision=high_value_precision)
            for name in high_value_types
        },
    )


def choose_threshold(confidence: Floats, right: Flags, *, target_precision: float) -> float | None:
    """The smallest confidence from which on spans are right as often as asked for.

    The rule: among 0, 0.001 ... 1, the smallest threshold that keeps at least 20 spans and whose kept spans
    have at least the target precision. Thousandths and the floor of 20 keep single spans from moving it much;
    the smallest is the one with the most spans behind its precision.

    Args:
        confidence: Of the validation spans, [spans].
        right: Which are strictly right, [spans].
        target_precision: The share of accepted spans that must be right.

    Returns:
        The threshold; None if there is none.
    """
    for threshold in GRID[::-1].tolist():
        kept = confidence >= threshold
        if kept.sum() < FEWEST_SPANS:
            return None
        if right[kept].mean() >= target_precision:
            return float(threshold)
    return None


def _of_type(confidence: Floats, right: Flags, of_type: Flags, *, target_precision: float) -> TypeThreshold:
    pooled = int(of_type.sum()) < FEWEST_SPANS
    spans = np.ones_like(of_type) if pooled else of_type
    threshold = choose_threshold(confidence[spans], right[spans], target_precision=target_precision)
    return TypeThreshold(threshold, pooled)
