"""One trial: a training with some settings changed, scored on validation documents epoch by epoch."""

from __future__ import annotations

import contextlib
import logging
import random
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import transformers
from transformers import TrainingArguments
from transformers.trainer_callback import TrainerCallback, TrainerControl, TrainerState

from spanwise import hardware
from spanwise.io import read_record
from spanwise.learners import course
from spanwise.learners.recipe import read_recipe
from spanwise.schema import Example, Labels
from spanwise.tasks.base import load_task

LOG = "trainings.log"
CHECKPOINTS = "trial-"

Values = Mapping[str, Any]
Report = Callable[[int, float, float], None]
"""Takes an epoch, counted from 1, its validation score and loss; raises to end the training."""


@dataclass(frozen=True)
class Problem:
    """What all trials of a search have in common. It holds no documents, so that processes can be sent it.

    Attributes:
        splits: What `tier-split` wrote; its test documents are not read.
        kind: Of the task, whose headline is the score.
        model: The arguments of `Tagger.pretrained` that tell where the encoder comes from.
        train: The recipe's settings, `epochs` being those of a trial.
        documents: The share of the train side to learn from.
        seed: Of the documents, and of trainings that name no other.
        threads: Of a training; None is one per core.
        scratch: A folder for checkpoints and for what trainings print.
    """

    splits: Path
    kind: str
    model: Mapping[str, Any]
    train: Mapping[str, Any]
    documents: float
    seed: int
    threads: int | None
    scratch: Path


def train(problem: Problem, values: Values, *, seed: int, report: Report) -> None:
    """Train with `values` in place of some settings.

    Raises:
        UserError: If settings exclude each other, or training diverges.
    """
    hardware.set_threads(problem.threads)
    labels = read_record(problem.splits / "labels.json", Labels)
    material = _part(course.Material.read(problem.splits, labels), problem.documents, problem.seed)
    settings = lay(values, {"model": problem.model, "train": problem.train})
    recipe = read_recipe(settings["train"])
    start = course.Start(labels, settings["model"], recipe, nested=material.nested)
    with (
        tempfile.TemporaryDirectory(dir=problem.scratch, prefix=CHECKPOINTS) as checkpoints,
        _printing_to(problem.scratch / LOG),
    ):
        course.run(
            start,
            material,
            score=load_task(problem.kind).headline,
            seed=seed,
            checkpoints=Path(checkpoints),
            callbacks=[_Reporter(report)],
        )


def lay(values: Values, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Nested `settings` with some of them, by their dotted keys, replaced."""
    laid = deepcopy(dict(settings))
    for key, value in values.items():
        *path, name = key.split(".")
        section = laid
        for part in path:
            section = section[part]
        section[name] = value
    return laid


def draw(examples: Sequence[Example], share: float, seed: int) -> list[Example]:
    """At least this share of the documents, in their order: whole groups, drawn by `seed`."""
    groups = sorted({example.group for example in examples})
    random.Random(seed).shuffle(groups)  # noqa: S311 - drawing documents is no cryptography
    sizes = Counter(example.group for example in examples)
    chosen: set[str] = set()
    taken = 0
    for group in groups:
        if taken >= share * len(examples):
            break
        chosen.add(group)
        taken += sizes[group]
    return [example for example in examples if (example.group) in chosen]


def _part(material: course.Material, share: float, seed: int) -> course.Material:
    """The validation documents, and this share of each corpus to learn from."""
    others = {
        name: (draw(own, share, seed), validation) for name, (own, validation) in material.auxiliaries.items()
    }
    train, unlabelled = (draw(each, share, seed) for each in (material.train, material.unlabelled))
    return course.Material(train, material.validation, others, unlabelled)


class _Reporter(TrainerCallback):
    """Hands on what each epoch came to."""

    def __init__(self, report: Report) -> None:
        self.report = report

    def on_evaluate(
        self,
        args: TrainingArguments,  # noqa: ARG002 - Trainer names the arguments
        state: TrainerState,
        control: TrainerControl,  # noqa: ARG002
        metrics: dict[str, float] | None = None,
        **kwargs: Any,  # noqa: ARG002
    ) -> None:
        assert metrics is not None
        self.report(round(state.epoch or 0), metrics["eval_score"], metrics["eval_loss"])


@contextlib.contextmanager
def _printing_to(log: Path) -> Iterator[None]:
    """Trainer's bars and figures go to a file: those of several trainings would tear the progress."""
    verbosity = transformers.logging.get_verbosity()
    transformers.logging.set_verbosity(logging.ERROR)  # its handler keeps to the terminal
    try:
        with (
            log.open("a", encoding="utf-8") as file,
            contextlib.redirect_stdout(file),
            contextlib.redirect_stderr(file),
        ):
            yield
    finally:
        transformers.logging.set_verbosity(verbosity)
