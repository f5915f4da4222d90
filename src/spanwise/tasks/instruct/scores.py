"""The figures of a side, with intervals: over all, by language, by category and by both."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import nan
from typing import Any

import numpy as np

from spanwise.metrics.bootstrap import Floats, ratio_interval, resample
from spanwise.schema import Prediction
from spanwise.tasks.instruct.acceptance import failures_of
from spanwise.tasks.instruct.losses import loss_figures
from spanwise.tasks.instruct.measures import Measures, measure
from spanwise.tasks.instruct.shares import FEW, wilson

Block = dict[str, Any]

MEANS: Mapping[str, Callable[[Measures], float | None]] = {
    "coverage": lambda found: found.coverage,
    "rouge_l": lambda found: found.rouge_l,
    "chrf": lambda found: found.chrf,
    "form": lambda found: found.form,
    "length_ratio": lambda found: found.length_ratio,
    "repeated": lambda found: found.repeated,
    "distinct": lambda found: found.distinct,
    "agreement": lambda found: found.agreement,
}
SHARES: Mapping[str, Callable[[Measures], bool | None]] = {
    "acceptable": lambda found: not failures_of(found),
    "finished": lambda found: found.finished,
    "faithful": lambda found: found.faithful,
    "exact_choice": lambda found: None if found.agreement is None else found.agreement == 1,
}


@dataclass(frozen=True)
class Bootstrap:
    """How intervals are drawn: see `metrics.bootstrap`."""

    samples: int
    level: float
    seed: int


def score(predictions: Sequence[Prediction], *, samples: int, level: float, seed: int) -> Block:
    """Score the answers of a side.

    Args:
        predictions: One per document; those of several folds may hold one several times, for repeats.
        samples: How often groups are drawn anew for the intervals.
        level: The level of the intervals, e.g. 0.95.
        seed: Of the drawing.

    Returns:
        `all`, and the same under `languages.<code>`, `categories.<name>` and `strata.<name>`: `answers`,
        `groups`, the measures of `MEANS` and `SHARES`, and those of `losses.loss_figures`. A measure has
        `value`, `low`, `high` and `answers`, those to which it applies; None where there are none. Intervals
        are drawn over groups, and None where fewer than five have the measure; those of shares (`interval:
        wilson`) are Wilson's where fewer than 30 answers have it or all are alike, over answers.

    Raises:
        UserError: If one of the libraries of the extra `instruct` is not installed.
        ValueError: If a prediction is one of spans.
    """
    bootstrap = Bootstrap(samples, level, seed)
    found = [measure(prediction) for prediction in predictions]
    return {
        "all": _figures(predictions, found, bootstrap),
        **{
            name: {
                part: _figures([predictions[i] for i in own], [found[i] for i in own], bootstrap)
                for part, own in _parts(predictions, attribute).items()
            }
            for name, attribute in _SLICES.items()
        },
    }


_SLICES: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "languages": lambda known: str(known.get("language", "unknown")),
    "categories": lambda known: str(known.get("category", "unknown")),
    "strata": lambda known: f"{known.get('category', 'unknown')}/{known.get('language', 'unknown')}",
}


def _parts(
    predictions: Sequence[Prediction], attribute: Callable[[Mapping[str, Any]], str]
) -> dict[str, list[int]]:
    """The places of the predictions with each value of an attribute, sorted by it."""
    parts: dict[str, list[int]] = defaultdict(list)
    for place, prediction in enumerate(predictions):
        parts[attribute(prediction.attributes or {})].append(place)
    return dict(sorted(parts.items()))


def _figures(predictions: Sequence[Prediction], found: Sequence[Measures], bootstrap: Bootstrap) -> Block:
    """The figures of some answers together."""
    numbers = {name: index for index, name in enumerate(sorted({each.group for each in predictions}))}
    group = np.array([numbers[each.group] for each in predictions], dtype=np.int64)
    getters = {**MEANS, **SHARES}
    values = np.array(
        [[_number(getter(each)) for getter in getters.values()] for each in found], dtype=np.float64
    ).reshape(len(found), len(getters))
    return {
        "answers": len(predictions),
        "groups": len(numbers),
        **_measured(list(getters), values, _by_group(group, len(numbers)), bootstrap),
        **loss_figures(predictions, group, **vars(bootstrap)),
    }


def _number(value: float | None) -> float:
    return nan if value is None else float(value)


def _by_group(group: Any, groups: int) -> Callable[[Floats], Floats]:
    """What sums [answers, n] over the groups to [groups, n]."""

    def sums(values: Floats) -> Floats:
        total = np.zeros((groups, values.shape[1]))
        np.add.at(total, group, values)
        return total

    return sums


def _measured(
    names: Sequence[str], values: Floats, sums: Callable[[Floats], Floats], bootstrap: Bootstrap
) -> Block:
    """The mean of each column of [answers, measures] with its interval."""
    defined = ~np.isnan(values)
    part, whole = sums(np.nan_to_num(values)), sums(defined.astype(np.float64))
    drawn_part, drawn_whole = resample(part, whole, samples=bootstrap.samples, seed=bootstrap.seed)
    figures: Block = {}
    for column, name in enumerate(names):
        answers = int(whole[:, column].sum())
        value = float(part[:, column].sum() / answers) if answers else None
        holders = int(np.count_nonzero(whole[:, column]))
        if name in SHARES and value is not None and (answers < FEW or value in (0.0, 1.0)):
            low, high = wilson(value, answers, level=bootstrap.level)
            figures[name] = {
                "value": value,
                "low": low,
                "high": high,
                "answers": answers,
                "interval": "wilson",
            }
            continue
        bounds = ratio_interval(
            drawn_part[:, column], drawn_whole[:, column], holders=holders, level=bootstrap.level
        )
        figures[name] = {"value": value, "low": bounds[0], "high": bounds[1], "answers": answers}
    return figures
