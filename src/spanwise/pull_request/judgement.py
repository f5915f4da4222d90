"""Is a figure better or worse than before, or could chance have made the difference?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from spanwise.comparison.candidates import BENCHMARK, Candidate
from spanwise.comparison.costs import ALIKE, unlike_timings
from spanwise.metrics.paired import Comparison, compare
from spanwise.pull_request.figures import Figure, Value
from spanwise.schema import Prediction

Verdict = Literal[
    "better", "worse", "within chance", "about the same", "same", "new", "gone", "not comparable", ""
]

PLAIN: tuple[Verdict, ...] = ("same", "new", "gone")
"""What is so whatever the figures were measured on."""


@dataclass(frozen=True)
class Drawing:
    """How the paired bootstrap draws: see `metrics.paired.compare_counts`."""

    samples: int
    level: float
    seed: int


@dataclass(frozen=True)
class Judged:
    """A figure, what became of it, and how that is known.

    Attributes:
        figure: The two values.
        verdict: `better` and `worse` are beyond chance where there is an interval, and beyond a ratio of
            `costs.ALIKE` for times, rates and sizes; empty where neither can be told.
        paired: The paired test; None where there is none.
    """

    figure: Figure
    verdict: Verdict
    paired: Comparison | None = None


def judge(
    figures: Sequence[Figure],
    before: Candidate | None,
    after: Candidate | None,
    drawing: Drawing,
    *,
    same_documents: bool,
) -> list[Judged]:
    """What became of each figure.

    Args:
        figures: Of both revisions.
        before: The base, with its predictions; None where its scores cannot be read.
        after: The change, likewise.
        drawing: Of the paired test, for the figures of strict F1.
        same_documents: Whether both were tested on the same; if not, only costs compare, and of these, times
            of one machine only.
    """
    sides = [side.read_predictions() if side and same_documents else [] for side in (before, after)]
    tiers = {label: score.tier for label, score in after.scores.types.items()} if after else {}
    judged = []
    for figure in figures:
        paired = _paired(figure, sides[0], sides[1], tiers, drawing) if all(sides) else None
        verdict = _verdict(figure, paired, drawing.level)
        known = _same_machine(figure, before, after) if figure.is_cost else same_documents
        if not known and verdict not in PLAIN:
            verdict = "not comparable"
        judged.append(Judged(figure, verdict, paired))
    return judged


def _same_machine(figure: Figure, before: Candidate | None, after: Candidate | None) -> bool:
    """Whether a time of both was taken alike; others always compare."""
    if figure.timed is None:
        return True
    if before is None or after is None:
        return False
    if figure.timed == BENCHMARK:
        return unlike_timings([before, after]) is None
    return before.trainer == after.trainer


def _paired(
    figure: Figure,
    before: Sequence[Prediction],
    after: Sequence[Prediction],
    tiers: dict[str, str | None],
    drawing: Drawing,
) -> Comparison | None:
    if figure.scored is None or figure.before is None or figure.after is None:
        return None
    drawn = {"samples": drawing.samples, "level": drawing.level, "seed": drawing.seed}
    if figure.scored in ("micro", "macro"):
        average: Literal["micro", "macro"] = "micro" if figure.scored == "micro" else "macro"
        return compare(before, after, average=average, **drawn)  # type: ignore[arg-type]
    labels = [label for label, tier in tiers.items() if tier == figure.scored]
    return compare(before, after, labels=labels, **drawn) if labels else None  # type: ignore[arg-type]


def _verdict(figure: Figure, paired: Comparison | None, level: float) -> Verdict:
    before, after = figure.before, figure.after
    if before is None or after is None:
        return "new" if before is None else "gone"
    if before.value == after.value:
        return "same"
    rises = (after.value > before.value) == figure.higher_is_better
    direction: Verdict = "better" if rises else "worse"
    if paired is not None and paired.p_value is not None:
        return direction if paired.p_value < 1 - level else "within chance"
    if figure.is_cost:
        return _by_ratio(before, after, direction)
    if before.low is None or before.high is None:
        return ""
    return "within chance" if before.low <= after.value <= before.high else direction


def _by_ratio(before: Value, after: Value, direction: Verdict) -> Verdict:
    if before.value <= 0 or after.value <= 0:
        return ""
    return "about the same" if 1 / ALIKE < after.value / before.value < ALIKE else direction
