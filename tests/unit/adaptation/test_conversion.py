"""Adapters of mlx-lm's layout, computed with by PEFT."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save_file

from spanwise.adaptation.conversion import convert, peft_weights
from spanwise.errors import UserError
from tests.unit.adaptation.examples import store_model

RANK, SCALE = 4, 3.0


def made_up(layers: tuple[int, ...] = (0, 1)) -> dict[str, np.ndarray]:
    """Matrices as mlx-lm stores them: `lora_a` [in, rank], `lora_b` [rank, out]."""
    drawn = np.random.default_rng(5)
    sizes = {"q_proj": 64, "v_proj": 32}
    found = {}
    for layer in layers:
        for name, width in sizes.items():
            module = f"model.layers.{layer}.self_attn.{name}"
            found[f"{module}.lora_a"] = drawn.normal(0, 0.2, (64, RANK)).astype(np.float32)
            found[f"{module}.lora_b"] = drawn.normal(0, 0.2, (RANK, width)).astype(np.float32)
    return found


def write_mlx(folder: Path, weights: dict[str, np.ndarray]) -> Path:
    folder.mkdir()
    save_file(weights, folder / "adapters.safetensors")
    settings = {"fine_tune_type": "lora", "lora_parameters": {"rank": RANK, "scale": SCALE, "dropout": 0.0}}
    (folder / "adapter_config.json").write_text(json.dumps(settings))
    return folder


@pytest.mark.parametrize("layers", [(0, 1), (1,)])
def test_converted_adapters_compute_what_mlx_says_they_do(tmp_path: Path, layers: tuple[int, ...]) -> None:
    import torch
    from transformers import AutoModelForCausalLM

    from spanwise.generator.adapters import restore

    base = store_model(tmp_path / "base")
    weights = made_up(layers)
    assert convert(write_mlx(tmp_path / "mlx", weights), tmp_path / "peft", base=str(base)) == 4 * len(layers)
    untuned = AutoModelForCausalLM.from_pretrained(base)

    def logits(model: Any) -> Any:
        with torch.no_grad():
            return model(torch.tensor([[5, 6, 7, 8]])).logits

    before = logits(untuned)
    # What mlx-lm computes, by hand: y + scale * (x @ a) @ b, which is the weight plus its transposed product.
    state = untuned.state_dict()
    for name in {name.rpartition(".")[0] for name in weights}:
        product = SCALE * weights[f"{name}.lora_a"] @ weights[f"{name}.lora_b"]
        state[f"{name}.weight"] += torch.from_numpy(product.T)
    expected = logits(untuned)
    adapted = restore(AutoModelForCausalLM.from_pretrained(base), tmp_path / "peft")
    assert float((logits(adapted) - expected).abs().max()) < 1e-5
    assert float((expected - before).abs().max()) > 0.01


def test_the_config_says_what_peft_needs(tmp_path: Path) -> None:
    convert(write_mlx(tmp_path / "mlx", made_up((1,))), tmp_path / "peft", base="some/model")
    found = json.loads((tmp_path / "peft" / "adapter_config.json").read_text())
    assert (found["r"], found["lora_alpha"], found["layers_to_transform"]) == (RANK, RANK * SCALE, [1])
    assert found["target_modules"] == ["q_proj", "v_proj"]
    assert found["base_model_name_or_path"] == "some/model"


def test_dora_and_whole_weights_are_refused() -> None:
    with pytest.raises(UserError, match="no matrix of a LoRA adapter"):
        peft_weights({"model.layers.0.self_attn.q_proj.m": np.zeros(3)})


def test_a_folder_without_adapters_is_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="holds no adapters of mlx-lm"):
        convert(tmp_path, tmp_path / "out", base="x")
    folder = write_mlx(tmp_path / "mlx", made_up())
    (folder / "adapters.safetensors").write_bytes(b"torn")
    with pytest.raises(UserError, match="holds no adapters of mlx-lm"):
        convert(folder, tmp_path / "out", base="x")
