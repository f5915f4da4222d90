"""Which tokens are learnt from, said once, and in the form that each backend takes it.

TRL takes labels, MLX a batch with padding, Tinker inputs and targets that were shifted before. mlx-lm's own
mask counts one token of padding in each row (its `default_loss` has `<=` for `<`), and is not used.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from spanwise.encoding import IGNORED
from spanwise.generator.rows import Row


@dataclass(frozen=True)
class Masked:
    """One example, with a weight for each token.

    Attributes:
        id: Of the example.
        tokens: Prompt and answer, `[tokens]`.
        weights: 1 where a token is learnt from, else 0, `[tokens]`; the first one is foretold from nothing.
    """

    id: str
    tokens: tuple[int, ...]
    weights: tuple[float, ...]

    @property
    def learnt(self) -> int:
        """How many tokens are learnt from."""
        return int(sum(self.weights))


class Shifted(NamedTuple):
    """What Tinker takes: each target stands where it is foretold, all `[tokens - 1]`."""

    inputs: list[int]
    targets: list[int]
    weights: list[float]


class Padded(NamedTuple):
    """What MLX takes, both `[rows, tokens of the longest]`."""

    tokens: NDArray[np.int32]
    weights: NDArray[np.float32]


def mask(rows: Sequence[Row]) -> list[Masked]:
    """The rows of a generator with weights in the place of labels."""
    return [
        Masked(
            row.id,
            tuple(row.input_ids),
            tuple(float(place > 0 and label != IGNORED) for place, label in enumerate(row.labels)),
        )
        for row in rows
    ]


def labels(masked: Masked) -> list[int]:
    """As TRL takes them, `[tokens]`: the token where it is learnt from."""
    pairs = zip(masked.tokens, masked.weights, strict=True)
    return [token if weight else IGNORED for token, weight in pairs]


def shifted(masked: Masked) -> Shifted:
    """As Tinker takes them."""
    return Shifted(list(masked.tokens[:-1]), list(masked.tokens[1:]), list(masked.weights[1:]))


def padded(batch: Sequence[Masked], pad: int) -> Padded:
    """As MLX takes them: rows of one length, what was added of no weight.

    Args:
        batch: At least one row.
        pad: The token that fills.
    """
    longest = max(len(masked.tokens) for masked in batch)
    tokens = np.full((len(batch), longest), pad, dtype=np.int32)
    weights = np.zeros((len(batch), longest), dtype=np.float32)
    for place, masked in enumerate(batch):
        tokens[place, : len(masked.tokens)] = masked.tokens
        weights[place, : len(masked.tokens)] = masked.weights
    return Padded(tokens, weights)
