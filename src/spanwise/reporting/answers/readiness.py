"""What answers may be used for, by rules on the bounds of what was measured.

A verdict is about what can be measured: that nothing measurable speaks against an answer does not make it
right, and no clinician has read any. `RULES` tells the rules to readers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from spanwise.calibration.guarantee import binomial_tail
from spanwise.reporting.answers.scores import Measured
from spanwise.reporting.answers.sources import Sources
from spanwise.reporting.formatting import bounds, count, counted, percent, score
from spanwise.reporting.readiness import CHANCE, Evidence, suffices
from spanwise.reporting.sources.confidence import Automation, Guarantee
from spanwise.reporting.sources.evaluation import Score

Verdict = Literal["show", "threshold", "draft", "not ready"]

DRAFTING = 0.5  # share of acceptable answers below which drafts are taken to cost more than they save

USES: dict[Verdict, str] = {
    "show": "show everything that passes the checks",
    "threshold": "show above the threshold, review the rest",
    "draft": "drafts for a reviewer only",
    "not ready": "not ready",
}
RULES: dict[Verdict, str] = {
    "show": (
        "the lower bound of the share of acceptable answers reaches the target, and the share is shown to"
    ),
    "threshold": (
        "above a threshold chosen on validation, the lower bound of the share of acceptable test answers "
        "reaches the target, and the share is shown to"
    ),
    "draft": f"the lower bound of the share of acceptable answers is at least {DRAFTING:g}",
    "not ready": "otherwise, where no interval can be drawn, and wherever the split leaks",
}
SHOWN = (
    "A share is shown to reach the target where so few failures, or fewer, would come about in at most "
    f"{percent(CHANCE)} of samples if it were just the target (exact binomial test, Clopper and Pearson "
    "1934): without any failure, that takes 59 answers for 95%."
)
CAUTION = (
    "No clinician has read these answers or their references: an acceptable answer is one that nothing "
    "measurable speaks against, and may be wrong."
)


@dataclass(frozen=True)
class Assessment:
    """A verdict, the threshold that it names, and the share that it rests on.

    `target` is the share of acceptable answers that is asked of what nobody reviews; `leaks` says that the
    split does; `nearest` is the threshold that came closest, if there is one.
    """

    verdict: Verdict
    share: Measured
    target: float
    leaks: bool
    point: Automation | None = None
    nearest: Automation | None = None

    @property
    def use(self) -> str:
        """The verdict in words."""
        return USES[self.verdict]

    @property
    def stops_review(self) -> bool:
        """Whether any answer is shown that nobody reads first."""
        return self.verdict in {"show", "threshold"}


def assess(sources: Sources) -> Assessment:
    """The best use that the lower bounds allow, by `RULES`."""
    trust, share = sources.confidence.test, sources.evaluation.test.answers.all["acceptable"]
    leak = sources.split.leak
    target, leaks = trust.automation.target_precision, bool(leak.groups_across or leak.twins_across)
    points = [trust.automation, *([trust.guaranteed] if trust.guaranteed is not None else [])]
    points = sorted(points, key=lambda point: -(point.coverage or 0.0))
    known = [point for point in points if point.precision_low is not None]
    nearest = max(known, key=lambda point: point.precision_low or 0.0, default=None)

    def found(verdict: Verdict, point: Automation | None = None) -> Assessment:
        return Assessment(verdict, share, target, leaks, point, nearest)

    if leaks or share.low is None:
        return found("not ready")
    if share.low >= target and _chance(sources, target) <= CHANCE:
        return found("show")
    evidence = Evidence(
        name=None,
        target=target,
        score=Score(support=sources.failures.acceptable),
        documents=sources.failures.answers,
        points=tuple(points),
    )
    for point in points:
        if suffices(point, evidence):
            return found("threshold", point)
    return found("draft" if share.low >= DRAFTING else "not ready")


def _chance(sources: Sources, target: float) -> float:
    """That so few answers fail, or fewer, where the target is the true share of acceptable ones."""
    failures = sources.failures
    return binomial_tail(failures.answers - failures.acceptable, failures.answers, 1 - target)


def recommend(sources: Sources, assessment: Assessment) -> list[str]:
    """The verdict in sentences, with what it rests on."""
    return [*_strategy(assessment), *_basis(sources, assessment)]


def _strategy(assessment: Assessment) -> Iterator[str]:
    target = percent(assessment.target)
    match assessment.verdict:
        case "show":
            yield f"By the checks alone, every answer may be shown: at least {target} are acceptable."
        case "threshold":
            point = assessment.point
            assert point is not None
            kind = " (the guaranteed threshold)" if isinstance(point, Guarantee) else ""
            yield (
                f"By the checks alone, answers with a calibrated confidence of {score(point.threshold)} or "
                f"more{kind} may be shown without review: on test, {percent(point.precision)} of them are "
                f"acceptable{bounds(point.precision_low, point.precision_high)}, and they are "
                f"{percent(point.coverage)} of all answers{bounds(point.coverage_low, point.coverage_high)}."
            )
        case "draft":
            yield "Use answers as drafts: someone reads and corrects each before it is shown."
            yield _short(assessment)
        case "not ready":
            yield f"Show no answer, not even as a draft: {_unready(assessment)}."


def _short(assessment: Assessment) -> str:
    """Why no threshold lets review stop."""
    point, target = assessment.nearest, percent(assessment.target)
    if point is None or point.threshold is None:
        return f"No threshold of confidence lets review stop: none can be shown to reach {target}."
    return (
        f"No threshold of confidence lets review stop yet: from {score(point.threshold)} on, "
        f"{percent(point.precision)} of the accepted test answers are "
        f"acceptable{bounds(point.precision_low, point.precision_high)}, which is not shown to reach "
        f"{target}."
    )


def _unready(assessment: Assessment) -> str:
    share = assessment.share
    if assessment.leaks:
        return "the split leaks, so that no figure of it can be trusted"
    if share.low is None:
        return f"{counted(share.answers, 'test answer')} are too few to draw an interval from"
    return (
        f"the share of acceptable ones may be as low as {percent(share.low)}, below the {percent(DRAFTING)} "
        "from which on drafts are taken to save a reviewer more than they cost"
    )


def _basis(sources: Sources, assessment: Assessment) -> Iterator[str]:
    if assessment.share.value is not None:
        yield (
            f"It rests on {counted(sources.failures.answers, 'test answer')}, of which "
            f"{count(sources.failures.acceptable)} {'is' if sources.failures.acceptable == 1 else 'are'} "
            f"acceptable{bounds(assessment.share.low, assessment.share.high)}."
        )
