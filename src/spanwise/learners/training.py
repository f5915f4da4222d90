"""Training a tagger with Hugging Face's Trainer."""

from __future__ import annotations

import logging
import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from pydantic.dataclasses import dataclass
from torch import nn
from torch.utils.data import ConcatDataset, Dataset
from transformers import EarlyStoppingCallback, TrainingArguments
from transformers.trainer_callback import TrainerCallback
from transformers.trainer_utils import EvalLoopOutput

from spanwise import hardware
from spanwise.errors import UserError
from spanwise.heads.network import Network
from spanwise.learners import processes
from spanwise.learners.arguments import scheduled, shared
from spanwise.learners.averaging import WeightAveraging
from spanwise.learners.checkpoints import is_over, learnt_state, load_best_weights, resumable
from spanwise.learners.devices import use_one_gpu
from spanwise.learners.divergence import StopOnDivergence
from spanwise.learners.dropout import ATTENTION
from spanwise.learners.imbalance import tag_weights
from spanwise.learners.kernels import cpu_kernels
from spanwise.learners.objective import Objective, Supervised, unannotated_tags
from spanwise.learners.optimisation import freeze, parameter_groups, warmup
from spanwise.learners.recipe import Precision, Recipe, check_recipe
from spanwise.learners.shares import SharingTrainer
from spanwise.learners.tagger import Tagger
from spanwise.learners.validation import validate
from spanwise.learners.windows import Collator, LengthBatches, Row, TaggedWindows
from spanwise.schema import Example, Prediction

logger = logging.getLogger(__name__)

Score = Callable[[Sequence[Prediction]], float]

VALIDATION_TOKENS = 2048  # that go through the model at once; it changes no score


@dataclass(frozen=True)
class Curve:
    """What one epoch came to; losses are those of a tagged word, scores of the validation documents."""

    epoch: int
    train_loss: float
    validation_loss: float
    validation_score: float
    auxiliary_scores: Mapping[str, float] = field(default_factory=dict)


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
        losses = [
            row
            for point in self.curve
            for row in (
                (point.epoch, point.train_loss, "train"),
                (point.epoch, point.validation_loss, "validation"),
            )
        ]
        scores = [
            row
            for point in self.curve
            for row in (
                (point.epoch, point.validation_score, "validation"),
                *(
                    (point.epoch, score, f"{name} validation")
                    for name, score in point.auxiliary_scores.items()
                ),
            )
        ]
        return {"loss": losses, "score": scores}


class _NetworkTrainer(SharingTrainer):
    """Trainer for a network with heads: its loss, its optimizer's groups, and its score by the runtime."""

    network: Network
    objective: Objective
    recipe: Recipe
    averaging: WeightAveraging
    validated: Callable[[], dict[str, float]]

    def create_optimizer(self, model: Any = None) -> torch.optim.Optimizer:  # noqa: ARG002 - Trainer's name
        """AdamW over layers with a rate each."""
        if self.optimizer is None:
            groups = parameter_groups(
                self.network,
                self.network.model,
                self.recipe.layers,
                learning_rate=self.recipe.learning_rate,
                weight_decay=self.recipe.weight_decay,
            )
            optimizer, settings = self.get_optimizer_cls_and_kwargs(self.args)
            self.optimizer = optimizer(groups, **settings)
        return self.optimizer

    def _get_train_sampler(self, train_dataset: Any = None) -> LengthBatches:
        rows: Any = self.train_dataset if train_dataset is None else train_dataset
        return LengthBatches([len(row["input_ids"]) for row in rows], self.args.train_batch_size)

    def _wrap_model(self, *_: Any, **__: Any) -> Any:
        """What is called in training; what is stored, scored and averaged is the network alone."""
        return self.accelerator.prepare_model(Supervised(self.network, self.objective))

    def compute_loss(
        self,
        model: Any,
        inputs: dict[str, torch.Tensor],
        return_outputs: bool = False,  # noqa: ARG002 - Trainer names the arguments
        num_items_in_batch: torch.Tensor | int | None = None,
    ) -> Any:
        """The loss per tagged word, over all micro-batches and processes of an update alike."""
        assert num_items_in_batch is not None
        # A window inside of one long word has none; gradients are divided by the number of processes later.
        return model(inputs) * processes.count() / torch.as_tensor(num_items_in_batch).clamp(min=1)

    def evaluation_loop(self, dataloader: Any, *args: Any, **kwargs: Any) -> EvalLoopOutput:  # noqa: ARG002
        """The validation loss, and the scores of what the runtime predicts, both with averaged weights."""
        with self.averaging.applied():
            # All processes stop at the same epoch, however their devices may round.
            found = processes.from_main(self.validated())
        metrics = {f"eval_{name}": value for name, value in found.items()}
        windows = len(dataloader.dataset)
        return EvalLoopOutput(np.empty(0), label_ids=None, metrics=metrics, num_samples=windows)

    def _issue_warnings_after_load(self, load_result: Any) -> None:
        """Silence: a checkpoint of adapters holds no more, and `load_best_weights` looks at what is there."""

    def _save(self, output_dir: str | None = None, state_dict: Any = None) -> None:
        super()._save(output_dir, learnt_state(self.network) or state_dict)
        if self.args.should_save:
            self.averaging.save(Path(output_dir or str(self.args.output_dir)))


