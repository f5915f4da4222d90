"""From a traced step and a machine to memory, time, and whether the one fits the other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from spanwise.errors import UserError
from spanwise.estimate.machines import GB, Machine, machine
from spanwise.estimate.tracing import Traced, trace
from spanwise.learners.adapters import Adapter
from spanwise.learners.holding import Holding
from spanwise.learners.recipe import Recipe
from spanwise.schema import Record

NF4_BITS = 4 + 8 / 64 + 32 / (64 * 256)
"""Of a weight: four, and its share of the doubly quantised constants (Dettmers et al. 2023, section 3)."""
BYTES = {"int8": 1.0, "nf4": NF4_BITS / 8}
OF_DTYPE = {"fp32": 4, "bf16": 2}
TRAINED = 4  # bytes of what is trained, of its gradient, and of each of AdamW's two averages
SMALL = 300_000_000
"""Parameters up to which a model is let through untraced: it takes a few GB at most."""


@dataclass(frozen=True)
class Setting:
    """What a training takes follows from this alone.

    Attributes:
        architecture: The keys of the model's configuration.
        bidirectional: Whether a token sees those behind it.
        holding: How the model is held.
        adapter: What is trained; None trains all of it.
        windows: In a batch: the largest goes through at once.
        tokens: Of the longest window.
        tags: Outputs for a token; None for a language model.
        mixed: Whether matrix products are in 16 bits.
        accumulation: Batches to a step.
        averaged: Whether an average of the weights is kept.
    """

    architecture: Mapping[str, Any]
    bidirectional: bool
    holding: Holding
    adapter: Adapter | None
    windows: int
    tokens: int
    tags: int | None
    mixed: bool
    accumulation: int = 1
    averaged: bool = False


def setting_of(model: Mapping[str, Any], recipe: Recipe, *, tags: int, mixed: bool) -> Setting:
    """The setting of a tagger's training.

    Args:
        model: The section `model`.
        recipe: The section `train`.
        tags: Of a token.
        mixed: Whether matrix products are in 16 bits.
    """
    return Setting(
        architecture=model["architecture"],
        bidirectional=model["bidirectional"],
        holding=recipe.holding,
        adapter=recipe.adapter if recipe.adapter.rank else None,
        windows=recipe.batch_size,
        tokens=model["max_length"],
        tags=tags,
        mixed=mixed or recipe.dtype == "bf16",
        accumulation=recipe.gradient_accumulation,
        averaged=recipe.averaging.scheme != "none",
    )


class Estimate(Record):
    """What a training takes on a machine; memory in GB (10^9 bytes), at its worst moment.

    `activations_gb` are those of the longest batch, with what is computed on the way back; `reserve_gb` is
    what the process and the allocator take beside tensors. `flops` are those of one step.
    """

    machine: str
    memory_gb: float
    parameters: int
    trainable: int
    weights_gb: float
    gradients_gb: float
    optimiser_gb: float
    activations_gb: float
    reserve_gb: float
    total_gb: float
    tokens_per_step: int
    flops: float
    step_seconds: float
    tokens_per_s: float

    @property
    def fits(self) -> bool:
        """Whether the machine has that much memory."""
        return self.total_gb <= self.memory_gb


def estimate(setting: Setting, where: Machine) -> Estimate:
    """What one training takes on one machine."""
    traced = trace(
        setting.architecture,
        holding=setting.holding,
        adapter=setting.adapter,
        windows=setting.windows,
        tokens=setting.tokens,
        tags=setting.tags,
        mixed=setting.mixed,
        bidirectional=setting.bidirectional,
        accumulated=setting.accumulation > 1,
    )
    return assess(setting, traced, where)


def assess(setting: Setting, traced: Traced, where: Machine) -> Estimate:
    """The same, of a step that was traced already."""
    saved, copy = _quantised(setting.holding, traced)
    trained = TRAINED * traced.trainable
    weights = traced.weights - saved
    optimiser = (3 if setting.averaged else 2) * trained
    # AdamW makes a copy of what it is about to add.
    working = max(traced.beyond, 2 * trained) + copy
    reserve = where.reserve_gb * GB + where.slack * (weights + optimiser + working)
    flops = float(traced.flops * setting.accumulation)
    tokens = setting.windows * setting.tokens * setting.accumulation
    seconds = flops / (where.flops * where.share)
    return Estimate(
        machine=where.name,
        memory_gb=where.memory_gb,
        parameters=traced.parameters,
        trainable=traced.trainable,
        weights_gb=weights / GB,
        gradients_gb=trained / GB,
        optimiser_gb=optimiser / GB,
        activations_gb=(working - trained) / GB,
        reserve_gb=reserve / GB,
        total_gb=(weights + optimiser + working + reserve) / GB,
        tokens_per_step=tokens,
        flops=flops,
        step_seconds=seconds,
        tokens_per_s=tokens / seconds,
    )


def _quantised(holding: Holding, traced: Traced) -> tuple[float, float]:
    """The bytes that quantisation saves, and those of the matrix that is dequantised at a time."""
    if holding.quantisation == "none":
        return 0.0, 0.0
    plain = OF_DTYPE[holding.dtype]
    return traced.linear * (plain - BYTES[holding.quantisation]), float(traced.matrix * plain)


def check_fits(setting: Setting, where: Machine | None = None, *, parameters: int) -> Estimate | None:
    """Look before weights are loaded whether a training has room.

    Args:
        setting: What is to be trained.
        where: On what; by default the GPU of this machine, or else its CPU.
        parameters: Of the model, as its option says.

    Returns:
        What it takes; None of a small model, which is not looked at.

    Raises:
        UserError: If it does not fit, with what to change.
    """
    if parameters <= SMALL:
        return None
    found = estimate(setting, where or machine("this", mixed=setting.mixed))
    refuse(setting, found)
    return found


def refuse(setting: Setting, found: Estimate) -> None:
    """Say that a training does not fit, where it does not.

    Raises:
        UserError: With what to change, what saves most first.
    """
    if found.fits:
        return
    raise UserError(
        f"the training takes about {found.total_gb:.1f} GB, and {found.machine} has {found.memory_gb:.1f}: "
        f"weights {found.weights_gb:.1f}, gradients {found.gradients_gb:.1f}, optimiser "
        f"{found.optimiser_gb:.1f}, activations {found.activations_gb:.1f}, beside these "
        f"{found.reserve_gb:.1f}",
        hint="; or ".join(_remedies(setting, found)) + ".",
    )


def _remedies(setting: Setting, found: Estimate) -> list[str]:
    """What would make it smaller, and is not done yet."""
    holding, gain = setting.holding, []
    if setting.adapter is None:
        gain.append((found.gradients_gb + found.optimiser_gb, "Train adapters: train=lora"))
    elif holding.quantisation == "none":
        gain.append((found.weights_gb, "Quantise what is frozen: train.quantisation=nf4"))
        if holding.dtype == "fp32":
            gain.append((found.weights_gb / 2, "hold it in bfloat16: train.dtype=bf16"))
    if not holding.gradient_checkpointing:
        gain.append((found.activations_gb, "compute activations twice: train.gradient_checkpointing=true"))
    if setting.windows > 1:
        gain.append((found.activations_gb / 2, "take smaller batches: train.batch_size"))
    gain.append((found.activations_gb / 3, "shorter windows: model.max_length"))
    gain.append((0.0, "a smaller model or a larger card"))
    named = [name for _, name in sorted(gain, key=lambda each: -each[0])]
    return [named[0][0].upper() + named[0][1:], *(name[0].lower() + name[1:] for name in named[1:])]
