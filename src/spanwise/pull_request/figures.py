"""The figures that a reviewer looks at first: which, in which order, and in which direction they are good."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from spanwise.comparison.candidates import BENCHMARK, CONFIDENCE, EVALUATION, TIMING
from spanwise.pull_request.measures import Measures

Style = Literal["score", "percent", "amount", "duration"]


@dataclass(frozen=True)
class Value:
    """A figure and its interval; both bounds are None where it has none."""

    value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Figure:
    """One figure of two revisions.

    Attributes:
        name: In words.
        before: In the base; None where it has none.
        after: In the change; None where it has none.
        higher_is_better: Its direction.
        style: How it is written; `amount` and `duration` are compared by ratio, others by difference.
        scored: What is scored, for the paired test: `micro`, `macro` or the name of a tier; None for others.
        timed: The file that says on which machine it was timed; None for what no machine changes.
    """

    name: str
    before: Value | None
    after: Value | None
    higher_is_better: bool
    style: Style
    scored: str | None = None
    timed: str | None = None

    @property
    def is_cost(self) -> bool:
        """Whether it is a time, a rate or a size."""
        return self.style in ("amount", "duration")


@dataclass(frozen=True)
class Kind:
    """Figures of one kind: where they are, and what they mean.

    Attributes:
        file: The metrics file.
        pattern: Of the dotted key, whole; its group, if any, is a part of the name.
        name: With `{}` for the group.
        higher_is_better: See `Figure`, as for the next.
        style: See `Figure`.
        timed: Whether it depends on the machine.
    """

    file: str
    pattern: str
    name: str
    higher_is_better: bool = True
    style: Style = "score"
    timed: bool = False


MICRO, MACRO = r"test\.strict\.micro\.f1", r"test\.strict\.macro\.f1"
TIER, TYPE = r"test\.tiers\.(.+)\.f1", r"test\.types\.(.+)\.f1"

KINDS = (
    Kind(EVALUATION, MICRO, "micro-F1"),
    Kind(EVALUATION, MACRO, "macro-F1"),
    Kind(EVALUATION, TIER, "F1, {} tier"),
    Kind(EVALUATION, r"backends\.(.+)\.test\.f1", "micro-F1, by `{}`"),
    Kind(CONFIDENCE, r"test\.ece", "ECE", higher_is_better=False),
    Kind(CONFIDENCE, r"test\.aurc", "AURC", higher_is_better=False),
    Kind(CONFIDENCE, r"test\.automation\.share", "automation share", style="percent"),
    Kind(BENCHMARK, r"peer\.speedup_batch1", "speed-up over the peer, batch of 1", style="amount"),
    Kind(BENCHMARK, r"peer\.speedup_best", "speed-up over the peer, best batch", style="amount"),
    Kind(BENCHMARK, r"backends\.(.+)\.latency_ms\.1\.p50", "latency by `{}`, ms", False, "amount", True),
    Kind(BENCHMARK, r"backends\.(.+)\.documents_per_s", "documents a second by `{}`", True, "amount", True),
    Kind(BENCHMARK, r"backends\.(.+)\.model_mb", "model size by `{}`, MB", False, "amount"),
    Kind(TIMING, r"cpu_seconds", "training, processor time", False, "duration", True),
)
"""In the order of the table. A task without strict F1 has its headline figure in their place."""
HEADLINE = Kind(EVALUATION, r"test\.headline", "headline figure")


def headline(before: Measures | None, after: Measures) -> list[Figure]:
    """The figures that either revision has, in the order of `KINDS`; `before` is None without a base."""
    figures = [figure for kind in KINDS for figure in _of_kind(kind, before, after)]
    if not any(figure.scored == "micro" for figure in figures):
        figures = [*_of_kind(HEADLINE, before, after), *figures]
    return figures


def _of_kind(kind: Kind, before: Measures | None, after: Measures) -> Iterator[Figure]:
    sides = [side.metrics.get(kind.file, {}) if side else {} for side in (before, after)]
    for key, part in sorted(_matching(kind, sides).items(), key=lambda item: _rank(kind, item[0], sides[1])):
        scored = {MICRO: "micro", MACRO: "macro", TIER: part}.get(kind.pattern)
        timed = kind.file if kind.timed else None
        old, new = (_value(side, key) for side in sides)
        if old or new:
            yield Figure(kind.name.format(part), old, new, kind.higher_is_better, kind.style, scored, timed)


def _matching(kind: Kind, sides: list[Mapping[str, Any]]) -> dict[str, str]:
    """The part of the name by key."""
    matches = [match for side in sides for key in side if (match := re.fullmatch(kind.pattern, key))]
    return {match[0]: match[1] if match.re.groups else "" for match in matches}


def _rank(kind: Kind, key: str, values: Mapping[str, Any]) -> tuple[float, str]:
    """Tiers come from the most to the fewest gold spans a type, all else by name."""
    if kind.pattern != TIER:
        return 0, key
    tier = key.removesuffix(".f1")
    spans, types = (values.get(f"{tier}.{name}") for name in ("support", "types"))
    return -(spans or 0) / (types or 1), key


def _value(values: Mapping[str, Any], key: str) -> Value | None:
    found, low, high = (values.get(name) for name in (key, f"{key}_low", f"{key}_high"))
    return None if not isinstance(found, int | float) else Value(found, low, high)
