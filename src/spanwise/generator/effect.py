"""Whether tuning did more than the figures of a small validation side waver by themselves."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np

from spanwise.errors import UserError
from spanwise.generator.likelihood import Loss, mean
from spanwise.metrics.bootstrap import ratio_interval, resample
from spanwise.schema import Example

SAMPLES = 1000
LEVEL = 0.95


def effect(
    validation: Sequence[Example],
    untuned: Sequence[Loss],
    tuned: Sequence[Loss],
    others: Sequence[tuple[str | None, Loss]] = (),
    *,
    seed: int,
) -> dict[str, Any]:
    """By how much tuning lowers the validation loss, against what that loss would waver by.

    The noise is the standard error of the mean loss of so many examples, by their variance within a stratum:
    how much the figure would be another one with other examples of the same kinds. A fall below it is one
    that this validation side could not tell from none.

    Args:
        validation: The examples.
        untuned: What their answers cost the model before, [examples].
        tuned: And after, [examples].
        others: More strata and losses of the untuned model, to know the variance from more examples.
        seed: Of the draws for the interval.

    Returns:
        `untuned_loss` and `tuned_loss` in nats a token, `fall` with its percentile interval over groups, and
        `noise`; the mean over examples differs from that over tokens, and is the one of the noise.
    """
    costs = [(example.stratum, loss) for example, loss in zip(validation, untuned, strict=True)]
    falls = [before.mean - after.mean for before, after in zip(untuned, tuned, strict=True)]
    low, high = _interval(validation, falls, seed)
    return {
        "untuned_loss": mean(untuned),
        "tuned_loss": mean(tuned),
        "fall": sum(falls) / len(falls),
        "fall_low": low,
        "fall_high": high,
        "noise": _deviation([*costs, *others]) / math.sqrt(len(validation)),
    }


def check_effect(found: dict[str, Any]) -> None:
    """Hold a training to have done something.

    Raises:
        UserError: If the loss fell by no more than the noise.
    """
    if found["fall"] <= found["noise"]:
        raise UserError(
            "tuning had no effect that can be told from chance: the validation loss fell by "
            f"{found['fall']:.3f} (from {found['untuned_loss']:.3f} to {found['tuned_loss']:.3f}), and "
            f"wavers by {found['noise']:.3f} with the choice of examples",
            hint="Raise train.learning_rate (1e-4 to 1e-3 suit adapters) or train.epochs; or set "
            "train.require_effect to false to keep such a model.",
        )


def _deviation(costs: Sequence[tuple[str | None, Loss]]) -> float:
    """The standard deviation of an example's loss within its stratum, pooled; of all if each has its own."""
    strata = defaultdict(list)
    for stratum, loss in costs:
        strata[stratum].append(loss.mean)
    if len(strata) == len(costs):
        strata = defaultdict(list, {None: [loss.mean for _, loss in costs]})
    freedom = sum(len(values) - 1 for values in strata.values())
    squares = sum(float(np.var(values)) * len(values) for values in strata.values())
    return math.sqrt(squares / freedom) if freedom else 0.0


def _interval(
    validation: Sequence[Example], falls: Sequence[float], seed: int
) -> tuple[float, float] | tuple[None, None]:
    groups = sorted({example.group for example in validation})
    sums = np.zeros((len(groups), 2))
    for example, fall in zip(validation, falls, strict=True):
        sums[groups.index(example.group)] += fall, 1
    [drawn] = resample(sums, samples=SAMPLES, seed=seed)
    return ratio_interval(drawn[:, 0], drawn[:, 1], holders=len(groups), level=LEVEL)
