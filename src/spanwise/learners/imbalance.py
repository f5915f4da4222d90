"""Weights for tags by how often they occur, so that rare ones are not drowned by frequent ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic.dataclasses import dataclass

from spanwise.errors import UserError
from spanwise.schema import Labels

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class ClassWeights:
    """How much each tag weighs in the loss.

    Attributes:
        scheme: `inverse_frequency` weighs a tag that occurs n times 1/n; `effective_number` weighs it
            (1 - beta) / (1 - beta^n) (Cui et al. 2019, arXiv 1901.05555, section 4), which falls as 1/n while
            n is small beside 1 / (1 - beta), and then no further.
        temper: The power that these weights are raised to: 0 makes all equal, 1 takes them as they are.
        beta: Of `effective_number`, from 0 (all tags equal) to below 1 (which would be 1/n).
        tiers: The frequency tiers whose labels' tags are weighed; empty for all tags, `O` included.
    """

    scheme: Literal["none", "inverse_frequency", "effective_number"]
    temper: float
    beta: float
    tiers: tuple[str, ...]


def tag_weights(recipe: ClassWeights, counts: Sequence[int], labels: Labels) -> torch.Tensor | None:
    """The weight of each tag in the loss, float32 `[tags]`; None where all weigh the same.

    A tag that never occurs weighs as much as one that occurs once. A tag outside the tiers of the recipe
    weighs as much as the least weighed tag within them, so that the rare never weigh less than the frequent,
    as some would if the mean within the tiers were 1. Then all weights are divided by their mean over the
    tagged tokens of the training, which leaves the size of the loss, and with it the meaning of the learning
    rate, what it is without weights.

    Args:
        recipe: How to weigh.
        counts: How often each tag occurs in the training, `[tags]`; not all of them 0.
        labels: The tags, and the tier of each label.

    Raises:
        UserError: If the recipe names a tier in which no label stands.
    """
    if recipe.scheme == "none":
        return None
    occurrences = np.asarray(counts, dtype=np.float64)
    weights = _raw(recipe, occurrences)
    if recipe.tiers:
        weighed = _in_tiers(recipe.tiers, labels)
        weights = np.where(weighed, weights, weights[weighed].min())
    return torch.tensor(weights / np.average(weights, weights=occurrences), dtype=torch.float32)


def _raw(recipe: ClassWeights, occurrences: Floats) -> Floats:
    """The scheme's weights, tempered, before tiers and normalisation, `[tags]`."""
    number = np.maximum(occurrences, 1)
    if recipe.scheme == "effective_number":
        number = (1 - recipe.beta**number) / (1 - recipe.beta)
    weights: Floats = number**-recipe.temper
    return weights


def _in_tiers(tiers: Sequence[str], labels: Labels) -> NDArray[np.bool_]:
    """Whether a tag's label stands in one of `tiers`, `[tags]`; `O` has no label."""
    held = sorted(set(labels.tiers.values()))
    unknown = [tier for tier in tiers if tier not in held]
    if unknown:
        raise UserError(
            f"train.class_weights.tiers names {', '.join(unknown)}, in which no label stands",
            hint=f"Labels stand in {', '.join(held)}.",
        )
    return np.array([False, *(labels.tiers[name] in tiers for name in labels.names for _ in "BI")])
