"""A verdict in sentences: what to do, why no more, and what that rests on."""

from __future__ import annotations

from spanwise.reporting.formatting import bounds, counted, interval, percent, score
from spanwise.reporting.readiness import ASSISTING, CHANCE, Assessment, Evidence, chance
from spanwise.reporting.sources.confidence import Automation, Guarantee


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
            return [f"Do not use the model{_for(evidence)} yet: {_unready(evidence)}."]


def _of(evidence: Evidence) -> str:
    return "" if evidence.name is None else f" of type {evidence.name}"


def _for(evidence: Evidence) -> str:
    return "" if evidence.name is None else f" for {evidence.name}"


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
                f"No threshold lets review stop yet: {found}, but were it just {target}, so few errors would "
                f"come about in {percent(chance(point, evidence))} of samples, more than {percent(CHANCE)}."
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
        f"F1 may be as low as {score(evidence.score.f1_low)}, below the {ASSISTING:g} from which on findings "
        "are taken to help a reviewer more than they hinder"
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
