"""Entities of the folds of one split together: each document predicted by the model that did not train on it.

Scores are over the pooled test parts, as one corpus. Each fold's confidence is calibrated, and its threshold
chosen, on its own validation documents; what that gives on the test parts is pooled too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, NamedTuple

import numpy as np

from spanwise.calibration.acceptance import Bootstrap, Side, acceptance, take_side
from spanwise.calibration.features import Feature
from spanwise.calibration.record import Method
from spanwise.calibration.selection import choose
from spanwise.calibration.thresholds import choose_threshold
from spanwise.crossvalidation.fold import Fold
from spanwise.errors import UserError
from spanwise.metrics.bootstrap import FEWEST_GROUPS, interval, resample
from spanwise.metrics.confidence import measure, outcomes
from spanwise.metrics.evaluation import evaluate
from spanwise.metrics.spans import Flags, SpanCounts, count, macro, micro_f1, tabulate
from spanwise.reporting.formatting import DASH, code, counted, listing, percent, score
from spanwise.reporting.formatting import interval as bounds
from spanwise.schema import Prediction

Figures = dict[str, Any]


@dataclass(frozen=True)
class Confidence:
    """How the confidence of each fold is calibrated and used; see `spanwise.config.Confidence`."""

    method: Method | Literal["auto"]
    feature: Feature
    bins: int
    target_precision: float


def pool(folds: Sequence[Fold], *, confidence: Confidence, bootstrap: Bootstrap, support: int) -> Figures:
    """The figures of the folds together, and of each.

    Args:
        folds: At least one; no document may be in the test part of two.
        confidence: How each fold's is calibrated on its validation documents.
        bootstrap: For the intervals.
        support: The gold spans that a type must have to count in `macro_frequent`.

    Returns:
        `scores` as `metrics.evaluation.evaluate` has them; `macro_frequent` with `types`, `f1`, `f1_low` and
        `f1_high` over the types with enough `support`; `confidence` with the figures of
        `metrics.confidence.measure` and, under `automation`, of `calibration.acceptance.acceptance`, each
        span accepted by its own fold's threshold; and `folds`, a list with `name`, `documents`, `f1`,
        `method` and `threshold`.

    Raises:
        UserError: If there is no fold, or a document is in two.
    """
    predictions = _pooled(folds)
    tried = [_try(fold, confidence, bootstrap.seed) for fold in folds]
    raw, calibrated, accepted = (
        np.concatenate(parts)
        for parts in zip(
            *((each.side.raw, each.side.confidence, each.accepted) for each in tried), strict=True
        )
    )
    whole = Side(predictions, tabulate(predictions), raw, calibrated)
    return {
        "scores": evaluate(predictions, **asdict(bootstrap)),
        "macro_frequent": {"support": support, **_frequent(count(predictions), support, bootstrap)},
        "confidence": {
            **measure(predictions, raw=raw, calibrated=calibrated, bins=confidence.bins),
            "automation": {
                "target_precision": confidence.target_precision,
                **acceptance(whole, accepted, bootstrap),
            },
        },
        "folds": [each.figures for each in tried],
    }


class _Tried(NamedTuple):
    """A fold's test part as its own calibration sees it, and which of its spans are accepted."""

    side: Side
    accepted: Flags
    figures: Figures


def _try(fold: Fold, confidence: Confidence, seed: int) -> _Tried:
    """Calibrate on the validation documents, and choose the threshold there."""
    choice = choose(
        fold.validation,
        method=confidence.method,
        feature=confidence.feature,
        bins=confidence.bins,
        seed=seed,
    )
    right = outcomes(fold.validation).right
    threshold = choose_threshold(choice.held_out, right, target_precision=confidence.target_precision)
    side = take_side(fold.test, choice.calibration)
    figures = {
        "name": fold.name,
        "documents": len(fold.test),
        "f1": micro_f1(fold.test),
        "method": choice.calibration.method,
        "threshold": threshold,
    }
    return _Tried(side, side.accepted(threshold), figures)