def fit(
    tagger: Tagger,
    train: Sequence[TaggedWindows],
    validation: TaggedWindows,
    measure: Objective,
    *,
    recipe: Recipe,
    score: Score,
    seed: int,
    checkpoints: Path,
    auxiliaries: Mapping[str, Sequence[Example]] | None = None,
    callbacks: Sequence[TrainerCallback] = (),
) -> Fit:
    """Train `tagger` in place, and leave it with the weights of its best epoch.

    Args:
        tagger: Network, tokenizer and tags.
        train: What is learnt from: the main corpus first, then what else there is.
        validation: What chooses the epoch.
        measure: The loss.
        recipe: How to train.
        score: Of the predictions for the validation documents; higher is better.
        seed: Of the order of windows and of dropout.
        checkpoints: A folder for checkpoints: when it holds one, training resumes from it.
        auxiliaries: Validation documents of each auxiliary corpus; they are scored, and choose nothing.
        callbacks: More of Trainer's callbacks.

    Raises:
        UserError: If there is nothing to train on, the device has no such precision, or training diverges.
    """
    if not len(train[0]) or not len(validation):
        raise UserError("the train and the validation side must both hold text to train on")
    if processes.count() > recipe.batch_size:
        raise UserError(
            f"train.batch_size = {recipe.batch_size}: {processes.count()} processes share each batch",
            hint="Start at most one process for each window of a batch.",
        )
    precision = mixed_precision(recipe.precision)
    freeze(tagger.network.model, recipe.layers)
    rows: Dataset[Row] = ConcatDataset(train)
    trainer = _NetworkTrainer(
        model=tagger.network,
        args=_arguments(recipe, precision, seed, checkpoints),
        train_dataset=rows,
        eval_dataset=validation,
        data_collator=Collator(tagger.encoder.padding, len(tagger.labels.id2tag)),
        processing_class=tagger.tokenizer,
        compute_loss_func=_loss_is_per_word,
        callbacks=[
            StopOnDivergence("train.learning_rate"),
            *([EarlyStoppingCallback(recipe.patience)] if recipe.patience else []),
        ],
    )
    trainer.network, trainer.recipe = tagger.network, recipe
    trainer.objective = measure
    steps_per_epoch = math.ceil(len(trainer.get_train_dataloader()) / recipe.gradient_accumulation)
    with processes.main_first():
        state, newest = resumable(checkpoints)
    trainer.averaging = WeightAveraging(recipe.averaging, newest)
    trainer.validated = lambda: _validated(tagger, validation, measure, auxiliaries or {}, score)
    for callback in (trainer.averaging, *callbacks):
        trainer.add_callback(callback)
    warnings = recipe_warnings(recipe, steps_per_epoch * recipe.epochs)
    for warning in warnings:
        logger.warning(warning)
    hardware.be_deterministic()
    if state is None or not is_over(state, recipe.patience):
        with cpu_kernels(tagger.network, precision):
            trainer.train(resume_from_checkpoint=str(newest) if newest else None)
        state = trainer.state
    load_best_weights(tagger.network, state)
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


def objective(recipe: Recipe, tagger: Tagger, train: Sequence[TaggedWindows]) -> Objective:
    """The loss that `recipe` asks for, with class weights from the tags in `train`.

    Raises:
        UserError: If settings exclude each other, or have no effect.
    """
    check_recipe(recipe)
    _check_dropout(recipe, tagger.network)
    unannotated = unannotated_tags(tagger.labels)
    found: Counter[int] = Counter()
    for windows in train:
        found.update(windows.tag_counts)
    counts = [found[tag] for tag in range(len(tagger.labels.id2tag))]
    return Objective(
        recipe=recipe.loss,
        weights=tag_weights(recipe.class_weights, counts, tagger.labels),
        unannotated=unannotated,
        auxiliary_weight=recipe.auxiliary_weight,
        distillation=recipe.distillation,
    )


