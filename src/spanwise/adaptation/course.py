"""The course of a training with any backend: batches, epochs, and a report that says who computed it."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple, Protocol

from spanwise.adaptation.masking import Masked
from spanwise.errors import UserError
from spanwise.io import write_json

REPORT = "backend.json"
Program = Literal["mlx", "tinker"]


@dataclass(frozen=True)
class Lora:
    """The adapters, whatever trains them; see `conf/train/sft.yaml`.

    Attributes:
        rank: Of their matrices.
        alpha: Their output is multiplied by alpha over rank, which MLX calls scale.
        targets: The layers that they stand beside.
        learning_rate: Of Adam, without decay of weights.
        seed: Of their first weights.
    """

    rank: int = 8
    alpha: float = 16.0
    targets: tuple[str, ...] = ("q_proj", "v_proj")
    learning_rate: float = 5e-4
    seed: int = 13

    @property
    def scale(self) -> float:
        """What the output of an adapter is multiplied by."""
        return self.alpha / self.rank


class Step(NamedTuple):
    """What one step came to: the mean loss in nats a token, over so many tokens that are learnt from."""

    loss: float
    tokens: int


class About(NamedTuple):
    """Who computes: the program and its version, on what, and whether a stand-in answered in its place."""

    program: Program
    version: str
    device: str
    stub: bool


class Backend(Protocol):
    """What trains adapters step by step."""

    @property
    def about(self) -> About:
        """Who computes."""

    def step(self, batch: Sequence[Masked]) -> Step:
        """Learn from one batch."""

    def save(self, folder: Path) -> None:
        """Write what was learnt, or where it is kept, to a folder that exists."""


@dataclass(frozen=True)
class Report:
    """What a training came to; it is written beside the adapters, as `backend.json`.

    Attributes:
        program: That trained.
        version: Of it.
        device: That it ran on.
        stub: Whether a stand-in answered: then nothing was learnt.
        examples: In an epoch.
        loss_tokens: Learnt from in an epoch.
        steps: In all.
        losses: The mean of each epoch, in nats a token.
    """

    program: str
    version: str
    device: str
    stub: bool
    examples: int
    loss_tokens: int
    steps: int
    losses: tuple[float, ...]


def train(
    backend: Backend,
    examples: Sequence[Masked],
    folder: Path,
    *,
    epochs: int,
    batch_size: int,
    seed: int,
    log: Callable[[int, float], None] = lambda _epoch, _loss: None,
) -> Report:
    """Train adapters, and write them with a report to `folder`.

    Every example is seen once in an epoch; the last batch may be smaller.

    Args:
        backend: What trains.
        examples: Of which each has a token to learn from.
        folder: Is made.
        epochs: How often all examples are seen.
        batch_size: Examples of one step.
        seed: Of their order.
        log: Told the number of each epoch and its loss.

    Raises:
        UserError: If there is nothing to learn from.
    """
    if not examples:
        raise UserError("no examples to learn from")
    if empty := [masked.id for masked in examples if not masked.learnt]:
        raise UserError(f"{len(empty)} of {len(examples)} examples have no token to learn from: {empty[0]}")
    losses, steps = [], 0
    for epoch in range(epochs):
        done = [backend.step(batch) for batch in _batches(examples, batch_size, seed + epoch)]
        steps += len(done)
        losses.append(sum(step.loss * step.tokens for step in done) / sum(step.tokens for step in done))
        log(epoch + 1, losses[-1])
    folder.mkdir(parents=True, exist_ok=True)
    backend.save(folder)
    learnt = sum(masked.learnt for masked in examples)
    report = Report(*backend.about, len(examples), learnt, steps, tuple(losses))
    write_json(folder / REPORT, vars(report))
    return report


def _batches(examples: Sequence[Masked], size: int, seed: int) -> Iterator[list[Masked]]:
    order = list(examples)
    random.Random(seed).shuffle(order)  # noqa: S311 - an order, not a secret
    for start in range(0, len(order), size):
        yield order[start : start + size]