def _pooled(folds: Sequence[Fold]) -> list[Prediction]:
    if not folds:
        raise UserError("there is no fold to pool", hint="Name experiments or folders.")
    predictions = [prediction for fold in folds for prediction in fold.test]
    times = Counter(prediction.id for prediction in predictions)
    twice = sorted(name for name, number in times.items() if number > 1)
    if twice:
        raise UserError(
            f"{counted(len(twice), 'document')} in two folds, such as {listing(twice[:3])}",
            hint="Name one experiment for each fold, all of one split: `-S 'split.fold=range(0,5)'`.",
        )
    return predictions


def _frequent(counts: SpanCounts, support: int, bootstrap: Bootstrap) -> Figures:
    """The macro-F1 over the types with enough gold spans; see `metrics.evaluation.evaluate` on the draws."""
    gold = counts.total().gold
    chosen = [label for label, number in zip(counts.labels, gold, strict=True) if number >= support]
    if not chosen:
        return {"types": 0, "f1": None, "f1_low": None, "f1_high": None}
    part = counts.select(chosen)
    tables = (part.true_positives, part.predicted, part.gold)
    drawn = SpanCounts(part.labels, *resample(*tables, samples=bootstrap.samples, seed=bootstrap.seed))
    low, high = None, None
    if np.count_nonzero(part.present.any(axis=-1)) >= FEWEST_GROUPS:
        low, high = interval(macro(drawn.completed(part.total())).f1, level=bootstrap.level)
    return {"types": len(chosen), "f1": float(macro(part.total()).f1), "f1_low": low, "f1_high": high}


def markdown(figures: Figures, *, level: float) -> str:
    """The figures as text and tables, the types from the most to the least frequent."""
    return "\n".join([*_headline(figures, level), "", *_folds(figures), "", *_types(figures), ""])


def _headline(figures: Figures, level: float) -> Iterator[str]:
    scores, sure = figures["scores"], figures["confidence"]
    micro, average, frequent = scores["strict"]["micro"], scores["strict"]["macro"], figures["macro_frequent"]
    accepted = sure["automation"]
    yield (
        f"{counted(scores['documents'], 'document')} with {counted(scores['spans'], 'entity')}, each "
        f"predicted by the fold that did not train on it. Intervals are {percent(level)}, over documents."
    )
    yield ""
    yield "| figure | value | interval |"
    yield "|---|--:|:-:|"
    for name, found in (
        ("strict micro-F1", micro),
        ("strict macro-F1", average),
        (f"macro-F1, {counted(frequent['types'], 'type')} with {frequent['support']} or more", frequent),
    ):
        yield f"| {name} | {score(found['f1'])} | {bounds(found['f1_low'], found['f1_high'])} |"
    for name in ("ece_raw", "ece", "aurc_raw", "aurc", "brier_raw", "brier"):
        kind, _, stage = name.partition("_")
        told = f"{kind.upper() if kind != 'brier' else 'Brier score'}, {stage or 'calibrated'}"
        yield f"| {told} | {score(sure[name])} | {DASH} |"
    for key, name in (
        ("precision", "precision of what is accepted"),
        ("share", "entities accepted and right"),
    ):
        found = accepted[f"{key}_low"], accepted[f"{key}_high"]
        yield (
            f"| {name}, for a target of {percent(accepted['target_precision'])} | {score(accepted[key])} "
            f"| {bounds(*found)} |"
        )


def _folds(figures: Figures) -> Iterator[str]:
    yield "| fold | documents | micro-F1 | calibration | threshold |"
    yield "|---|--:|--:|---|--:|"
    for each in figures["folds"]:
        threshold = score(each["threshold"])
        cells = (code(each["name"]), each["documents"], score(each["f1"]), each["method"], threshold)
        yield f"| {' | '.join(map(str, cells))} |"


def _types(figures: Figures) -> Iterator[str]:
    yield "| type | tier | support | precision | recall | F1 | interval |"
    yield "|---|---|--:|--:|--:|--:|:-:|"
    types = figures["scores"]["types"]
    for name, own in sorted(types.items(), key=lambda item: (-item[1]["support"], item[0])):
        rates = " | ".join(score(own[key]) for key in ("precision", "recall", "f1"))
        interval_ = bounds(own["f1_low"], own["f1_high"])
        yield f"| {code(name)} | {own['tier']} | {own['support']} | {rates} | {interval_} |"
