"""What a model may be used for, by rules on the bounds of its scores.

No verdict is better than the lower bounds allow: a precision that only its middle lifts above the target
counts as short of it. `RULES` tells the rules to readers.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from spanwise.reporting.formatting import counted, interval, percent, score
from spanwise.reporting.sources import Sources
from spanwise.reporting.sources.confidence import Automation, Guarantee
from spanwise.reporting.sources.evaluation import Score

Verdict = Literal["automatic", "threshold", "assisted", "not ready"]

FEWEST_HITS = 3.0
"""Rule of three (Hanley & Lippman-Hand 1983): n without fault leave an error rate of 3 / n possible."""
ASSISTING = 0.5  # F1 from which on a reviewer keeps more than is corrected

USES: dict[Verdict, str] = {
    "automatic": "auto-code everything",
    "threshold": "auto-code above the threshold, review the rest",
    "assisted": "assisted review only",
    "not ready": "not ready",
}
RULES: dict[Verdict, str] = {
    "automatic": (
        "precision, recall and the lower bound of F1 all reach the target precision, over enough entities"
    ),
    "threshold": (
        "the lower bound of the test precision above a threshold chosen on validation reaches the target, "
        "over enough accepted entities"
    ),
    "assisted": f"the lower bound of F1 is at least {ASSISTING:g}",
    "not ready": "otherwise, where no interval can be drawn, and wherever the split leaks",
}
ENOUGH = (
    "Enough are 3 / (1 - target) right ones: with fewer, even a faultless sample leaves more errors "
    "possible than the target allows (rule of three)."
)


@dataclass(frozen=True)
class Evidence:
    """What a verdict rests on: the scores of all types or of one, and where review could stop.

    `name` is None for all types together; `points` are the thresholds in question, those above which most is
    accepted first; `leaks` says that the split does.
    """

    name: str | None
    target: float
    score: Score
    documents: int
    points: tuple[Automation, ...]
    leaks: bool = False


@dataclass(frozen=True)
class Assessment:
    """A verdict, the threshold that it names, and what it rests on."""

    evidence: Evidence
    verdict: Verdict
    point: Automation | None = None

    @property
    def use(self) -> str:
        """The verdict in words."""
        return USES[self.verdict]

    @property
    def subject(self) -> str:
        """What it is about."""
        return self.evidence.name or "all types"

    @property
    def nearest(self) -> Automation | None:
        """The threshold that came closest, where none suffices: that of the highest lower bound."""
        known = [point for point in self.evidence.points if point.precision_low is not None]
        return max(known, key=lambda point: point.precision_low or 0.0, default=None)


def assess(sources: Sources) -> tuple[Assessment, list[Assessment]]:
    """The verdict on all types together, and that on each type of high value."""
    test, trust = sources.evaluation.test, sources.confidence.test
    leaks = bool(sources.split.leak.groups_across or sources.split.leak.twins_across)
    guaranteed = [trust.guaranteed] if trust.guaranteed is not None else []
    whole = Evidence(
        name=None,
        target=trust.automation.target_precision,
        score=test.strict.micro,
        documents=test.documents,
        points=_ordered([trust.automation, *guaranteed]),
        leaks=leaks,
    )
    valued = [
        Evidence(
            name=name,
            target=point.target_precision,
            score=test.types.get(name, Score()),
            documents=test.documents,
            points=_ordered([point]),
            leaks=leaks,
        )
        for name, point in trust.high_value.items()
    ]
    return judge(whole), [judge(evidence) for evidence in valued]


def judge(evidence: Evidence) -> Assessment:
    """The best use that the lower bounds allow, by `RULES`."""
    low = evidence.score.f1_low
    if evidence.leaks or low is None:
        return Assessment(evidence, "not ready")
    if _is_automatic(evidence):
        return Assessment(evidence, "automatic")
    for point in evidence.points:
        if suffices(point, evidence.score.support, evidence.target):
            return Assessment(evidence, "threshold", point)
    return Assessment(evidence, "assisted" if low >= ASSISTING else "not ready")


def suffices(point: Automation, support: int | None, target: float) -> bool:
    """Whether what is accepted at a threshold is right often enough, at the lower bound and over enough."""
    if point.threshold is None or point.precision_low is None or point.share is None:
        return False
    return point.precision_low >= target and round(point.share * (support or 0)) >= enough(target)


def enough(target: float) -> float:
    """How many right ones it takes to tell a precision from `target`: see `FEWEST_HITS`."""
    return round(FEWEST_HITS / (1 - target)) if target < 1 else math.inf


def _is_automatic(evidence: Evidence) -> bool:
    precision, recall, low = evidence.score.precision, evidence.score.recall, evidence.score.f1_low
    if precision is None or recall is None or low is None:
        return False
    hits = recall * (evidence.score.support or 0)
    return min(precision, recall, low) >= evidence.target and round(hits) >= enough(evidence.target)


def _ordered(points: Sequence[Automation]) -> tuple[Automation, ...]:
    """Those above which most is accepted first."""
    return tuple(sorted(points, key=lambda point: -(point.share or 0.0)))


def recommend(assessment: Assessment, *, level: float) -> list[str]:
    """The strategy in sentences, with the figures and the number of documents behind it."""
    return [*_strategy(assessment), *_basis(assessment, level)]


def _strategy(assessment: Assessment) -> list[str]:
    evidence, point = assessment.evidence, assessment.point
    what = evidence.name or "what the model finds"
    match assessment.verdict:
        case "automatic":
            return [
                f"Auto-code {what} without review: precision, recall and F1 reach {percent(evidence.target)}."
            ]
        case "threshold":
            assert point is not None
            kind = " (the guaranteed threshold)" if isinstance(point, Guarantee) else ""
            return [
                (
                    f"Auto-code {what} from a calibrated confidence of {score(point.threshold)} on{kind}, "
                    f"and review the rest: {_accepted(point)}."
                )
            ]
        case "assisted":
            return [
                f"Use the model to assist review: someone confirms every entity{_of(evidence)}.",
                *_short(assessment),
            ]
        case "not ready":
            return [f"Do not use the model for {evidence.name or 'this'} yet: {_unready(evidence)}."]


def _of(evidence: Evidence) -> str:
    return "" if evidence.name is None else f" of type {evidence.name}"


def _accepted(point: Automation) -> str:
    return (
        f"on the test documents, {percent(point.precision)} of what is accepted is right"
        f"{bounds(point.precision_low, point.precision_high)}, and that is {percent(point.share)} of the "
        f"entities{bounds(point.share_low, point.share_high)}"
    )


def _short(assessment: Assessment) -> list[str]:
    """Why no threshold lets review stop."""
    evidence, point = assessment.evidence, assessment.nearest
    target = percent(evidence.target)
    if point is None or point.threshold is None:
        reasons = [each.reason for each in evidence.points if each.reason]
        return [f"No threshold lets review stop: {reasons[0] if reasons else f'none reaches {target}'}."]
    at = f"from a confidence of {score(point.threshold)} on, {percent(point.precision)}"
    found = f"{at} of the accepted are right on the test documents"
    if point.precision_low is not None and point.precision_low >= evidence.target:
        return [
            (
                f"No threshold lets review stop yet: {found}, but these are fewer than the "
                f"{enough(evidence.target):,g} right ones that it takes to tell {target}."
            )
        ]
    return [
        (
            f"No threshold lets review stop yet: {found}, but the interval begins at "
            f"{percent(point.precision_low)}, below the required {target}."
        )
    ]


def _unready(evidence: Evidence) -> str:
    if evidence.leaks:
        return "the split leaks, so that no score of it can be trusted"
    if evidence.score.f1_low is None:
        held = counted(evidence.score.support or 0, "test entity")
        return f"{held} in {counted(evidence.documents, 'document')} are too few to draw an interval from"
    return (
        f"F1 may be as low as {score(evidence.score.f1_low)}, below {score(ASSISTING)}, where correcting "
        "costs more than it saves"
    )


def _basis(assessment: Assessment, level: float) -> list[str]:
    evidence = assessment.evidence
    if evidence.score.f1 is None:
        return []
    return [
        (
            f"It rests on {counted(evidence.documents, 'test document')} with "
            f"{counted(evidence.score.support or 0, 'entity')}{_of(evidence)}: strict F1 "
            f"{score(evidence.score.f1)} ({percent(level)} interval "
            f"{interval(evidence.score.f1_low, evidence.score.f1_high)})."
        )
    ]


def bounds(low: float | None, high: float | None) -> str:
    """An interval of shares in brackets, if there is one."""
    return "" if low is None or high is None else f" (interval {percent(low)} to {percent(high)})"
