"""What there is to gain, ranked by how much of a figure it touches; findings overlap, and do not add up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from spanwise.reporting.answers.failures import count_together, name_of
from spanwise.reporting.answers.sources import Sources
from spanwise.reporting.formatting import count, counted, listing, percent, points, score

MOST = 10  # findings on a page

EVALUATED, TRUSTED = "metrics/evaluate.json", "metrics/confidence.json"
PREDICTED = "data/predictions/test.jsonl"
Measure = Literal["acceptable answers", "chrF", "answers shown"]


@dataclass(frozen=True)
class Finding:
    """A sentence, about how much of a measure it touches (0 to 1), and the file that it comes from."""

    sentence: str
    touched: float
    measure: Measure
    file: str


def find(sources: Sources) -> list[Finding]:
    """At most ten findings, the one that touches most first."""
    found = [*_together(sources), *_parts(sources), *_automation(sources)]
    ranked = sorted(
        (each for each in found if each.touched > 0), key=lambda each: (-each.touched, each.sentence)
    )
    return ranked[:MOST]


def _together(sources: Sources) -> Iterator[Finding]:
    """The failures that keep answers from being acceptable, as they come together."""
    for kinds, number in count_together(sources):
        touched = number / max(sources.failures.answers, 1)
        yield Finding(
            f"{count(number)} of {counted(sources.failures.answers, 'answer')} would be acceptable but for "
            f"this: {listing([name_of(kind) for kind in kinds])} ({points(touched)} of acceptable answers).",
            touched,
            "acceptable answers",
            PREDICTED,
        )


def _parts(sources: Sources) -> Iterator[Finding]:
    """By how much parts lower the mean chrF, if they came up to that of all others."""
    parts = sources.evaluation.test.answers
    whole = parts.all["chrf"].value
    for what, own in parts.slices():
        for name, part in own.items():
            value, rest = part["chrf"].value, parts.all.answers - part.answers
            if value is None or whole is None or not rest:
                continue
            others = (whole * parts.all.answers - value * part.answers) / rest
            touched = (others - value) * part.answers / parts.all.answers
            yield Finding(
                f"The {what} {name} ({counted(part.answers, 'answer')}) has a chrF of {score(value)}, "
                f"against {score(others)} elsewhere: {points(touched)} of the mean.",
                touched,
                "chrF",
                EVALUATED,
            )


def _automation(sources: Sources) -> Iterator[Finding]:
    failures, automation = sources.failures, sources.confidence.test.automation
    if not failures.answers:
        return
    shown = (automation.coverage or 0.0) if automation.threshold is not None else 0.0
    right = shown * (automation.precision or 0.0)
    touched = failures.acceptable / failures.answers - right
    yield Finding(
        f"{count(failures.acceptable)} of {counted(failures.answers, 'answer')} are acceptable, and "
        f"{percent(right)} of all are shown without review: surer confidence would spare the review of the "
        "others.",
        touched,
        "answers shown",
        TRUSTED,
    )
