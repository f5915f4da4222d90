"""The recipe of a generator's training: all its settings together, and what excludes what."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import TypeAdapter
from pydantic.dataclasses import dataclass

from spanwise.errors import UserError
from spanwise.learners.adapters import Adapter
from spanwise.learners.arguments import Schedule
from spanwise.learners.recipe import Precision

Stored = Literal["none", "int8", "nf4"]
"""How the frozen weights under adapters are stored: as they are, or quantised by bitsandbytes."""


@dataclass(frozen=True)
class Recipe(Schedule):
    """How to tune; see `conf/train/sft.yaml` for what each value means."""

    patience: int | None
    precision: Precision
    packing: bool
    gradient_checkpointing: bool
    quantisation: Stored
    adapter: Adapter
    merged: bool
    require_effect: bool


def read_recipe(settings: Mapping[str, Any]) -> Recipe:
    """The recipe in the settings of the section `train`, whose `learner` says whose they are."""
    return TypeAdapter(Recipe).validate_python(
        {name: value for name, value in settings.items() if name != "learner"}
    )


def check_recipe(recipe: Recipe) -> None:
    """Refuse what does not go together.

    Raises:
        UserError: If settings exclude each other, or have no effect.
    """
    adapters = recipe.adapter.rank > 0
    faults = {
        f"train.quantisation = {recipe.quantisation!r}: quantised weights cannot be trained themselves": (
            recipe.quantisation != "none" and not adapters,
            "Set train.adapter.rank above 0, or train.quantisation to none.",
        ),
        "train.merged: there are no adapters to merge": (
            recipe.merged and not adapters,
            "Set train.merged to false: without adapters the whole model is stored anyway.",
        ),
        "train.merged: adapters are not merged into quantised weights, which would round them": (
            recipe.merged and recipe.quantisation != "none",
            "Set train.merged to false, and load the stored adapters on weights of full precision to merge.",
        ),
        "train.require_effect: 0 epochs have none": (
            recipe.require_effect and recipe.epochs == 0,
            "Set train.require_effect to false to have the model as it is, untuned.",
        ),
    }
    for fault, (found, hint) in faults.items():
        if found:
            raise UserError(fault, hint=hint)
