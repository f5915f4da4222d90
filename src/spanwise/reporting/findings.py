"""What there is to gain, ranked by how much of the score or of the automation it touches.

Each finding says in points what it touches, about: findings overlap, and their gains do not add up. A wrong
reading set right adds one hit to F1 = 2 hits / (gold + predicted).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from spanwise.reporting.analysis import FEWEST, writing
from spanwise.reporting.formatting import counted, percent, points, score, words
from spanwise.reporting.sources import Sources
from spanwise.reporting.sources.errors import RIGHT, ErrorFigures, wrong
from spanwise.reporting.sources.evaluation import Score

MOST = 10  # findings on the page
OF_TYPES = 3  # of them of one kind of error of one type
CONFUSED = 2  # pairs of types
EVALUATED, ANALYSED = "metrics/evaluate.json", "metrics/errors.json"
VARIED, TRUSTED = "metrics/robustness.json", "metrics/confidence.json"

Measure = Literal["F1", "recall", "automation"]


@dataclass(frozen=True)
class Finding:
    """A sentence, about how much of a measure it touches (0 to 1), and the file that it comes from."""

    sentence: str
    touched: float
    measure: Measure
    file: str


def find(sources: Sources) -> list[Finding]:
    """At most ten findings, the one that touches most first."""
    found = [
        *_types(sources.errors),
        *_confusions(sources.errors),
        *_contexts(sources.errors),
        *_unseen(sources),
        *_lengths(sources),
        *_tiers(sources),
        *_robustness(sources),
        *_automation(sources),
    ]
    ranked = sorted(
        (each for each in found if each.touched > 0), key=lambda each: (-each.touched, each.sentence)
    )
    return ranked[:MOST]


def _types(errors: ErrorFigures) -> Iterator[Finding]:
    """The most frequent kinds of error of one type."""
    if not errors.errors:
        return
    kinds = [
        (number, name, each)
        for name, counts in errors.types.items()
        for each, number in wrong(counts).items()
    ]
    for number, name, category in sorted(kinds, key=lambda kind: (-kind[0], kind[1:]))[:OF_TYPES]:
        touched = _lift(errors, number, category)
        yield Finding(
            f"{percent(number / errors.errors)} of all errors are {counted(number, 'entity')} of {name} "
            f"({words(category)}): setting them right adds about {points(touched)} of F1.",
            touched,
            "F1",
            ANALYSED,
        )


def _confusions(errors: ErrorFigures) -> Iterator[Finding]:
    for each in errors.confusions[:CONFUSED]:
        touched = _lift(errors, each.spans, "type")
        yield Finding(
            f"{each.gold} is taken for {each.predicted} {counted(each.spans, 'time')}: telling them apart "
            f"adds about {points(touched)} of F1.",
            touched,
            "F1",
            ANALYSED,
        )


def _lift(errors: ErrorFigures, number: int, category: str) -> float:
    """By how much F1 rises if `number` wrong readings are set right.

    What is missed comes to what is predicted, and what is spurious goes from it; it is taken to stay as it is
    otherwise, though the pieces of a split entity would go and the parts of a merged one come.
    """
    spans, hits = errors.gold + errors.predicted, errors.counts.get(RIGHT, 0)
    if not spans:
        return 0.0
    if category == "spurious":
        return 2 * hits / max(spans - number, 1) - 2 * hits / spans
    more = number if category == "missed" else 0
    return 2 * (hits + number) / (spans + more) - 2 * hits / spans


def _contexts(errors: ErrorFigures) -> Iterator[Finding]:
    for name, each in sorted(errors.contexts.items()):
        if each.error_rate is None or each.error_rate_elsewhere is None or each.gold < FEWEST:
            continue
        touched = (each.error_rate - each.error_rate_elsewhere) * each.gold / max(errors.gold, 1)
        yield Finding(
            f"{percent(each.error_rate)} of the {counted(each.gold, 'gold entity')} of the context "
            f"{words(name)} are wrong, against {percent(each.error_rate_elsewhere)} elsewhere: "
            f"{points(touched)} of recall.",
            touched,
            "recall",
            ANALYSED,
        )


def _unseen(sources: Sources) -> Iterator[Finding]:
    mention = sources.evaluation.test.strata.get("mention", {})
    seen, unseen = mention.get("seen", Score()), mention.get("unseen", Score())
    if seen.recall is None or unseen.recall is None:
        return
    touched = (seen.recall - unseen.recall) * (unseen.support or 0) / max(sources.evaluation.test.spans, 1)
    yield Finding(
        f"{percent(unseen.recall)} of the {counted(unseen.support or 0, 'entity')} whose wording training "
        f"does not hold are found, against {percent(seen.recall)} of the others: {points(touched)} of "
        "recall.",
        touched,
        "recall",
        EVALUATED,
    )


def _lengths(sources: Sources) -> Iterator[Finding]:
    """The length that costs most recall."""
    test = sources.evaluation.test
    overall = test.strict.micro.recall
    if overall is None:
        return
    costs = [
        ((overall - each.recall) * (each.support or 0) / max(test.spans, 1), name, each)
        for name, each in test.strata.get("length", {}).items()
        if each.recall is not None
    ]
    if costs:
        touched, name, each = max(costs, key=lambda cost: (cost[0], cost[1]))
        yield Finding(
            f"{percent(each.recall)} of the {counted(each.support or 0, 'entity')} of length {name} in "
            f"words are found, against {percent(overall)} of all: {points(touched)} of recall.",
            touched,
            "recall",
            EVALUATED,
        )


def _tiers(sources: Sources) -> Iterator[Finding]:
    test = sources.evaluation.test
    overall = test.strict.micro.f1
    for name, each in sorted(test.tiers.items()):
        if overall is None or each.f1 is None:
            continue
        touched = (overall - each.f1) * (each.support or 0) / max(test.spans, 1)
        yield Finding(
            f"The {name} tier, {percent((each.support or 0) / max(test.spans, 1))} of the entities, has an "
            f"F1 of {score(each.f1)} against {score(overall)}: {points(touched)} of F1.",
            touched,
            "F1",
            EVALUATED,
        )


def _robustness(sources: Sources) -> Iterator[Finding]:
    for name, each in sources.robustness.by_loss():
        if each.is_worse and each.difference is not None:
            yield Finding(
                f"With {writing(name)}, F1 falls by {points(-each.difference)}.",
                -each.difference,
                "F1",
                VARIED,
            )


def _automation(sources: Sources) -> Iterator[Finding]:
    automation, micro = sources.confidence.test.automation, sources.evaluation.test.strict.micro
    if automation.threshold is None or automation.share is None or micro.recall is None:
        return
    touched = micro.recall - automation.share
    yield Finding(
        f"{percent(touched)} of the entities are found right, but with a confidence below the chosen "
        f"threshold of {score(automation.threshold)}: surer confidence would spare their review.",
        touched,
        "automation",
        TRUSTED,
    )
