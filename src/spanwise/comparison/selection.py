"""All that is said of the models of one test set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from spanwise.comparison.candidates import Candidate
from spanwise.comparison.grouping import Group, tell_reservations
from spanwise.comparison.ranking import Criterion, Leader, lead_tiers, lead_types, rank
from spanwise.comparison.significance import Pair, compare_losses, compare_with_best
from spanwise.comparison.verdict import (
    Recommendation,
    recommend,
    tell_criterion,
    tell_losses,
    tell_pairs,
    tell_types,
)
from spanwise.reporting.answers.scores import Parts


@dataclass(frozen=True)
class Selection:
    """The models of one test set, ranked.

    Attributes:
        group: The models, from the highest to the lowest micro-F1, or chrF where they write.
        pairs: The first beside each other one.
        losses: The same by what the references cost, where they write.
        types: The best model of each type.
        tiers: The best model of each tier.
        criterion: The ranking by weights.
        verdict: What the figures say, in sentences.
        recommendation: Which to ship.
        notes: What to keep in mind.
    """

    group: Group
    pairs: tuple[Pair, ...]
    losses: tuple[Pair, ...]
    types: tuple[Leader, ...]
    tiers: tuple[Leader, ...]
    criterion: Criterion
    verdict: tuple[str, ...]
    recommendation: Recommendation
    notes: tuple[str, ...]


def select(group: Group, *, weights: Mapping[str, float], samples: int, level: float, seed: int) -> Selection:
    """Compare the models of one test set.

    Args:
        group: The models.
        weights: See `ranking.rank`.
        samples: How often the groups of documents are drawn for the paired bootstrap.
        level: Of the intervals, e.g. 0.95.
        seed: Of the drawing.

    Raises:
        UserError: If predictions have changed since they were read first.
    """
    pairs = compare_with_best(group.models, samples=samples, level=level, seed=seed)
    losses = compare_losses(group.models, samples=samples, level=level, seed=seed)
    types, criterion = lead_types(group), rank(group, weights)
    return Selection(
        group=group,
        pairs=tuple(pairs),
        losses=tuple(losses),
        types=tuple(types),
        tiers=tuple(lead_tiers(group)),
        criterion=criterion,
        verdict=(
            *tell_pairs(group, pairs, level),
            *tell_losses(losses, group.models[0].name, level),
            *tell_types(types, group),
            *tell_criterion(criterion, group),
        ),
        recommendation=recommend(group, pairs, criterion, level),
        notes=tuple(tell_reservations(group)),
    )


def as_record(selection: Selection) -> dict[str, Any]:
    """The same for programs: see `model_selection.json` in `page.write_selection`."""
    group, criterion = selection.group, selection.criterion
    return {
        "documents": group.models[0].scores.documents,
        "spans": group.models[0].scores.strict.micro.support,
        "rarest_tier": group.rarest,
        "models": [_model(group, model) for model in group.models],
        "best": group.models[0].name,
        "pairs": [asdict(pair) for pair in selection.pairs],
        **({"losses": [asdict(pair) for pair in selection.losses]} if group.writes else {}),
        "types": {each.of: _leader(each) for each in selection.types},
        "tiers": {each.of: _leader(each) for each in selection.tiers},
        "criterion": {
            "best": criterion.best,
            "weights": dict(criterion.weights),
            "scores": dict(criterion.scores),
            "left_out": dict(criterion.left_out),
            "unranked": {name: list(figures) for name, figures in criterion.unranked.items()},
        },
        "verdict": list(selection.verdict),
        "recommendation": asdict(selection.recommendation),
        "notes": list(selection.notes),
    }


def _model(group: Group, model: Candidate) -> dict[str, Any]:
    answers = model.scores.answers
    automation = model.trust.test.automation if model.trust else None
    return {
        "name": model.name,
        "commit": model.commit,
        **(_worth(answers) if answers is not None else _scores(group, model)),
        "training_seconds": model.training_seconds,
        "training_clock": "processor" if model.on_processor else "wall",
        "latency_ms_p50": model.latency_ms,
        "model_mb": model.size_mb,
        "automation_share": model.automation_share,
        "automation_target_precision": automation.target_precision if automation else None,
        "trained_on": model.trainer or None,
        "timed_on": model.timer or None,
        "settings": dict(model.settings),
        "missing": list(model.missing),
    }


def _scores(group: Group, model: Candidate) -> dict[str, Any]:
    """The figures of spans."""
    micro, macro = model.scores.strict.micro, model.scores.strict.macro
    return {
        "micro_f1": micro.f1,
        "micro_f1_low": micro.f1_low,
        "micro_f1_high": micro.f1_high,
        "macro_f1": macro.f1,
        "precision": micro.precision,
        "recall": micro.recall,
        "rare_f1": group.rare_f1(model),
    }


def _worth(answers: Parts) -> dict[str, Any]:
    """The figures of answers, each with its interval."""
    return {
        f"{name}{suffix}": getattr(answers.all[name], bound)
        for name in ("chrf", "loss", "perplexity", "coverage", "acceptable")
        for suffix, bound in (("", "value"), ("_low", "low"), ("_high", "high"))
    }


def _leader(leader: Leader) -> dict[str, Any]:
    return {key: value for key, value in asdict(leader).items() if key != "of"}
