"""Training a tagger with Hugging Face's Trainer."""

from __future__ import annotations

import logging
import math
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from torch.utils.data import Dataset, SequentialSampler
from transformers import (
    DataCollatorForTokenClassification,
    EarlyStoppingCallback,
    EvalPrediction,
    Trainer,
    TrainingArguments,
)
from transformers.trainer_callback import TrainerCallback, TrainerControl, TrainerState

from spanwise.decoding import decode
from spanwise.encoding import IGNORED, Encoding, tag_words
from spanwise.errors import UserError
from spanwise.learners.checkpoints import (
    is_over,
    last_complete_checkpoint,
    load_best_weights,
    resumable_state,
)
from spanwise.learners.tagger import Tagger
from spanwise.schema import Example, Prediction

logger = logging.getLogger(__name__)

Score = Callable[[Sequence[Prediction]], float]
Precision = Literal["auto", "fp32", "bf16", "fp16"]


@dataclass(frozen=True)
class Recipe:
    """How to train; see `conf/train` for what each value means."""

    epochs: int
    batch_size: int
    gradient_accumulation: int
    learning_rate: float
    weight_decay: float
    warmup_steps: int
    scheduler: str
    max_grad_norm: float
    patience: int | None


@dataclass(frozen=True)
class Curve:
    """What one epoch came to; losses are means over its batches."""

    epoch: int
    train_loss: float
    validation_loss: float
    validation_score: float


@dataclass(frozen=True)
class Fit:
    """What a training came to.

    Attributes:
        steps: Updates of the weights.
        best_epoch: The epoch whose weights were kept, counted from 1.
        best_score: Its validation score.
        precision: Of the matrix products.
        curve: One entry an epoch.
        warnings: What the user should know about the recipe.
    """

    steps: int
    best_epoch: int
    best_score: float
    precision: str
    curve: list[Curve]
    warnings: list[str]

    def figures(self) -> dict[str, Any]:
        """All but the curve."""
        return {
            "steps": self.steps,
            "epochs": len(self.curve),
            "best_epoch": self.best_epoch,
            "best_score": self.best_score,
            "precision": self.precision,
            "warnings": self.warnings,
        }

    def plots(self) -> dict[str, list[tuple[int, float, str]]]:
        """The tables of `plots/train`, in rows of epoch, value, series."""
        return {
            "loss": [
                row
                for point in self.curve
                for row in (
                    (point.epoch, point.train_loss, "train"),
                    (point.epoch, point.validation_loss, "validation"),
                )
            ],
            "score": [(point.epoch, point.validation_score, "validation") for point in self.curve],
        }


@dataclass
class TaggedWindows(Dataset[dict[str, list[int]]]):
    """The windows of some documents with a tag for each first subword; all else is kept from the loss.

    Attributes:
        examples: The documents.
        encodings: One for each document.
        rows: `input_ids` and `labels` of each window, in the order of documents and windows.
        special_tokens: How many each window has.
        inexact: Gold spans with an edge where no word has one.
        lost: Gold spans that tags cannot express.
    """

    examples: list[Example]
    special_tokens: int
    encodings: list[Encoding] = field(default_factory=list)
    rows: list[dict[str, list[int]]] = field(default_factory=list)
    inexact: int = 0
    lost: int = 0

    @classmethod
    def of(cls, examples: Sequence[Example], tagger: Tagger) -> TaggedWindows:
        """Encode and tag `examples` for `tagger`."""
        encoder = tagger.encoder
        windows = cls(list(examples), encoder.special_tokens)
        label_ids = {name: number for number, name in enumerate(tagger.labels.names)}
        for example in windows.examples:
            encoding = encoder(example.text)
            tagging = tag_words(encoding.words, example.spans, label_ids)
            windows.encodings.append(encoding)
            windows.inexact += tagging.inexact
            windows.lost += tagging.lost
            for window in encoding.windows:
                targets = np.full(len(window.input_ids), IGNORED, dtype=np.int64)
                targets[window.positions] = tagging.tags[window.words]
                windows.rows.append({"input_ids": window.input_ids.tolist(), "labels": targets.tolist()})
        return windows

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: int) -> dict[str, list[int]]:
        return self.rows[index]

    @property
    def tokens(self) -> int:
        """Tokens in all windows, special tokens included, padding not."""
        return sum(len(row["input_ids"]) for row in self.rows)

    def figures(self) -> dict[str, int]:
        """What came of the documents on their way into windows."""
        return {
            "documents": len(self.examples),
            "windows": len(self.rows),
            "tokens": self.tokens,
            "spans": sum(len(example.spans) for example in self.examples),
            "spans_inexact": self.inexact,
            "spans_lost": self.lost,
            "words_dropped": sum(encoding.dropped_words for encoding in self.encodings),
            "truncated_tokens": sum(encoding.truncated(self.special_tokens) for encoding in self.encodings),
        }


