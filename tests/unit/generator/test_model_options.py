"""Every model option for a generator: its size, and its own architecture made small and trained."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
import yaml
from pydantic import TypeAdapter
from transformers import AutoConfig, AutoModelForCausalLM

from spanwise.config import Model, Sft
from spanwise.generator.model import Generator
from spanwise.generator.recipe import check_recipe, read_recipe
from spanwise.generator.training import fit
from spanwise.learners.sources import encoder_parameters
from spanwise.schema import Example
from tests import talkers

CONF = Path(__file__).parents[3] / "conf"
OPTIONS = {
    path.stem: settings
    for path in sorted((CONF / "model").glob("*.yaml"))
    if (settings := yaml.safe_load(path.read_text(encoding="utf-8")))["bidirectional"] is None
}


def test_the_models_of_the_plan_are_there() -> None:
    assert OPTIONS.keys() >= {
        "mistral-7b", "llama-2-7b-chat", "deepseek-coder-6.7b", "codellama-7b", "qwen3-4b", "smollm2-135m",
    }  # fmt: skip


@pytest.mark.parametrize("name", OPTIONS)
def test_a_model_has_as_many_parameters_as_it_says(name: str) -> None:
    option = Model.model_validate(OPTIONS[name])
    with torch.device("meta"):
        built: Any = AutoModelForCausalLM.from_config(AutoConfig.for_model(**option.architecture))  # type: ignore[no-untyped-call]
    assert encoder_parameters(built) == option.parameters
    assert option.max_length <= option.architecture["max_position_embeddings"]
    assert (option.name, option.cased, option.stride) == (name, None, None)


@pytest.mark.parametrize("name", OPTIONS)
def test_every_target_of_the_recipes_is_in_the_model(
    name: str, words: Path, dialogues: list[Example], tmp_path: Path
) -> None:
    small = OPTIONS[name]["architecture"] | talkers.SIZES
    with torch.device("meta"):
        built: Any = AutoModelForCausalLM.from_config(AutoConfig.for_model(**small))  # type: ignore[no-untyped-call]
    recipe = yaml.safe_load((CONF / "train" / "sft.yaml").read_text(encoding="utf-8"))
    settings = talkers.settings(words, architecture=small, parameters=encoder_parameters(built))
    generator = Generator.pretrained(
        talkers.recipe(epochs=1, adapter=recipe["adapter"], learning_rate=recipe["learning_rate"]), **settings
    )
    assert fit(generator, dialogues[:4], dialogues[4:6], seed=13, checkpoints=tmp_path).figures["steps"] == 1


@pytest.mark.parametrize("name", ["sft", "sft-plan"])
def test_the_recipes_are_valid(name: str) -> None:
    settings = yaml.safe_load((CONF / "train" / f"{name}.yaml").read_text(encoding="utf-8"))
    base = yaml.safe_load((CONF / "train" / "sft.yaml").read_text(encoding="utf-8"))
    settings.pop("defaults", None)
    whole = TypeAdapter(Sft).validate_python(base | settings).model_dump()
    check_recipe(read_recipe(whole))


def test_the_plan_is_trained_to_the_letter() -> None:
    plan = yaml.safe_load((CONF / "train" / "sft-plan.yaml").read_text(encoding="utf-8"))
    assert plan["adapter"] == {"rank": 8, "alpha": 32.0, "dropout": 0.1, "targets": ["q_proj", "v_proj"]}
    assert (plan["batch_size"], plan["gradient_accumulation"], plan["epochs"]) == (4, 4, 3)
    assert plan["learning_rate"] == 2e-5
    assert plan["require_effect"] is False