def _check_dropout(recipe: Recipe, network: Network) -> None:
    """R-Drop compares two draws of dropout: where nothing is dropped it would cost a pass for nothing."""
    drops = any(isinstance(module, nn.Dropout) and module.p > 0 for module in network.modules())
    attention = any(getattr(network.model.config, name, 0) for name in ATTENTION)
    if recipe.loss.r_drop and not (drops or attention):
        raise UserError(
            f"train.loss.r_drop = {recipe.loss.r_drop}: this model drops nothing",
            hint="Set train.dropout.hidden above 0.",
        )


def _loss_is_per_word(*_: Any, **__: Any) -> torch.Tensor:
    """Its presence tells Trainer to count the tagged words of an update and to leave their scaling alone."""
    raise NotImplementedError("the loss is computed by the trainer itself")


def mixed_precision(precision: Precision) -> Literal["fp32", "bf16", "fp16"]:
    """The number format of this device's matrix products: `auto` is bfloat16 where the hardware has it.

    Raises:
        UserError: For fp16 on a CPU, and bf16 on a GPU without it.
    """
    gpu = torch.cuda.is_available()
    gpu_has_bf16 = gpu and torch.cuda.is_bf16_supported(including_emulation=False)
    if precision == "fp16" and not gpu:
        raise UserError("train.precision = 'fp16' needs a GPU", hint="Take auto, bf16 or fp32.")
    if precision == "bf16" and gpu and not gpu_has_bf16:
        raise UserError("train.precision = 'bf16': this GPU has none", hint="Take auto, fp16 or fp32.")
    if precision != "auto":
        return precision
    if gpu:
        return "bf16" if gpu_has_bf16 else "fp16"
    capabilities = torch.cpu.get_capabilities()
    return "bf16" if capabilities.get("avx512_bf16") or capabilities.get("amx_bf16") else "fp32"


def recipe_warnings(recipe: Recipe, steps: int) -> list[str]:
    """What is wrong with a recipe for a training of so many steps."""
    rising = warmup(recipe.warmup_steps, steps)
    if rising < steps:
        return []
    warning = (
        f"the warm-up of {rising} steps is as long as the training of {steps}: "
        f"the learning rate never reaches {recipe.learning_rate}"
    )
    return [warning]


def _validated(
    tagger: Tagger,
    validation: TaggedWindows,
    measure: Objective,
    auxiliaries: Mapping[str, Sequence[Example]],
    score: Score,
) -> dict[str, float]:
    loss, predictions = validate(tagger, validation, measure, batch_tokens=VALIDATION_TOKENS)
    predictor = tagger.predictor(VALIDATION_TOKENS)
    return {
        "loss": loss,
        "score": score(predictions),
        **{
            f"score_{name}": score(
                processes.gathered(
                    list(predictor(processes.own(examples), annotated=tagger.labels.auxiliaries[name]))
                )
            )
            for name, examples in auxiliaries.items()
        },
    }


def _arguments(recipe: Recipe, precision: str, seed: int, checkpoints: Path) -> TrainingArguments:
    arguments = TrainingArguments(
        **shared(checkpoints, precision=precision, seed=seed),
        **scheduled(recipe, best="score", greater=True),
        per_device_eval_batch_size=recipe.batch_size,
        remove_unused_columns=False,
        label_names=["labels"],
        ddp_find_unused_parameters=True,  # a batch without words leaves a chain out
    )
    use_one_gpu(arguments)
    return arguments


def _curve(history: list[dict[str, Any]]) -> list[Curve]:
    losses = {round(entry["epoch"]): entry["loss"] for entry in history if "loss" in entry}
    return [
        Curve(
            epoch=round(entry["epoch"]),
            train_loss=losses[round(entry["epoch"])],
            validation_loss=entry["eval_loss"],
            validation_score=entry["eval_score"],
            auxiliary_scores={
                name.removeprefix("eval_score_"): value
                for name, value in entry.items()
                if name.startswith("eval_score_")
            },
        )
        for entry in history
        if "eval_score" in entry
    ]
