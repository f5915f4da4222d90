"""What a model may be used for, by rules on the bounds of its scores.

No verdict is better than the lower bounds allow: a precision that only its middle lifts above the target
counts as short of it. Intervals from few groups of documents look surer than they are (see `metrics.paired`),
most of all where few or no errors were seen, so that an exact binomial test must agree. That takes spans for
independent, which the intervals do not: neither suffices alone. `RULES` tells the rules to readers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from spanwise.calibration.guarantee import binomial_tail
from spanwise.reporting.formatting import percent
from spanwise.reporting.sources import Sources
from spanwise.reporting.sources.confidence import Automation
from spanwise.reporting.sources.evaluation import Score

Verdict = Literal["automatic", "threshold", "assisted", "not ready"]

CHANCE = 0.05  # of so few errors at the target, above which a precision is not shown to reach it
ASSISTING = 0.5  # F1 below which findings are taken to cost a reviewer more than they save: a convention

USES: dict[Verdict, str] = {
    "automatic": "auto-code everything",
    "threshold": "auto-code above the threshold, review the rest",
    "assisted": "assisted review only",
    "not ready": "not ready",
}
RULES: dict[Verdict, str] = {
    "automatic": (
        "precision, recall and the lower bound of F1 all reach the target precision, and precision and "
        "recall are shown to"
    ),
    "threshold": (
        "above a threshold chosen on validation, the lower bound of the test precision reaches the target, "
        "and the precision is shown to"
    ),
    "assisted": f"the lower bound of F1 is at least {ASSISTING:g}",
    "not ready": "otherwise, where no interval can be drawn, and wherever the split leaks",
}
SHOWN = (
    "A share is shown to reach the target where so few errors, or fewer, would come about in at most "
    f"{percent(CHANCE)} of samples if it were just the target (exact binomial test, Clopper and Pearson "
    "1934): without any error, that takes 59 entities for 95%."
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

    @property
    def stops_review(self) -> bool:
        """Whether anything is coded that nobody looks at."""
        return self.verdict in {"automatic", "threshold"}


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
        if suffices(point, evidence):
            return Assessment(evidence, "threshold", point)
    return Assessment(evidence, "assisted" if low >= ASSISTING else "not ready")


def suffices(point: Automation, evidence: Evidence) -> bool:
    """Whether what is accepted is right often enough, by its interval and by the exact test."""
    if point.threshold is None or point.precision_low is None:
        return False
    return point.precision_low >= evidence.target and chance(point, evidence) <= CHANCE


def chance(point: Automation, evidence: Evidence) -> float:
    """That so few of the accepted are wrong, or fewer, where the target is the true precision."""
    right = round((point.share or 0.0) * (evidence.score.support or 0))
    return _chance(right, point.precision, evidence.target)


def _chance(right: int, share: float | None, target: float) -> float:
    """The same of `right` ones that are a share of all; 1 where that is below the target."""
    if not share or share < target:
        return 1.0
    total = round(right / share)
    return binomial_tail(total - right, total, 1 - target)


def _is_automatic(evidence: Evidence) -> bool:
    precision, recall, low = evidence.score.precision, evidence.score.recall, evidence.score.f1_low
    if precision is None or recall is None or low is None or min(precision, recall, low) < evidence.target:
        return False
    right = round(recall * (evidence.score.support or 0))
    return all(_chance(right, each, evidence.target) <= CHANCE for each in (precision, recall))


def _ordered(points: Sequence[Automation]) -> tuple[Automation, ...]:
    """Those above which most is accepted first."""
    return tuple(sorted(points, key=lambda point: -(point.share or 0.0)))
