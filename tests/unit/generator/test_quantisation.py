"""Quantisation: what it leaves of a model's answers, what it saves, and where it is refused."""

from __future__ import annotations

import builtins
from pathlib import Path
from typing import Any

import pytest
import torch

from spanwise.errors import UserError
from spanwise.generator.likelihood import mean
from spanwise.generator.quantisation import evaluating, loading, pack
from spanwise.generator.stored import load, save
from spanwise.generator.tradeoff import tradeoff
from spanwise.generator.writing import Sampling
from spanwise.schema import Example
from tests import talkers
from tests.extras import needs
from tests.unit.generator.test_stored import generator

CPU = pytest.mark.skipif(torch.cuda.is_available(), reason="of a CPU")


@pytest.fixture(scope="module")
def folder(words: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("quantised") / "learner"
    save(generator(words), folder)
    return folder


@CPU
def test_eight_bits_on_a_cpu_are_smaller_and_nearly_as_good(folder: Path, dialogues: list[Example]) -> None:
    sampling = Sampling(max_new_tokens=8)
    figures = tradeoff(folder, dialogues[:4], ["none", "int8-dynamic"], sampling=sampling, seed=1)
    plain, packed = figures["none"], figures["int8-dynamic"]
    assert plain["same"] == 1
    assert packed["model_mb"] < 0.8 * plain["model_mb"]
    assert packed["loss"] == pytest.approx(plain["loss"], rel=0.02)
    assert packed["loss"] != plain["loss"]
    assert packed["perplexity"] > 1
    assert packed["tokens_per_s"] > 0


def test_four_bits_are_nearly_as_good(folder: Path, dialogues: list[Example]) -> None:
    pytest.importorskip("bitsandbytes")
    plain, packed = load(folder), load(folder, quantisation="nf4")
    for tuned in (True, False):
        loss = mean(plain.losses(dialogues, tuned=tuned))
        assert mean(packed.losses(dialogues, tuned=tuned)) == pytest.approx(loss, rel=0.05)


@CPU
def test_layers_of_four_bits_can_be_trained_after_an_evaluation(words: Path) -> None:
    pytest.importorskip("bitsandbytes")
    from spanwise.generator.model import Generator

    made = Generator.pretrained(talkers.recipe(quantisation="nf4"), **talkers.settings(words))
    tokens = torch.tensor([[5, 6, 7, 8]])

    def gradient() -> torch.Tensor:
        made.model.train().zero_grad()
        made.model(input_ids=tokens, labels=tokens).loss.backward()
        [first, *_] = [weight.grad for name, weight in made.model.named_parameters() if "lora_B" in name]
        assert first is not None
        return first.clone()

    for module in made.model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
    before = gradient()
    with evaluating(made.model), torch.no_grad():
        made.model(input_ids=tokens)
        assert not made.model.training
    assert made.model.training
    assert gradient().equal(before)


@CPU
def test_what_a_cpu_cannot_do_is_refused(folder: Path) -> None:
    pytest.importorskip("bitsandbytes")
    with pytest.raises(UserError, match="int8 is for a GPU"):
        load(folder, quantisation="int8")


def test_dynamic_integers_are_refused_on_a_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    model: Any = torch.nn.Linear(2, 2)
    with pytest.raises(UserError, match="int8-dynamic is for a CPU"):
        pack(model, "int8-dynamic")
    assert pack(model, "none") is model


@needs("bitsandbytes")
def test_eight_bits_on_a_gpu_are_bitsandbytes_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert loading("int8", torch.float16)["quantization_config"].load_in_8bit


def test_without_bitsandbytes_its_kinds_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    importing = builtins.__import__

    def failing(name: str, *args: Any, **kwargs: Any) -> Any:
        if name == "bitsandbytes":
            raise ImportError(name)
        return importing(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", failing)
    with pytest.raises(UserError, match="needs the package bitsandbytes"):
        loading("nf4", torch.float32)
    assert loading("none", torch.float32) == {}
