"""Tuning a generator with TRL's trainer for supervised fine-tuning."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from datasets import Dataset
from peft import PeftModel, set_peft_model_state_dict
from safetensors.torch import load_file
from torch import nn
from transformers import EarlyStoppingCallback
from transformers.trainer_callback import TrainerCallback, TrainerState
from transformers.trainer_utils import EvalLoopOutput
from trl.trainer.sft_config import SFTConfig
from trl.trainer.sft_trainer import SFTTrainer

from spanwise import hardware
from spanwise.errors import UserError
from spanwise.generator.adapters import WEIGHTS as ADAPTER
from spanwise.generator.effect import check_effect, effect
from spanwise.generator.likelihood import Loss, losses, mean
from spanwise.generator.model import Generator
from spanwise.generator.outcome import Fitted, curve
from spanwise.generator.quantisation import evaluating
from spanwise.generator.recipe import Recipe
from spanwise.generator.rows import Row, preflight, rows_of
from spanwise.learners import processes
from spanwise.learners.arguments import scheduled, shared
from spanwise.learners.checkpoints import WEIGHTS, is_over, resumable
from spanwise.learners.devices import use_one_gpu
from spanwise.learners.divergence import StopOnDivergence
from spanwise.learners.training import mixed_precision
from spanwise.schema import Example

NOISE_ROWS = 64  # examples from which the noise of the validation loss is known


class _Trainer(SFTTrainer):
    """TRL's trainer, with the validation loss of a token, whatever the batches."""

    validation: Sequence[Row]

    def evaluation_loop(self, dataloader: Any, *args: Any, **kwargs: Any) -> EvalLoopOutput:  # noqa: ARG002
        """The loss of the validation rows."""
        assert isinstance(self.model, nn.Module)
        metrics = {"eval_loss": mean(_losses(self.model, self.validation))}
        return EvalLoopOutput(np.empty(0), label_ids=None, metrics=metrics, num_samples=len(self.validation))

    def create_model_card(self, *args: Any, **kwargs: Any) -> None:
        """None: the report tells what a card would, and of this model."""


def fit(
    generator: Generator,
    train: Sequence[Example],
    validation: Sequence[Example],
    *,
    seed: int,
    checkpoints: Path,
    callbacks: Sequence[TrainerCallback] = (),
) -> Fitted:
    """Tune `generator` in place, and leave it with the weights of its best epoch by validation loss.

    Args:
        generator: Fresh from `Generator.pretrained`.
        train: What is learnt from.
        validation: What chooses the epoch.
        seed: Of the order of examples and of dropout.
        checkpoints: A folder for checkpoints: when it holds one, training resumes from it.
        callbacks: More of Trainer's callbacks.

    Raises:
        UserError: If there is nothing to learn from, the device has no such precision, training diverges, or
            has no effect although it must.
    """
    if not train or not validation:
        raise UserError("the train and the validation side must both hold examples")
    hardware.be_deterministic()
    _to_device(generator)
    sides = {"train": train, "validation": validation}
    rows = {side: rows_of(own, generator.chat, generator.max_length) for side, own in sides.items()}
    figures: dict[str, Any] = {
        "sides": {side: preflight(own, generator.max_length) for side, own in rows.items()},
        "template": generator.chat.origin,
        "precision": mixed_precision(generator.recipe.precision),
        "trained_parameters": _trained(generator),
    }
    untuned = _losses(generator.model, rows["validation"])
    others = _losses(generator.model, rows["train"][: max(NOISE_ROWS - len(validation), 0)])
    clock, state = time.perf_counter(), None
    if generator.recipe.epochs:
        state, told = _train(generator, rows, seed=seed, checkpoints=checkpoints, callbacks=callbacks)
        figures |= told
    seconds = time.perf_counter() - clock
    tuned = _losses(generator.model, rows["validation"])
    known = [(example.stratum, loss) for example, loss in zip(train, others, strict=False)]
    figures["effect"] = effect(validation, untuned, tuned, known, seed=seed) | {"moved": _moved(generator)}
    if generator.recipe.require_effect:
        check_effect(figures["effect"])
    return Fitted(figures, curve(state), sum(len(row.input_ids) for row in rows["train"]), seconds)


