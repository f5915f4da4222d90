"""The recipe: the settings of `train`, each of them, and what they are called."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import Any, get_type_hints

import pytest
from pydantic import BaseModel

from spanwise.config import Train
from spanwise.learners.recipe import Recipe, techniques
from tests.tiny import quick_recipe


def names_of_section(section: type[BaseModel]) -> dict[str, Any]:
    return {
        name: names_of_section(kind) if isinstance(kind, type) and issubclass(kind, BaseModel) else None
        for name, field in section.model_fields.items()
        for kind in [field.annotation]
    }


def names_of_recipe(recipe: type) -> dict[str, Any]:
    hints = get_type_hints(recipe)
    return {
        field.name: names_of_recipe(hints[field.name]) if is_dataclass(hints[field.name]) else None
        for field in fields(recipe)
    }


def test_settings_and_recipe_have_the_same_names() -> None:
    """A setting that the recipe does not know would be passed over without a word."""
    settings = names_of_section(Train)
    del settings["learner"]  # says whose settings they are
    assert settings == names_of_recipe(Recipe)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, []),
        ({"head": "crf"}, []),
        ({"loss": {"label_smoothing": 0.1, "r_drop": 2.0}}, ["label smoothing 0.1", "R-Drop 2"]),
        ({"layers": {"frozen": 2, "frozen_embeddings": True}}, ["2 frozen layers"]),
        ({"averaging": {"scheme": "ema"}}, ["an exponential moving average of the weights"]),
        ({"adapter": {"rank": 8}}, ["LoRA of rank 8"]),
    ],
)
def test_techniques_are_told_as_a_reader_calls_them(changes: dict[str, Any], told: list[str]) -> None:
    assert techniques(quick_recipe(**changes)) == told
