"""What a model may be used for: the verdicts, what limits them, and what to do next."""

from __future__ import annotations

from dataclasses import dataclass

from spanwise.reporting.formatting import listing, score
from spanwise.reporting.limits import tell_limits, tell_steps
from spanwise.reporting.readiness import Assessment, assess
from spanwise.reporting.recommendation import recommend
from spanwise.reporting.review import tell_review, tell_risks
from spanwise.reporting.sources import Sources


@dataclass(frozen=True)
class Opinion:
    """A verdict with the strategy in sentences."""

    assessment: Assessment
    sentences: list[str]


@dataclass(frozen=True)
class Advice:
    """All that is said about putting a model to use.

    `types` are those of high value. `limits` say why no verdict is better, `steps` what to do next, `review`
    what it means for a document, `risks` which types are most often wrong.
    """

    whole: Opinion
    types: list[Opinion]
    limits: list[str]
    steps: list[str]
    review: list[str]
    risks: list[str]


def advise(sources: Sources, *, level: float) -> Advice:
    """Weigh the figures; `level` is that of their intervals."""
    whole, types = assess(sources)
    return Advice(
        whole=Opinion(whole, [*recommend(whole, level=level), *_exceptions(whole, types)]),
        types=[Opinion(each, recommend(each, level=level)) for each in types],
        limits=tell_limits(sources, whole),
        steps=tell_steps(sources, whole, types),
        review=tell_review(sources.confidence.test),
        risks=tell_risks(sources.confidence.test),
    )


def _exceptions(whole: Assessment, types: list[Assessment]) -> list[str]:
    """The types that may be coded without review though not all may."""
    freed = [
        f"{each.subject}{'' if each.point is None else f' (from {score(each.point.threshold)} on)'}"
        for each in types
        if each.stops_review
    ]
    if whole.stops_review or not freed:
        return []
    return [f"By verdicts of their own, these may be coded without review: {listing(freed)}."]
