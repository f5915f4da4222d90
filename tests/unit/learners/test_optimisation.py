"""Learning rates by depth, weight decay, frozen layers and warm-up."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from transformers import PreTrainedModel, Trainer, TrainingArguments

from spanwise.errors import UserError
from spanwise.learners.adapters import Adapter, adapted
from spanwise.learners.optimisation import Layers, check_layers, freeze, parameter_groups, warmup
from tests.architectures import LAYERS, tiny_model, windows

PLAIN = Layers(decay=1.0, frozen=0, frozen_embeddings=False, head_rate=1.0)
DECAYED = Layers(decay=0.5, frozen=0, frozen_embeddings=False, head_rate=10.0)
ARCHITECTURES = ["bert", "roberta", "electra", "deberta-v2", "distilbert", "modernbert", "mistral"]


class Network(nn.Module):
    """A token classification model with something else beside it, as the learners train it."""

    def __init__(self, encoder: Any) -> None:
        super().__init__()
        self.encoder = encoder
        self.crf = nn.Linear(5, 5)


def groups(model: nn.Module, encoder: Any, recipe: Layers) -> list[dict[str, Any]]:
    return parameter_groups(model, encoder, recipe, learning_rate=0.8, weight_decay=0.01)


def settings(model: nn.Module, encoder: Any, recipe: Layers) -> dict[str, tuple[float, float]]:
    """Learning rate and weight decay of each trained parameter by its name."""
    names = {parameter: name for name, parameter in model.named_parameters()}
    return {
        names[parameter]: (group["lr"], group["weight_decay"])
        for group in groups(model, encoder, recipe)
        for parameter in group["params"]
    }


def layer_of(name: str) -> int | None:
    return next((int(part) for part in name.split(".") if part.isdigit()), None)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_each_layer_learns_slower_than_the_one_above(architecture: str) -> None:
    network = Network(tiny_model(architecture))
    rates = {name: rate for name, (rate, _) in settings(network, network.encoder, DECAYED).items()}
    assert rates.keys() == dict(network.named_parameters()).keys()
    for name, rate in rates.items():
        layer = layer_of(name)
        if layer is not None:
            assert rate == 0.8 * 0.5 ** (LAYERS - 1 - layer), name
        elif "embed" in name and "rel_embeddings" not in name:
            assert rate == 0.8 * 0.5**LAYERS, name
        elif name.startswith(f"encoder.{network.encoder.base_model_prefix}."):
            assert rate == 0.8, name  # a last norm, relative positions
        else:
            assert rate == 8.0, name
    assert {"crf.weight", "crf.bias"} <= {name for name, rate in rates.items() if rate == 8.0}


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_without_differences_the_groups_are_those_of_trainer(architecture: str, tmp_path: Path) -> None:
    network = Network(tiny_model(architecture))
    arguments = TrainingArguments(
        output_dir=str(tmp_path), learning_rate=0.8, weight_decay=0.01, use_cpu=True, report_to="none"
    )
    expected = Trainer(model=network, args=arguments).create_optimizer().param_groups
    found = groups(network, network.encoder, PLAIN)
    assert [group["weight_decay"] for group in found] == [group["weight_decay"] for group in expected]
    for group, of_trainer in zip(found, expected, strict=True):
        assert group["lr"] == 0.8
        assert list(map(id, group["params"])) == list(map(id, of_trainer["params"]))


def test_there_is_one_group_for_each_pair_of_rate_and_decay() -> None:
    network = Network(tiny_model("bert"))
    found = groups(network, network.encoder, DECAYED)
    pairs = [(group["lr"], group["weight_decay"]) for group in found]
    assert len(pairs) == len(set(pairs)) == 2 * (1 + LAYERS + 1)  # embeddings, layers, heads
    assert pairs[:2] == [(0.1, 0.01), (0.1, 0.0)]
    assert sum(len(group["params"]) for group in found) == len(list(network.parameters()))


def test_adapters_have_the_rate_of_their_layer() -> None:
    recipe = Adapter(rank=2, alpha=4, dropout=0.0, targets=("query",))
    network = Network(adapted(tiny_model("bert"), recipe))
    rates = {name: rate for name, (rate, _) in settings(network, network.encoder, DECAYED).items()}
    assert len(rates) == 2 * LAYERS + 4
    for name, rate in rates.items():
        layer = layer_of(name)
        assert rate == (8.0 if layer is None else 0.8 * 0.5 ** (LAYERS - 1 - layer)), name


def trained(model: PreTrainedModel) -> set[str]:
    return {name for name, parameter in model.named_parameters() if parameter.requires_grad}


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_the_lowest_layers_are_frozen_with_the_embeddings_below(architecture: str) -> None:
    model = tiny_model(architecture)
    freeze(model, Layers(decay=1.0, frozen=2, frozen_embeddings=False, head_rate=1.0))
    layers = {layer_of(name) for name in trained(model)}
    assert layers == {None, 2}
    assert not any("embeddings." in name and "rel_" not in name for name in trained(model))
    model(**windows()).logits.sum().backward()
    assert all(p.grad is None for p in model.get_input_embeddings().parameters())
    assert not {id(p) for g in groups(model, model, PLAIN) for p in g["params"]} & {
        id(p) for p in model.parameters() if not p.requires_grad
    }


def test_embeddings_can_be_frozen_alone() -> None:
    model = tiny_model("bert")
    freeze(model, Layers(decay=1.0, frozen=0, frozen_embeddings=True, head_rate=1.0))
    frozen = dict(model.named_parameters()).keys() - trained(model)
    assert frozen == {name for name in dict(model.named_parameters()) if ".embeddings." in name}


def test_nothing_is_frozen_unless_asked_for() -> None:
    model = tiny_model("bert")
    freeze(model, PLAIN)
    assert trained(model) == dict(model.named_parameters()).keys()


def test_all_layers_can_be_frozen_but_no_more() -> None:
    model = tiny_model("bert")
    freeze(model, Layers(decay=1.0, frozen=LAYERS, frozen_embeddings=False, head_rate=1.0))
    assert trained(model) == {"classifier.weight", "classifier.bias"}
    with pytest.raises(UserError, match=r"train.layers.frozen = 4: the encoder has 3 layers"):
        check_layers(model, Layers(decay=1.0, frozen=LAYERS + 1, frozen_embeddings=False, head_rate=1.0))


def test_layers_that_share_their_weights_cannot_be_told_apart() -> None:
    model = tiny_model("albert")
    assert len(groups(model, model, PLAIN)) == 2
    with pytest.raises(UserError, match=r"the layers of AlbertModel .*\n.*Set train.layers.decay to 1"):
        groups(model, model, DECAYED)
    with pytest.raises(UserError, match="AlbertModel cannot be told apart"):
        check_layers(model, Layers(decay=1.0, frozen=1, frozen_embeddings=False, head_rate=1.0))


@given(
    st.one_of(st.floats(0, 1, exclude_max=True), st.integers(1, 500), st.floats(1, 500)),
    st.integers(1, 10_000),
)
def test_the_warm_up_is_counted_as_trainer_counts_it(warmup_steps: float, total: int) -> None:
    arguments = object.__new__(TrainingArguments)  # checks of the device take long
    arguments.warmup_steps = warmup_steps
    assert warmup(warmup_steps, total) == arguments.get_warmup_steps(total)


def test_fused_adamw_gives_the_same_bytes_each_time_on_a_cpu() -> None:
    results = []
    for _ in range(2):
        model = tiny_model("bert")
        optimizer = torch.optim.AdamW(groups(model, model, DECAYED), fused=True)
        for _ in range(3):
            model.train(False)(**windows()).logits.square().sum().backward()
            optimizer.step()
        results.append(b"".join(p.detach().numpy().tobytes() for p in model.parameters()))
    assert results[0] == results[1]
    before = b"".join(p.detach().numpy().tobytes() for p in tiny_model("bert").parameters())
    assert results[0] != before
