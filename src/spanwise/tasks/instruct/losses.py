"""Held-out loss and perplexity of the references, of a tuned model and of the one that it comes from."""

from __future__ import annotations

from collections.abc import Sequence
from math import exp
from typing import Any

import numpy as np

from spanwise.errors import UserError
from spanwise.metrics.bootstrap import Bounds, Floats, ratio_interval, resample
from spanwise.metrics.spans import Integers
from spanwise.schema import Prediction, Record

Block = dict[str, Any]


class Loss(Record):
    """The negative log-likelihood of a reference in nats, summed over its tokens, as `evaluate` stores it."""

    nll: float
    tokens: int
    untuned_nll: float | None = None


def loss_figures(
    predictions: Sequence[Prediction], group: Integers, *, samples: int, level: float, seed: int
) -> Block:
    """The loss of some references.

    Args:
        predictions: Their `attributes["loss"]` is a `Loss`; those without are left out.
        group: The group of each by its number, [predictions].
        samples: How often groups are drawn anew.
        level: Of the intervals.
        seed: Of the drawing.

    Returns:
        `loss` (nats a token), `perplexity`, the same of the untuned model, `untuned_loss` and
        `untuned_perplexity`, and `loss_reduction`, 1 - loss / untuned loss, each with `value`, `low`, `high`
        and `answers`; the last three over the references of which both models' losses are known.

    Raises:
        UserError: If a stored loss is malformed.
    """
    found = [_loss(prediction) for prediction in predictions]
    tuned = np.array([0.0 if each is None else each.nll for each in found])
    tokens = np.array([0.0 if each is None else each.tokens for each in found])
    both = np.array([each is not None and each.untuned_nll is not None for each in found], dtype=np.float64)
    untuned = np.array([0.0 if each is None else each.untuned_nll or 0.0 for each in found])
    columns = np.stack([tuned, tokens, tuned * both, untuned * both, tokens * both], axis=1)
    sums = np.zeros((int(group.max(initial=-1)) + 1, columns.shape[1]))
    np.add.at(sums, group, columns)
    (drawn,) = resample(sums, samples=samples, seed=seed)

    def ratio(part: int, whole: int) -> tuple[float | None, Bounds]:
        return _ratio(sums, drawn, part, whole, level)

    counts = int(np.count_nonzero(tokens)), int(both.sum())
    loss, untuned_loss, rest = ratio(0, 1), ratio(3, 4), ratio(2, 3)
    return {
        "loss": _block(*loss, counts[0]),
        "perplexity": _block(*_exponential(*loss), counts[0]),
        "untuned_loss": _block(*untuned_loss, counts[1]),
        "untuned_perplexity": _block(*_exponential(*untuned_loss), counts[1]),
        "loss_reduction": _block(*_complement(*rest), counts[1]),
    }


def _loss(prediction: Prediction) -> Loss | None:
    value = (prediction.attributes or {}).get("loss")
    if value is None:
        return None
    try:
        return Loss.model_validate(value)
    except ValueError:
        raise UserError(
            f"prediction {prediction.id}: attributes.loss is not a loss with nll and tokens"
        ) from None


def _ratio(sums: Floats, drawn: Floats, part: int, whole: int, level: float) -> tuple[float | None, Bounds]:
    total = sums.sum(axis=0)
    if not total[whole]:
        return None, (None, None)
    holders = int(np.count_nonzero(sums[:, whole]))
    bounds = ratio_interval(drawn[:, part], drawn[:, whole], holders=holders, level=level)
    return float(total[part] / total[whole]), bounds


def _exponential(value: float | None, bounds: Bounds) -> tuple[float | None, Bounds]:
    if value is None or bounds[0] is None:
        return None if value is None else exp(value), (None, None)
    return exp(value), (exp(bounds[0]), exp(bounds[1]))


def _complement(value: float | None, bounds: Bounds) -> tuple[float | None, Bounds]:
    if value is None or bounds[0] is None:
        return None if value is None else 1 - value, (None, None)
    return 1 - value, (1 - bounds[1], 1 - bounds[0])


def _block(value: float | None, bounds: Bounds, answers: int) -> Block:
    return {"value": value, "low": bounds[0], "high": bounds[1], "answers": answers}
