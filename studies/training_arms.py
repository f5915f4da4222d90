"""The two arms of training-speed: the plain Hugging Face recipe and the pipeline's own, under one clock."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
import typer
from transformers import Trainer, TrainingArguments
from transformers.trainer_callback import TrainerCallback

from spanwise import hardware
from spanwise.decoding import Decoder, Scores
from spanwise.encoding import IGNORED
from spanwise.learners import course
from spanwise.learners.course import Material, Start
from spanwise.learners.tagger import Tagger
from spanwise.learners.training import Score
from spanwise.learners.windows import TaggedWindows
from spanwise.schema import Prediction

BATCH, WEIGHT_DECAY = 16, 0.01  # of the plain recipe


class Clock(TrainerCallback):
    """Takes the time of a training, of its steps, and until each score; tells of every epoch.

    Args:
        name: Of the arm.
        epochs: How many there will be.
    """

    def __init__(self, name: str, epochs: int) -> None:
        self.name, self.epochs = name, epochs
        self.curve: list[dict[str, float]] = []
        self.steps = self.whole = (0.0, 0.0)
        self.begun = self.step = now()

    def on_train_begin(self, *_: Any, **__: Any) -> None:
        """The clock starts."""
        self.begun = now()

    def on_step_begin(self, *_: Any, **__: Any) -> None:
        """A step starts."""
        self.step = now()

    def on_step_end(self, *_: Any, **__: Any) -> None:
        """Add its time to that of all."""
        seconds, cpu = since(self.step)
        self.steps = (self.steps[0] + seconds, self.steps[1] + cpu)

    def on_evaluate(self, *_: Any, **given: Any) -> None:
        """Note when which score was reached."""
        score, (seconds, cpu) = given["metrics"]["eval_score"], since(self.begun)
        self.curve.append({"score": score, "seconds": seconds, "cpu_seconds": cpu})
        epoch = f"{self.name}: epoch {len(self.curve)}/{self.epochs}"
        typer.echo(f"{epoch}, F1 {score:.3f}, {seconds:.0f} s ({cpu:.0f} s of the CPU)", err=True)

    def on_train_end(self, *_: Any, **__: Any) -> None:
        """The clock stops."""
        self.whole = since(self.begun)

    def figures(self, tokens: int) -> dict[str, Any]:
        """What was timed of epochs of so many tokens, padding not counted."""
        read = tokens * len(self.curve)
        return {
            "tokens": read,
            "seconds": self.whole[0],
            "cpu_seconds": self.whole[1],
            "tokens_per_s": read / self.whole[0],
            "tokens_per_cpu_s": read / self.whole[1],
            "steps_tokens_per_s": read / self.steps[0],
            "steps_tokens_per_cpu_s": read / self.steps[1],
            "best_score": max(point["score"] for point in self.curve),
            "curve": self.curve,
        }


def now() -> tuple[float, float]:
    """The time, and that of the processor in this process."""
    return time.perf_counter(), time.process_time()


def since(then: tuple[float, float]) -> tuple[float, float]:
    """What has passed of both."""
    return time.perf_counter() - then[0], time.process_time() - then[1]


def train_ours(
    start: Start,
    material: Material,
    score: Score,
    seed: int,
    checkpoints: Path,
    callbacks: Sequence[TrainerCallback],
) -> tuple[Tagger, int]:
    """The pipeline's own training: the tagger, and the tokens of an epoch."""
    outcome = course.run(
        start, material, score=score, seed=seed, checkpoints=checkpoints, callbacks=callbacks
    )
    return outcome.tagger, outcome.tokens


def train_plain(
    start: Start,
    material: Material,
    score: Score,
    seed: int,
    checkpoints: Path,
    callbacks: Sequence[TrainerCallback],
) -> tuple[Tagger, int]:
    """The plain recipe: the tagger, and the tokens of an epoch."""
    hardware.be_deterministic()
    tagger = Tagger.pretrained(start.labels, **start.model, seed=seed)
    train, validation = (TaggedWindows.of(each, tagger) for each in (material.train, material.validation))
    arguments = TrainingArguments(
        output_dir=str(checkpoints),
        learning_rate=start.recipe.learning_rate,
        per_device_train_batch_size=BATCH,
        per_device_eval_batch_size=BATCH,
        num_train_epochs=start.recipe.epochs,
        weight_decay=WEIGHT_DECAY,
        eval_strategy="epoch",
        save_strategy="epoch",
        save_total_limit=1,
        load_best_model_at_end=True,
        metric_for_best_model="score",
        seed=seed,
        use_cpu=not torch.cuda.is_available(),
        report_to="none",
    )
    length = tagger.windows.max_length
    trainer = Trainer(
        model=tagger.model,
        args=arguments,
        train_dataset=padded(train, length, tagger.encoder.padding),
        eval_dataset=padded(validation, length, tagger.encoder.padding),
        compute_metrics=lambda found: {"score": score(decoded(tagger, validation, found.predictions))},
        callbacks=list(callbacks),
    )
    trainer.train()
    return tagger, train.tokens


def padded(windows: TaggedWindows, length: int, padding: int) -> list[dict[str, list[int]]]:
    """Windows as the plain recipe has them: rows of `input_ids`, `attention_mask`, `labels`, `[length]`."""
    rows = []
    for row in windows.rows:
        rest = length - len(row["input_ids"])
        rows.append(
            {
                "input_ids": row["input_ids"] + [padding] * rest,
                "attention_mask": [1] * len(row["input_ids"]) + [0] * rest,
                "labels": row["labels"] + [IGNORED] * rest,
            }
        )
    return rows


def decoded(tagger: Tagger, windows: TaggedWindows, logits: Any) -> list[Prediction]:
    """The predictions for documents from the logits of all of their windows, `[windows, tokens, tags]`."""
    rows = iter(logits)
    documents = [
        (example, encoding, Scores([next(rows) for _ in encoding.windows]))
        for example, encoding in zip(windows.examples, windows.encodings, strict=True)
    ]
    return Decoder(tagger.labels).many(documents)
