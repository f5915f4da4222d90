"""Adapters of mlx-lm as PEFT has them: matrices transposed and renamed, alpha = scale times rank."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError

from spanwise.errors import UserError
from spanwise.io import write_text

Weights = Mapping[str, NDArray[np.floating[Any]]]

MLX_WEIGHTS, PEFT_WEIGHTS, CONFIG = "adapters.safetensors", "adapter_model.safetensors", "adapter_config.json"
_SIDES = {"lora_a": "lora_A", "lora_b": "lora_B"}


def peft_weights(weights: Weights) -> dict[str, NDArray[np.floating[Any]]]:
    """The tensors by PEFT's names: `lora_a` `[in, rank]` and `lora_b` `[rank, out]` transposed.

    Raises:
        UserError: If a tensor is none of plain LoRA.
    """
    found = {}
    for name, tensor in weights.items():
        module, _, side = name.rpartition(".")
        if side not in _SIDES or tensor.ndim != 2:
            raise UserError(f"{name}: no matrix of a LoRA adapter", hint="Train with fine_tune_type lora.")
        found[f"base_model.model.{module}.{_SIDES[side]}.weight"] = np.ascontiguousarray(tensor.T)
    return found


def write_peft(folder: Path, weights: Weights, *, rank: int, scale: float, source: str) -> None:
    """Write adapters of MLX to `folder` so that `PeftModel.from_pretrained(base, folder)` loads them.

    Args:
        folder: Exists.
        weights: By MLX's names.
        rank: Of the matrices.
        scale: What MLX multiplies their output by.
        source: What the base is called.

    Raises:
        UserError: If a tensor is none of plain LoRA.
    """
    from safetensors.numpy import save_file

    converted = peft_weights(weights)
    targets = sorted({name.rpartition(".")[0].rpartition(".")[2] for name in weights})
    settings = {
        "peft_type": "LORA",
        "task_type": "CAUSAL_LM",
        "base_model_name_or_path": source,
        "r": rank,
        "lora_alpha": scale * rank,
        "lora_dropout": 0.0,
        "bias": "none",
        "target_modules": targets,
        "layers_to_transform": _layers(weights),
    }
    save_file(converted, folder / PEFT_WEIGHTS, metadata={"format": "pt"})
    write_text(folder / CONFIG, json.dumps(settings, indent=2, sort_keys=True) + "\n")


def convert(source: Path, folder: Path, *, base: str) -> int:
    """Convert a folder that `mlx_lm.lora` wrote.

    Args:
        source: With `adapters.safetensors` and `adapter_config.json`.
        folder: Is made.
        base: What the adapted model is called.

    Returns:
        How many matrices were converted.

    Raises:
        UserError: If the folder holds no adapters, or others than LoRA.
    """
    from safetensors.numpy import load_file

    try:
        settings = json.loads((source / CONFIG).read_text(encoding="utf-8"))["lora_parameters"]
        weights = load_file(source / MLX_WEIGHTS)
        rank, scale = int(settings["rank"]), float(settings["scale"])
    except (OSError, ValueError, KeyError, TypeError, SafetensorError) as error:
        raise UserError(f"holds no adapters of mlx-lm: {type(error).__name__}", path=source) from error
    folder.mkdir(parents=True, exist_ok=True)
    write_peft(folder, weights, rank=rank, scale=scale, source=base)
    return len(weights)


def _layers(weights: Weights) -> list[int]:
    """The numbers of the layers that have adapters: mlx-lm may train the last ones alone."""
    return sorted({int(part) for name in weights for part in name.split(".") if part.isdigit()})
