"""The best model of each type, of each tier, and by a criterion that weighs quality against cost."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from spanwise.comparison.candidates import Candidate
from spanwise.comparison.costs import unlike_timings
from spanwise.comparison.grouping import Group
from spanwise.reporting.sources.evaluation import Score


@dataclass(frozen=True)
class Leader:
    """The best model of one type or tier.

    Attributes:
        of: The name of the type or tier.
        tier: The tier of the type; None of a tier.
        support: Gold spans in the test documents.
        best: The models with the highest F1; none where no model finds anything.
        f1: Their F1.
        overlapping: The others whose intervals overlap with the best's, or have none. They may be worse all
            the same: on the same documents, models differ less by chance than each interval alone says.
    """

    of: str
    tier: str | None
    support: int
    best: tuple[str, ...]
    f1: float
    overlapping: tuple[str, ...]


def lead_types(group: Group) -> list[Leader]:
    """The best model of each type with a gold span, from the most to the least frequent type."""
    types = {label: each for model in group.models for label, each in model.scores.types.items()}
    leaders = [
        _leader(label, each.tier, [(model.name, model.scores.types.get(label)) for model in group.models])
        for label, each in sorted(types.items())
    ]
    return sorted((each for each in leaders if each.support), key=lambda each: -each.support)


def lead_tiers(group: Group) -> list[Leader]:
    """The best model of each tier, from the most to the least frequent types."""
    return [
        _leader(tier, None, [(model.name, model.scores.tiers.get(tier)) for model in group.models])
        for tier in group.tiers
    ]


def _leader(of: str, tier: str | None, scores: Sequence[tuple[str, Score | None]]) -> Leader:
    """A model that does not list a type found none of it and invented none: it has no score there."""
    known = [(name, each) for name, each in scores if each is not None and each.f1 is not None]
    support = max((each.support or 0 for _, each in known), default=0)
    first = max((each for _, each in known), key=lambda each: each.f1 or 0.0, default=Score())
    if not first.f1:
        return Leader(of, tier, support, (), 0.0, ())
    best = tuple(name for name, each in known if each.f1 == first.f1)
    overlapping = tuple(name for name, each in known if name not in best and _overlap(each, first))
    return Leader(of, tier, support, best, first.f1, overlapping)


def _overlap(each: Score, best: Score) -> bool:
    """Whether an interval reaches into that of a higher score; one that is not known may."""
    return each.f1_high is None or best.f1_low is None or each.f1_high >= best.f1_low


@dataclass(frozen=True)
class Criterion:
    """What the models come to when each figure has its weight.

    Attributes:
        weights: Those of the figures that count.
        scores: 0 to 1 for each ranked model, the highest first.
        left_out: Figures that do not count although they have a weight, and why.
        unranked: Models that lack a figure that counts, and which.
    """

    weights: Mapping[str, float]
    scores: Mapping[str, float]
    left_out: Mapping[str, str]
    unranked: Mapping[str, tuple[str, ...]]

    @property
    def best(self) -> str | None:
        """The model with the highest score; None where fewer than two are ranked or the highest are equal."""
        names = list(self.scores)
        if len(names) < 2 or math.isclose(self.scores[names[0]], self.scores[names[1]]):
            return None
        return names[0]


COSTS = frozenset({"latency", "size"})
FIGURES = {
    "f1": "micro-F1",
    "rare_f1": "F1 of the rarest tier",
    "latency": "latency",
    "size": "size",
}
"""What can be weighed, and its name in a sentence."""

LEAST_GAIN, LEAST_RATIO = 0.05, 2.0
"""Less than 5 points of F1, or twice the cost, between the worst and the best does not count in full."""


def rank(group: Group, weights: Mapping[str, float]) -> Criterion:
    """Rank the models by the weighted mean of their figures.

    Each figure is scaled from 0 (the worst of the ranked models) to 1 (the best): F1 linearly, latency and
    size by their logarithm, the lowest being the best. Where all are closer than `LEAST_GAIN` or
    `LEAST_RATIO`, 0 is so far below the best, lest a difference of nothing decides. The score of a model
    therefore depends on which others it is compared with.

    Args:
        group: The models.
        weights: That of each of `FIGURES`, not negative; 0 leaves a figure out.
    """
    values = {figure: _values(group, figure) for figure in FIGURES if weights.get(figure, 0)}
    left_out = {figure: reason for figure in values if (reason := _unfit(group, figure, values[figure]))}
    counting = {figure: own for figure, own in values.items() if figure not in left_out}
    lacking = {
        model.name: tuple(figure for figure, own in counting.items() if own[model.name] is None)
        for model in group.models
    }
    ranked = [name for name, figures in lacking.items() if not figures and counting]
    scaled = {
        figure: _scaled({name: own[name] or 0.0 for name in ranked}, cost=figure in COSTS)
        for figure, own in counting.items()
    }
    used = {figure: weights[figure] for figure in counting}
    scores = {
        name: sum(weight * scaled[figure][name] for figure, weight in used.items()) / sum(used.values())
        for name in ranked
    }
    return Criterion(
        weights=used,
        scores=dict(sorted(scores.items(), key=lambda item: -item[1])),
        left_out=left_out,
        unranked={name: figures for name, figures in lacking.items() if figures},
    )


def _values(group: Group, figure: str) -> dict[str, float | None]:
    read: dict[str, Callable[[Candidate], float | None]] = {
        "f1": lambda model: model.f1,
        "rare_f1": group.rare_f1,
        "latency": lambda model: model.latency_ms,
        "size": lambda model: model.size_mb,
    }
    return {model.name: read[figure](model) for model in group.models}


def _unfit(group: Group, figure: str, values: Mapping[str, float | None]) -> str | None:
    """Why a figure cannot count for any model."""
    if all(value is None for value in values.values()):
        return "no model has it"
    return unlike_timings(group.models) if figure == "latency" else None


def _scaled(values: Mapping[str, float], *, cost: bool) -> dict[str, float]:
    """See `rank`."""
    good = {name: -math.log(value) if cost else value for name, value in values.items()}
    low, high = min(good.values(), default=0.0), max(good.values(), default=0.0)
    span = max(high - low, math.log(LEAST_RATIO) if cost else LEAST_GAIN)
    return {name: 1 - (high - value) / span for name, value in good.items()}
