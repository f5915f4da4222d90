"""Low-rank adapters: what is trained, what is merged, and how checkpoints keep them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from torch import nn
from transformers import AutoModelForTokenClassification, PreTrainedModel, Trainer, TrainingArguments

from spanwise.errors import UserError
from spanwise.learners.adapters import Adapter, adapted, merged
from tests.architectures import LAYERS, tiny_model, windows

TARGETS = {
    "bert": ("query", "value"),
    "roberta": ("query", "attention.output.dense"),
    "distilbert": ("q_lin", "v_lin"),
    "modernbert": ("Wqkv", "Wo"),
    "mistral": ("q_proj", "v_proj"),
}
HEADS = {
    "bert": {"classifier"},
    "roberta": {"classifier"},
    "distilbert": {"classifier"},
    "modernbert": {"head", "classifier"},
    "mistral": {"score"},
}


def recipe_for(architecture: str, **changes: Any) -> Adapter:
    fields: dict[str, Any] = {"rank": 2, "alpha": 8, "dropout": 0.0, "targets": TARGETS[architecture]}
    return Adapter(**fields | changes)


def train(model: Any, steps: int = 3) -> None:
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=0.05)
    for _ in range(steps):
        model.train()(**windows()).logits.square().sum().backward()
        optimizer.step()
        optimizer.zero_grad()


@pytest.mark.parametrize("architecture", list(TARGETS))
def test_adapters_change_nothing_before_they_are_trained(architecture: str) -> None:
    plain = tiny_model(architecture).train(False)
    expected = plain(**windows()).logits
    model = adapted(tiny_model(architecture), recipe_for(architecture)).train(False)
    assert torch.equal(model(**windows()).logits, expected)


@pytest.mark.parametrize("architecture", list(TARGETS))
def test_adapters_and_the_head_are_all_that_is_trained(architecture: str) -> None:
    original = tiny_model(architecture).state_dict()
    model = adapted(tiny_model(architecture), recipe_for(architecture))
    trainable = [name for name, parameter in model.named_parameters() if parameter.requires_grad]
    heads = {name.split(".")[2] for name in trainable if ".modules_to_save." in name}
    assert heads == HEADS[architecture]
    assert sum(".lora_" in name for name in trainable) >= 2 * 2 * LAYERS
    assert all(".lora_" in name or ".modules_to_save." in name for name in trainable)
    train(model)
    after = merged(model).state_dict()
    assert after.keys() == original.keys()
    changed = {name for name in original if not after[name].equal(original[name])}
    ends = tuple(f".{target}.weight" for target in TARGETS[architecture])
    for name in changed:
        assert name.endswith(ends) or name.split(".")[0] in HEADS[architecture], name
    assert {name.split(".")[0] for name in changed} >= HEADS[architecture]
    assert any(name.endswith(ends) for name in changed)


@pytest.mark.parametrize("architecture", list(TARGETS))
def test_a_merged_model_computes_the_same_and_plain_transformers_loads_it(
    architecture: str, tmp_path: Path
) -> None:
    model = adapted(tiny_model(architecture), recipe_for(architecture, dropout=0.1))
    train(model)
    expected = model.train(False)(**windows()).logits.detach()
    before = tiny_model(architecture).train(False)(**windows()).logits.detach()
    assert not torch.allclose(expected, before, atol=1e-3)
    result = merged(model)
    torch.testing.assert_close(
        result.train(False)(**windows()).logits.detach(), expected, rtol=1e-5, atol=1e-5
    )
    result.save_pretrained(tmp_path)
    plain = tiny_model(architecture)
    assert load_file(tmp_path / "model.safetensors").keys() == plain.state_dict().keys()
    loaded = AutoModelForTokenClassification.from_pretrained(tmp_path).train(False)
    assert type(loaded) is type(plain)
    assert torch.equal(loaded(**windows()).logits, result(**windows()).logits)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["config.json", "model.safetensors"]
    assert "lora" not in (tmp_path / "config.json").read_text()


def test_alpha_and_rank_scale_the_update() -> None:
    models = [adapted(tiny_model("bert"), recipe_for("bert", alpha=alpha)) for alpha in (8, 16)]
    plain = tiny_model("bert").state_dict()
    updates = []
    for model in models:
        for name, parameter in model.named_parameters():
            if ".lora_B." in name:
                nn.init.ones_(parameter)
        torch.manual_seed(3)
        for name, parameter in model.named_parameters():
            if ".lora_A." in name:
                nn.init.normal_(parameter)
        name = "bert.encoder.layer.0.attention.self.query.weight"
        updates.append(merged(model).state_dict()[name] - plain[name])
    torch.testing.assert_close(2 * updates[0], updates[1])
    assert torch.linalg.matrix_rank(updates[0], atol=1e-4) == 1  # the rows of B are alike


@pytest.mark.parametrize(
    ("architecture", "names"),
    [
        ("bert", "dense, key, query, value"),
        ("distilbert", "k_lin, lin1, lin2, out_lin, q_lin, v_lin"),
        ("modernbert", "Wi, Wo, Wqkv"),
    ],
)
def test_a_target_that_the_architecture_has_not_is_refused(architecture: str, names: str) -> None:
    with pytest.raises(
        UserError, match=rf"train.adapter.targets: .* has no linear layer uery\n  It has {names}."
    ):
        adapted(tiny_model(architecture), recipe_for(architecture, targets=(*TARGETS[architecture], "uery")))


@pytest.mark.parametrize("target", ["classifier", "LayerNorm", "word_embeddings", "layer.0"])
def test_only_linear_layers_of_the_encoder_are_targets(target: str) -> None:
    with pytest.raises(UserError, match="BertModel has no linear layer"):
        adapted(tiny_model("bert"), recipe_for("bert", targets=(target,)))


def test_without_peft_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "peft", None)
    with pytest.raises(UserError, match=r"train.adapter.rank = 2: .*\n.*pip install peft"):
        adapted(tiny_model("bert"), recipe_for("bert"))


class Network(nn.Module):
    """A wrapper with the adapted model as a part, as the learners train it."""

    def __init__(self, encoder: PreTrainedModel) -> None:
        super().__init__()
        self.encoder = encoder
        self.transitions = nn.Parameter(torch.zeros(5, 5))

    def forward(self, input_ids: torch.Tensor, labels: torch.Tensor) -> dict[str, torch.Tensor]:
        logits = self.encoder(input_ids=input_ids).logits + self.transitions.sum()
        return {"loss": nn.functional.cross_entropy(logits.flatten(0, 1), labels.flatten()), "logits": logits}


def network() -> Network:
    result = Network(tiny_model("bert"))
    result.encoder = adapted(result.encoder, recipe_for("bert"))  # type: ignore[assignment]
    return result


def test_checkpoints_of_a_wrapper_keep_adapters_and_resume(tmp_path: Path) -> None:
    torch.manual_seed(5)
    rows = [{"input_ids": torch.randint(3, 50, (6,)), "labels": torch.randint(0, 5, (6,))} for _ in range(8)]

    def trained(folder: Path, checkpoint: Path | None = None) -> Network:
        arguments = TrainingArguments(
            output_dir=str(folder),
            num_train_epochs=2,
            per_device_train_batch_size=4,
            learning_rate=0.01,
            save_strategy="epoch",
            use_cpu=True,
            dataloader_pin_memory=False,
            disable_tqdm=True,
            report_to="none",
        )
        trainer = Trainer(model=network(), args=arguments, train_dataset=rows)
        trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
        model = trainer.model
        assert isinstance(model, Network)
        return model

    undisturbed = trained(tmp_path / "one")
    stored = load_file(tmp_path / "one" / "checkpoint-4" / "model.safetensors")
    assert stored.keys() == undisturbed.state_dict().keys()
    assert any(".lora_A." in name for name in stored)
    fresh = network()
    fresh.load_state_dict(stored)
    resumed = trained(tmp_path / "two", tmp_path / "one" / "checkpoint-2")
    for name, tensor in undisturbed.state_dict().items():
        assert fresh.state_dict()[name].equal(tensor)
        assert resumed.state_dict()[name].equal(tensor)
    result = merged(resumed.encoder)  # type: ignore[arg-type]
    assert result.state_dict().keys() == tiny_model("bert").state_dict().keys()
