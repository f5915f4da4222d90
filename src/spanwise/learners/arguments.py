"""What every trainer here is told, whatever it trains."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from pydantic.dataclasses import dataclass


@dataclass(frozen=True)
class Schedule:
    """What the recipes of all learners have; see `conf/train` for what each value means."""

    epochs: int
    batch_size: int
    gradient_accumulation: int
    learning_rate: float
    weight_decay: float
    warmup_steps: float
    scheduler: str
    max_grad_norm: float


def shared(checkpoints: Path, *, precision: str, seed: int) -> dict[str, Any]:
    """Where it computes and how precisely, and that it logs and saves once an epoch.

    Args:
        checkpoints: The folder for checkpoints.
        precision: `fp32`, `bf16` or `fp16`.
        seed: Of all that Trainer draws.
    """
    return {
        "output_dir": str(checkpoints),
        "bf16": precision == "bf16",
        "fp16": precision == "fp16",
        "use_cpu": not torch.cuda.is_available(),
        "dataloader_pin_memory": torch.cuda.is_available(),
        "seed": seed,
        "logging_strategy": "epoch",
        "save_strategy": "epoch",
        "save_total_limit": 1,
        "logging_nan_inf_filter": False,
        "report_to": "none",
    }


def scheduled(recipe: Schedule, *, best: str, greater: bool) -> dict[str, Any]:
    """How it learns, and that the epoch which is best on validation is kept.

    Args:
        recipe: How to train.
        best: The figure that tells the best epoch.
        greater: Whether more of it is better.
    """
    return {
        "num_train_epochs": recipe.epochs,
        "per_device_train_batch_size": recipe.batch_size,
        "gradient_accumulation_steps": recipe.gradient_accumulation,
        "learning_rate": recipe.learning_rate,
        "weight_decay": recipe.weight_decay,
        "warmup_steps": recipe.warmup_steps,
        "lr_scheduler_type": recipe.scheduler,
        "max_grad_norm": recipe.max_grad_norm,
        "eval_strategy": "epoch",
        "load_best_model_at_end": True,
        "metric_for_best_model": best,
        "greater_is_better": greater,
        "restore_callback_states_from_checkpoint": True,
    }
