"""How far a span's confidence can be trusted.

`confidence` is always an array over the predicted spans, 0 to 1, in the order of the documents and of the
spans in them; `right` says which of them are strictly right. No figure depends on the order of spans that
share a confidence. Undefined figures are None.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from spanwise.metrics.spans import Flags, Floats, Integers, match
from spanwise.schema import Confidence, Prediction, Span

EPSILON = 1e-7  # a wrong span of confidence 1 costs 16 nats, not infinitely many


class Bin(NamedTuple):
    """Spans of about the same confidence."""

    confidence: float
    """Their mean confidence."""
    precision: float
    """The share of them that is right."""
    spans: int


@dataclass(frozen=True)
class Outcomes:
    """What became of the spans of a split."""

    right: Flags
    """[predicted spans]"""
    found: Flags
    """[gold spans]"""
    predicted: Integers
    """[documents] how many predicted spans each holds."""


def confidences(predictions: Sequence[Prediction]) -> list[Confidence]:
    """The raw confidence of each predicted span."""
    return [span.confidence for prediction in predictions for span in prediction.predicted]


def outcomes(predictions: Sequence[Prediction]) -> Outcomes:
    """Which predicted spans are right, and which gold spans were found."""
    matches = match(predictions)
    return Outcomes(
        right=matches.predicted,
        found=matches.gold,
        predicted=np.array([len(prediction.predicted) for prediction in predictions], dtype=np.int64),
    )


def measure(
    predictions: Sequence[Prediction], *, raw: Floats, calibrated: Floats, bins: int
) -> dict[str, Any]:
    """The figures of one split.

    Args:
        predictions: One per document.
        raw: The confidence of each predicted span before calibration.
        calibrated: And after it.
        bins: Of the calibration error.

    Returns:
        `ece`, `brier`, `log_loss` and `aurc`, and the same before calibration as `<name>_raw`;
        `mean_confidence` and `counts` of the calibrated confidence.
    """
    right = outcomes(predictions).right
    figures: dict[str, Any] = {}
    for suffix, confidence in (("", calibrated), ("_raw", raw)):
        figures |= {
            f"ece{suffix}": expected_calibration_error(confidence, right, bins=bins),
            f"brier{suffix}": brier_score(confidence, right),
            f"log_loss{suffix}": log_loss(confidence, right),
            f"aurc{suffix}": area_under_risk_coverage(confidence, right),
        }
    return {**figures, **mean_confidence(predictions, calibrated)}


def brier_score(confidence: Floats, right: Flags) -> float | None:
    """The mean squared difference of confidence from 1 where a span is right, else from 0 (Brier 1950)."""
    return _mean((confidence - right) ** 2)


def log_loss(confidence: Floats, right: Flags) -> float | None:
    """The mean negative log-likelihood of what became of the spans, in nats.

    Confidence is taken to be at least 1e-7 away from certainty.
    """
    likelihood = np.where(right, confidence, 1 - confidence)
    return _mean(-np.log(np.clip(likelihood, EPSILON, 1 - EPSILON)))


def reliability(confidence: Floats, right: Flags, *, bins: int) -> list[Bin]:
    """Observed precision against confidence, in bins of equal mass (Nixon et al. 2019).

    Spans of equal confidence share a bin, the one in which the middle of them falls; so bins differ in size,
    and some stay empty and are left out, where there are many ties.
    """
    order = np.argsort(confidence, kind="stable")
    ranked = confidence[order]
    first = np.searchsorted(ranked, ranked, side="left")
    behind = np.searchsorted(ranked, ranked, side="right")
    # The mean rank of equal values, counted in halves so that the sum stays whole.
    bin_of = bins * (first + behind) // (2 * max(len(ranked), 1))
    return [
        Bin(
            float(ranked[bin_of == b].mean()),
            float(right[order][bin_of == b].mean()),
            int((bin_of == b).sum()),
        )
        for b in np.unique(bin_of)
    ]


def expected_calibration_error(confidence: Floats, right: Flags, *, bins: int) -> float | None:
    """The mean gap between confidence and observed precision, weighted by spans (Naeini et al. 2015).

    Over bins of equal mass (see `reliability`), where bins of equal width are as usual. None without spans.
    """
    if not len(confidence):
        return None
    found = reliability(confidence, right, bins=bins)
    return sum(abs(b.precision - b.confidence) * b.spans for b in found) / len(confidence)


def risk_coverage(confidence: Floats, right: Flags) -> Floats:
    """The share of wrong spans among the k most confident, for k = 1 ... n, [predicted spans].

    Of spans with equal confidence each counts as wrong as they are on average: what would be expected if
    they came in random order.
    """
    values, group, sizes = np.unique(-confidence, return_inverse=True, return_counts=True)
    wrong = np.bincount(group, weights=~right, minlength=len(values))
    expected = np.repeat(wrong / np.maximum(sizes, 1), sizes)
    return np.asarray(np.cumsum(expected) / np.arange(1, len(confidence) + 1))


def area_under_risk_coverage(confidence: Floats, right: Flags) -> float | None:
    """AURC, the mean of `risk_coverage` (Geifman et al. 2019, arXiv 1805.08206); 0 is best.

    None without spans.
    """
    return float(risk_coverage(confidence, right).mean()) if len(confidence) else None


def threshold_table(
    confidence: Floats, right: Flags, *, gold: int, thresholds: Sequence[float]
) -> list[dict[str, float | None]]:
    """What is gained and lost by keeping only spans of at least a confidence.

    Returns:
        For each threshold its `precision` (kept and right / kept), `coverage` (kept / predicted) and
        `recall` (kept and right / gold).
    """
    rows: list[dict[str, float | None]] = []
    for threshold in thresholds:
        kept = confidence >= threshold
        hits = int((kept & right).sum())
        rows.append(
            {
                "threshold": threshold,
                "precision": share(hits, int(kept.sum())),
                "coverage": share(int(kept.sum()), len(confidence)),
                "recall": share(hits, gold),
            }
        )
    return rows


def share(part: float, whole: float) -> float | None:
    """The quotient; None when there is nothing to have a share of."""
    return part / whole if whole else None


def mean_confidence(predictions: Sequence[Prediction], confidence: Floats) -> dict[str, dict[str, Any]]:
    """The mean confidence of what is right, wrong and missed.

    Returns:
        `mean_confidence.{true_positive,false_positive,false_negative}`, where a false negative takes the
        confidence of the predicted span that overlaps it most, if any does; and `counts`, how many there
        are, `false_negative_without_overlap` of them with no such span.
    """
    known = outcomes(predictions)
    right = known.right
    rivals = _rivals(predictions, known, confidence)
    overlapped = np.array([value for value in rivals if value is not None])
    return {
        "mean_confidence": {
            "true_positive": _mean(confidence[right]),
            "false_positive": _mean(confidence[~right]),
            "false_negative": _mean(overlapped),
        },
        "counts": {
            "true_positive": int(right.sum()),
            "false_positive": int((~right).sum()),
            "false_negative": len(rivals),
            "false_negative_without_overlap": len(rivals) - len(overlapped),
        },
    }


def overlooked(predictions: Sequence[Prediction]) -> Flags:
    """Which gold spans no predicted span overlaps, [gold spans]: who reviews predictions never sees them."""
    flags = [_untouched(each) for each in predictions]
    return np.concatenate(flags) if flags else np.zeros(0, dtype=np.bool_)


def _untouched(prediction: Prediction) -> Flags:
    """Those before whose end no predicted span starts that reaches beyond their start."""
    starts, ends = _bounds(prediction.gold)
    first, behind = _bounds(prediction.predicted)
    order = np.argsort(first, kind="stable")
    # The farthest end of the predicted spans that start before a place, by how many these are.
    reach = np.concatenate([[0], np.maximum.accumulate(behind[order])])
    return np.asarray(reach[np.searchsorted(first[order], ends)] <= starts)


def _bounds(spans: Sequence[Span]) -> tuple[Integers, Integers]:
    """The starts and the ends, [spans] each."""
    starts = np.array([span.start for span in spans], dtype=np.int64)
    return starts, np.array([span.end for span in spans], dtype=np.int64)


def _rivals(predictions: Sequence[Prediction], known: Outcomes, confidence: Floats) -> list[float | None]:
    """For each gold span that was not found, the confidence of the predicted span that overlaps it most."""
    found = iter(known.found)
    behind = np.cumsum(known.predicted)
    values: list[float | None] = []
    for prediction, end, spans in zip(predictions, behind, known.predicted, strict=True):
        starts, ends = _bounds(prediction.predicted)
        missed = [span for span in prediction.gold if not next(found)]
        values += [_rival(span, starts, ends, confidence[end - spans : end]) for span in missed]
    return values


def _rival(span: Span, starts: Integers, ends: Integers, confidence: Floats) -> float | None:
    """The confidence of the span with the largest overlap; of equal overlaps the most confident."""
    overlap = np.minimum(ends, span.end) - np.maximum(starts, span.start)
    if not (overlap > 0).any():
        return None
    return float(confidence[overlap == overlap.max()].max())


def _mean(values: Floats) -> float | None:
    return float(values.mean()) if len(values) else None
