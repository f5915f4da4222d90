"""The recipe of a training: all its settings together, what they are called, and what excludes what."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import TypeAdapter
from pydantic.dataclasses import dataclass

from spanwise.errors import UserError
from spanwise.heads.network import Kind
from spanwise.learners.adapters import Adapter
from spanwise.learners.arguments import Schedule
from spanwise.learners.augmentation import Augmentation
from spanwise.learners.averaging import Averaging
from spanwise.learners.distillation import Distillation
from spanwise.learners.dropout import Dropout
from spanwise.learners.holding import Dtype, Holding, Quantisation
from spanwise.learners.imbalance import ClassWeights
from spanwise.learners.losses import LossRecipe, check
from spanwise.learners.optimisation import Layers
from spanwise.learners.pretraining import Pretraining

Precision = Literal["auto", "fp32", "bf16", "fp16"]


@dataclass(frozen=True)
class Recipe(Schedule):
    """How to train; see `conf/train/base.yaml` for what each value means."""

    patience: int | None
    precision: Precision
    head: Kind
    layers: Layers
    dropout: Dropout
    loss: LossRecipe
    class_weights: ClassWeights
    averaging: Averaging
    augmentation: Augmentation
    adapter: Adapter
    dtype: Dtype
    quantisation: Quantisation
    gradient_checkpointing: bool
    pretraining: Pretraining
    distillation: Distillation
    auxiliary_weight: float

    @property
    def holding(self) -> Holding:
        """How the model is held in memory."""
        return Holding(self.dtype, self.quantisation, self.gradient_checkpointing)


def read_recipe(settings: Mapping[str, Any]) -> Recipe:
    """The recipe in the settings of the section `train`, whose `learner` says whose they are."""
    return TypeAdapter(Recipe).validate_python(
        {name: value for name, value in settings.items() if name != "learner"}
    )


def check_recipe(recipe: Recipe) -> None:
    """Refuse what does not go together.

    What bends the loss of single tags does not reach a chain or a span head: it may not seem to.

    Raises:
        UserError: If settings exclude each other.
    """
    check(recipe.loss)
    if recipe.head == "softmax":
        return
    bent = {
        "loss.label_smoothing": recipe.loss.label_smoothing > 0,
        "loss.boundary_smoothing": recipe.loss.boundary_smoothing > 0 and recipe.head == "crf",
        "loss.focal_gamma": recipe.loss.focal_gamma > 0,
        "class_weights": recipe.class_weights.scheme != "none",
        # Teachers tell of tags alone: the rest of the head would keep its first weights.
        "distillation.weight = 1": recipe.distillation.teachers > 0 and recipe.distillation.weight == 1,
    }
    if names := [name for name, on in bent.items() if on]:
        raise UserError(
            f"train.head = {recipe.head!r} goes with none of {', '.join(names)}",
            hint="Switch them off, or take the head softmax.",
        )


def check_holding(recipe: Recipe) -> None:
    """Refuse to train weights that are held for being looked at only.

    An update of a weight in bfloat16 is rounded away if it is less than a 256th of it, and a quantised one
    has no gradient at all.

    Raises:
        UserError: If all weights would be trained, and are held in less than float32.
    """
    held = [
        f"train.{name} = {value!r}"
        for name, value, plain in (
            ("dtype", recipe.dtype, "fp32"),
            ("quantisation", recipe.quantisation, "none"),
        )
        if value != plain
    ]
    if held and not recipe.adapter.rank:
        raise UserError(
            f"{' and '.join(held)}: such weights can only stay frozen beside adapters",
            hint="Set train.adapter.rank above 0, as conf/train/lora.yaml does, or take fp32 and none.",
        )
    if held and recipe.pretraining.epochs:
        raise UserError(f"{' and '.join(held)}: train.pretraining would train all weights")


def techniques(recipe: Recipe) -> list[str]:
    """What is switched on beside plain fine-tuning, as a reader calls it.

    Mention replacement, pretraining and teachers are left out: they have figures of their own.
    """
    loss, layers, averaging = recipe.loss, recipe.layers, recipe.averaging
    weights, adapter, dropout = recipe.class_weights, recipe.adapter, recipe.dropout
    named = {
        f"label smoothing {loss.label_smoothing:g}": loss.label_smoothing > 0,
        f"boundary smoothing {loss.boundary_smoothing:g}": loss.boundary_smoothing > 0,
        f"focal loss (gamma {loss.focal_gamma:g})": loss.focal_gamma > 0,
        f"R-Drop {loss.r_drop:g}": loss.r_drop > 0,
        f"class weights by {weights.scheme.replace('_', ' ')}": weights.scheme != "none",
        f"a learning rate that falls by {layers.decay:g} a layer": layers.decay < 1,
        f"{layers.frozen} frozen layers": layers.frozen > 0,
        "frozen embeddings": layers.frozen_embeddings and not layers.frozen,
        f"a head that learns {layers.head_rate:g} times as fast": layers.head_rate != 1,
        "an exponential moving average of the weights": averaging.scheme == "ema",
        "the mean of the weights of several epochs": averaging.scheme == "swa",
        f"{dropout.samples} dropout masks a word": dropout.samples > 1,
        f"LoRA of rank {adapter.rank}": adapter.rank > 0,
        f"frozen weights quantised to {recipe.quantisation}": recipe.quantisation != "none",
        "frozen weights in bfloat16": recipe.dtype == "bf16",
        f"words of further corpora weighing {recipe.auxiliary_weight:g}": recipe.auxiliary_weight != 1,
    }
    return [name for name, on in named.items() if on]