class _TaggerTrainer(Trainer):
    """Trainer groups the evaluation set by length too; its windows must stay in the order of the text."""

    def _get_eval_sampler(self, eval_dataset: Any) -> SequentialSampler:
        return SequentialSampler(eval_dataset)


class StopOnDivergence(TrainerCallback):
    """Ends a training whose loss is no number any more, before its weights can be taken for a model."""

    def on_log(
        self,
        args: TrainingArguments,  # noqa: ARG002 - Trainer names the arguments
        state: TrainerState,
        control: TrainerControl,  # noqa: ARG002
        logs: dict[str, float] | None = None,
        **kwargs: Any,  # noqa: ARG002
    ) -> None:
        """Look at what Trainer has just logged."""
        losses = [value for name, value in (logs or {}).items() if name in {"loss", "eval_loss"}]
        if not all(math.isfinite(loss) for loss in losses):
            raise UserError(
                f"training diverged in epoch {math.ceil(state.epoch or 0)}: its loss is no number any more",
                hint="Lower train.learning_rate, or raise train.warmup_steps.",
            )


def fit(
    tagger: Tagger,
    train: TaggedWindows,
    validation: TaggedWindows,
    *,
    recipe: Recipe,
    score: Score,
    precision: Precision,
    seed: int,
    checkpoints: Path,
    callbacks: Sequence[TrainerCallback] = (),
) -> Fit:
    """Train `tagger` in place, and leave it with the weights of its best epoch.

    Args:
        tagger: Model, tokenizer and tags.
        train: What is learnt from.
        validation: What chooses the epoch.
        recipe: How to train.
        score: Of the predictions for the validation documents; higher is better.
        precision: `auto` takes bfloat16 where the device has it.
        seed: Of the order of windows and of dropout.
        checkpoints: A folder for checkpoints: when it holds one, training resumes from it.
        callbacks: More of Trainer's callbacks.

    Raises:
        UserError: If there is nothing to train on, the device has no such precision, or training diverges.
    """
    if not len(train) or not len(validation):
        raise UserError("the train and the validation side must both hold text to train on")
    stopping = [EarlyStoppingCallback(recipe.patience)] if recipe.patience else []
    precision = mixed_precision(precision)
    trainer = _TaggerTrainer(
        model=tagger.model,
        args=_arguments(recipe, precision, seed, checkpoints),
        train_dataset=train,
        eval_dataset=validation,
        data_collator=DataCollatorForTokenClassification(tagger.tokenizer, pad_to_multiple_of=8),
        processing_class=tagger.tokenizer,
        compute_loss_func=token_loss,
        compute_metrics=_scored(validation, tagger, score),
        callbacks=[StopOnDivergence(), *stopping, *callbacks],
    )
    steps_per_epoch = math.ceil(len(trainer.get_train_dataloader()) / recipe.gradient_accumulation)
    warnings = recipe_warnings(recipe, steps_per_epoch * recipe.epochs)
    for warning in warnings:
        logger.warning(warning)
    # What CUDA asks for to be deterministic, https://docs.nvidia.com/cuda/cublas/#results-reproducibility
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    torch.use_deterministic_algorithms(True, warn_only=True)
    state = resumable_state(checkpoints)
    if state is not None and is_over(state, recipe.patience):
        load_best_weights(tagger.model, state)
    else:
        trainer.train(resume_from_checkpoint=last_complete_checkpoint(checkpoints))
        state = trainer.state
    assert state.best_metric is not None
    assert state.best_global_step is not None
    return Fit(
        steps=state.global_step,
        best_epoch=round(state.best_global_step / steps_per_epoch),
        best_score=state.best_metric,
        precision=precision,
        curve=_curve(state.log_history),
        warnings=warnings,
    )


