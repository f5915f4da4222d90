"""What is stored of a generator: that it says the same, that others load it, and what is refused."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

from spanwise.errors import UserError
from spanwise.generator import stored
from spanwise.generator.likelihood import Loss, losses
from spanwise.generator.model import Generator
from spanwise.generator.rows import rows_of
from spanwise.generator.sources import load_model
from spanwise.generator.stored import MANIFEST, load, save
from spanwise.schema import Example
from tests import talkers


def generator(words: Path, *, rank: int = 4, merged: bool = False) -> Generator:
    """One whose weights are those of no base, without the time of a training."""
    recipe = talkers.recipe(adapter={"rank": rank}, merged=merged)
    made = Generator.pretrained(recipe, **talkers.settings(words, "qwen3"))
    draws = torch.Generator().manual_seed(7)
    with torch.no_grad():
        for name, weight in made.model.named_parameters():
            if rank == 0 or ".lora_B." in name:
                weight.add_(torch.randn(weight.shape, generator=draws) * 0.2)
    made.model.eval()
    return made


@pytest.fixture(scope="module")
def adapted(words: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("stored") / "learner"
    save(generator(words, merged=True), folder)
    return folder


@pytest.fixture
def spoilt(adapted: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(adapted, tmp_path / "spoilt"))


def near(one: list[Loss], two: list[Loss], tolerance: float = 1e-5) -> bool:
    return [loss.tokens for loss in one] == [loss.tokens for loss in two] and all(
        left.mean == pytest.approx(right.mean, abs=tolerance) for left, right in zip(one, two, strict=True)
    )


@pytest.mark.parametrize("rank", [0, 4])
def test_a_stored_generator_is_the_same(
    rank: int, words: Path, dialogues: list[Example], tmp_path: Path
) -> None:
    made = generator(words, rank=rank)
    rows = rows_of(dialogues, made.chat, 128)
    tuned = losses(made.model, rows)
    save(made, tmp_path / "learner")
    writer = load(tmp_path / "learner")
    assert writer.losses(dialogues) == tuned
    base = load_model(
        "random",
        made.chat.tokenizer,
        architecture=talkers.ARCHITECTURES["qwen3"],
        parameters=talkers.PARAMETERS["qwen3"],
        revision=None,
        seed=13,
    )
    untuned = losses(base.eval(), rows)  # type: ignore[no-untyped-call]
    assert writer.losses(dialogues, tuned=False) == untuned != tuned


def test_merged_adapters_say_the_same(adapted: Path, dialogues: list[Example]) -> None:
    apart, together = load(adapted), load(adapted, merged=True)
    assert near(apart.losses(dialogues), together.losses(dialogues))
    assert near(apart.losses(dialogues, tuned=False), together.losses(dialogues, tuned=False))


@pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated:FutureWarning")
def test_programs_of_others_load_it(adapted: Path, dialogues: list[Example]) -> None:
    writer = load(adapted)
    expected, rows = writer.losses(dialogues), rows_of(dialogues, writer.chat, 128)
    merged: Any = AutoModelForCausalLM.from_pretrained(adapted / "merged")
    assert near(losses(merged.eval(), rows), expected)
    tokenizer = AutoTokenizer.from_pretrained(adapted / "merged")
    assert tokenizer.chat_template == writer.chat.tokenizer.chat_template
    base = load_model(
        "random",
        tokenizer,
        architecture=talkers.ARCHITECTURES["qwen3"],
        parameters=talkers.PARAMETERS["qwen3"],
        revision=None,
        seed=13,
    )
    restored: Any = PeftModel.from_pretrained(base, str(adapted))
    assert near(losses(restored.eval(), rows), expected)


def test_the_same_generator_is_stored_in_the_same_bytes(words: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        save(generator(words), tmp_path / name)
    files = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert all((tmp_path / "one" / n).read_bytes() == (tmp_path / "two" / n).read_bytes() for n in files)
    settings = json.loads((tmp_path / "one" / "adapter_config.json").read_text())
    assert settings["target_modules"] == sorted(settings["target_modules"])
    assert settings["base_model_name_or_path"] == "random"
    assert "model.safetensors" not in files  # the base stays where it came from


def test_another_base_is_refused(spoilt: Path) -> None:
    manifest = json.loads((spoilt / MANIFEST).read_text())
    (spoilt / MANIFEST).write_text(json.dumps(manifest | {"seed": 14}))
    with pytest.raises(UserError, match="holds other weights than those that were tuned"):
        load(spoilt)


def test_another_template_is_refused(spoilt: Path) -> None:
    path = spoilt / "chat_template.jinja"
    path.write_text(path.read_text().replace("<|im_start|>user", "<|im_start|>User"))
    with pytest.raises(UserError, match="chat template is not the one"):
        load(spoilt)


def test_a_folder_without_a_generator_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="holds no generator"):
        load(tmp_path)


def test_adapters_that_are_half_there_are_refused(spoilt: Path) -> None:
    (spoilt / "adapter_model.safetensors").write_bytes(b"half")
    with pytest.raises(UserError, match="adapters cannot be loaded"):
        load(spoilt)


def test_adapters_are_not_merged_into_four_bits(adapted: Path) -> None:
    pytest.importorskip("bitsandbytes")
    with pytest.raises(UserError, match="not merged into weights of quantisation nf4"):
        load(adapted, quantisation="nf4", merged=True)


def test_nothing_stays_of_a_failed_save(words: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError

    monkeypatch.setattr(stored, "store", fail)
    with pytest.raises(OSError):  # noqa: PT011 - it has no words
        save(generator(words), tmp_path / "learner")
    assert list(tmp_path.iterdir()) == []