def _train(
    generator: Generator,
    rows: Mapping[str, Sequence[Row]],
    *,
    seed: int,
    checkpoints: Path,
    callbacks: Sequence[TrainerCallback],
) -> tuple[TrainerState, dict[str, Any]]:
    """The state in the end, and figures of the way there."""
    recipe = generator.recipe
    trainer = _Trainer(
        model=generator.model,
        args=_arguments(recipe, generator.max_length, seed, checkpoints),
        train_dataset=_dataset(rows["train"]),
        eval_dataset=_dataset(rows["validation"][:1]),  # a stand-in: the trainer's own loop reads the rows
        processing_class=generator.chat.tokenizer,
        callbacks=[
            StopOnDivergence("train.learning_rate"),
            *([EarlyStoppingCallback(recipe.patience)] if recipe.patience else []),
            *callbacks,
        ],
    )
    trainer.validation = rows["validation"]
    weights = ADAPTER if recipe.adapter.rank else WEIGHTS
    with processes.main_first():
        state, newest = resumable(checkpoints, weights)
    if state is None or not is_over(state, recipe.patience):
        trainer.train(resume_from_checkpoint=str(newest) if newest else None)
        state = trainer.state
    # Without the wrapper that computes everything in the precision of the training.
    generator.model = trainer.accelerator.unwrap_model(trainer.model, keep_fp32_wrapper=False)
    _load_best(generator, Path(str(state.best_model_checkpoint)) / weights)
    steps = math.ceil(len(trainer.get_train_dataloader()) / recipe.gradient_accumulation)
    packed: Any = trainer.train_dataset
    assert state.best_global_step is not None
    return state, {
        "steps": state.global_step,
        "epochs": len(curve(state)),
        "best_epoch": round(state.best_global_step / steps),
        "best_loss": state.best_metric,
        "sequences": len(packed),
    }


def _arguments(recipe: Recipe, max_length: int, seed: int, checkpoints: Path) -> SFTConfig:
    arguments = SFTConfig(
        **shared(checkpoints, precision=mixed_precision(recipe.precision), seed=seed),
        **scheduled(recipe, best="loss", greater=False),
        max_length=max_length if recipe.packing else None,  # rows were cut, and counted, before
        packing=recipe.packing,
        eval_packing=False,
        activation_checkpointing=recipe.gradient_checkpointing,
    )
    use_one_gpu(arguments)
    return arguments


def _losses(model: nn.Module, rows: Sequence[Row]) -> list[Loss]:
    with evaluating(model):
        return losses(model, rows)


def _dataset(rows: Sequence[Row]) -> Dataset:
    """As TRL takes rows whose tokens and labels it must leave alone."""
    return Dataset.from_list([{"input_ids": row.input_ids, "labels": row.labels} for row in rows])


def _load_best(generator: Generator, weights: Path) -> None:
    if isinstance(generator.model, PeftModel):
        set_peft_model_state_dict(generator.model, load_file(weights))
    else:  # a head that shares the embeddings' weights is not stored
        generator.model.load_state_dict(load_file(weights), strict=False)
        generator.model.tie_weights()


def _to_device(generator: Generator) -> None:
    if torch.cuda.is_available() and not getattr(generator.model, "is_quantized", False):
        module: nn.Module = generator.model
        module.to(torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0"))))


def _trained(generator: Generator) -> int:
    return sum(weight.numel() for weight in generator.model.parameters() if weight.requires_grad)


def _moved(generator: Generator) -> float | None:
    """The largest weight of the adapters' second matrices, which begin at 0; None without adapters."""
    moved = [
        float(weight.detach().abs().max())
        for name, weight in generator.model.named_parameters()
        if ".lora_B." in name
    ]
    return max(moved, default=None)