def token_loss(
    outputs: Any, labels: torch.Tensor, num_items_in_batch: torch.Tensor | int | None = None
) -> torch.Tensor:
    """Cross-entropy per tagged token, over all micro-batches of an update alike.

    Args:
        outputs: With `logits`, `[windows, tokens, tags]`.
        labels: `[windows, tokens]`, `IGNORED` where nothing is tagged.
        num_items_in_batch: Tagged tokens of the whole update; those of this batch when absent.
    """
    total = torch.nn.functional.cross_entropy(
        outputs["logits"].flatten(0, 1).float(), labels.flatten(), ignore_index=IGNORED, reduction="sum"
    )
    return total / (num_items_in_batch if num_items_in_batch is not None else (labels != IGNORED).sum())


def mixed_precision(precision: Precision) -> Literal["fp32", "bf16", "fp16"]:
    """The number format of this device's matrix products: `auto` is bfloat16 where the hardware has it.

    Raises:
        UserError: For fp16 on a CPU, and bf16 on a GPU without it.
    """
    gpu = torch.cuda.is_available()
    if precision == "fp16" and not gpu:
        raise UserError("train.precision = 'fp16' needs a GPU", hint="Take auto, bf16 or fp32.")
    if precision == "bf16" and gpu and not torch.cuda.is_bf16_supported(including_emulation=False):
        raise UserError("train.precision = 'bf16': this GPU has none", hint="Take auto, fp16 or fp32.")
    if precision != "auto":
        return precision
    if gpu:
        return "bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "fp16"
    capabilities = torch.cpu.get_capabilities()
    return "bf16" if capabilities.get("avx512_bf16") or capabilities.get("amx_bf16") else "fp32"


def recipe_warnings(recipe: Recipe, steps: int) -> list[str]:
    """What is wrong with a recipe for a training of so many steps."""
    if recipe.warmup_steps < steps:
        return []
    warning = (
        f"the warm-up of {recipe.warmup_steps} steps is as long as the training of {steps}: "
        f"the learning rate never reaches {recipe.learning_rate}"
    )
    return [warning]


def _scored(
    validation: TaggedWindows, tagger: Tagger, score: Score
) -> Callable[[EvalPrediction], dict[str, float]]:
    def scored(output: EvalPrediction) -> dict[str, float]:
        logits = iter(output.predictions)
        predictions = [
            decode(example, encoding, [next(logits) for _ in encoding.windows], tagger.labels)
            for example, encoding in zip(validation.examples, validation.encodings, strict=True)
        ]
        return {"score": score(predictions)}

    return scored


def _arguments(recipe: Recipe, precision: str, seed: int, checkpoints: Path) -> TrainingArguments:
    return TrainingArguments(
        output_dir=str(checkpoints),
        num_train_epochs=recipe.epochs,
        per_device_train_batch_size=recipe.batch_size,
        per_device_eval_batch_size=recipe.batch_size,
        gradient_accumulation_steps=recipe.gradient_accumulation,
        learning_rate=recipe.learning_rate,
        weight_decay=recipe.weight_decay,
        warmup_steps=recipe.warmup_steps,
        lr_scheduler_type=recipe.scheduler,
        max_grad_norm=recipe.max_grad_norm,
        train_sampling_strategy="group_by_length",
        bf16=precision == "bf16",
        fp16=precision == "fp16",
        use_cpu=not torch.cuda.is_available(),
        dataloader_pin_memory=torch.cuda.is_available(),
        seed=seed,
        eval_strategy="epoch",
        logging_strategy="epoch",
        save_strategy="epoch",
        save_total_limit=1,
        load_best_model_at_end=True,
        metric_for_best_model="score",
        greater_is_better=True,
        restore_callback_states_from_checkpoint=True,
        logging_nan_inf_filter=False,
        report_to="none",
    )


def _curve(history: list[dict[str, Any]]) -> list[Curve]:
    losses = {round(entry["epoch"]): entry["loss"] for entry in history if "loss" in entry}
    return [
        Curve(
            epoch=round(entry["epoch"]),
            train_loss=losses[round(entry["epoch"])],
            validation_loss=entry["eval_loss"],
            validation_score=entry["eval_score"],
        )
        for entry in history
        if "eval_score" in entry
    ]
