"""An ensemble of teachers, and what they tell the student about each word.

The student learns from the mean of the teachers' tag probabilities beside the gold standard (Hinton et al.
2015, arXiv 1503.02531; the loss is `losses.distillation`). The mean over networks that differ by their seed
is a deep ensemble (Lakshminarayanan et al. 2017, arXiv 1612.01474).
"""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt
from pydantic.dataclasses import dataclass
from safetensors import safe_open
from safetensors.numpy import save_file

from spanwise.errors import UserError
from spanwise.io import atomic
from spanwise.learners import processes
from spanwise.schema import Example

Probabilities = npt.NDArray[np.float32]


class Teacher(NamedTuple):
    """A trained teacher.

    Attributes:
        tell: Gives the probability of each tag for the words of a document, `[words, tags]`.
        figures: What its training came to, to be stored as JSON.
    """

    tell: Callable[[Example], npt.NDArray[np.floating[Any]]]
    figures: dict[str, Any]


TrainTeacher = Callable[[Sequence[Example], int, Path], Teacher]
"""Trains a teacher on examples, with a seed, and with a folder of its own for checkpoints."""

FIGURES = "figures"  # in the metadata of what a teacher says

SEED_STEP = 1000  # between teachers: far enough from the neighbouring seeds that an experiment repeats with


@dataclass(frozen=True)
class Distillation:
    """How teachers are made, and what they weigh.

    Attributes:
        teachers: How many; 0 is no distillation.
        scheme: `seeds`: each trains on all training documents. `folds`: the groups of the training documents
            are dealt into as many parts, and each teacher trains without one of them. A document is told
            about by the teacher that has not seen it (cross-fitting, Dao et al. 2021, arXiv 2104.09732),
            since one that has seen it mostly repeats its gold standard.
        weight: Of the teachers in the loss; the gold standard weighs 1 - weight.
        temperature: Of the probabilities in the loss; what `teach` returns is at temperature 1.
    """

    teachers: int
    scheme: Literal["seeds", "folds"]
    weight: float
    temperature: float


def teach(
    examples: Sequence[Example],
    unlabelled: Sequence[Example],
    train_teacher: TrainTeacher,
    *,
    recipe: Distillation,
    seed: int,
    folder: Path,
) -> tuple[dict[str, Probabilities], list[dict[str, Any]]]:
    """Train the teachers one after the other, and ask them about every document.

    What a teacher says is stored in `folder` as soon as it is trained, and then its checkpoints are deleted:
    a killed run goes on with the teacher that it was at.

    Args:
        examples: The training documents.
        unlabelled: Documents without a gold standard; every teacher is asked about them.
        train_teacher: Called for teacher i with its examples, the seed `seed + 1000 * i` and the folder
            `teacher-i`, in which it may resume. What chooses its epoch is its own affair.
        recipe: How many teachers, and what each trains on.
        seed: Of the first teacher, and of the parts.
        folder: Belongs to this training alone, see `checkpoints.checkpoint_folder`.

    Returns:
        For the id of each document the mean over the teachers asked, float32 `[words, tags]`, and the figures
        of each teacher.

    Raises:
        UserError: If two documents have one id, there are too few groups or teachers for folds, or a teacher
            gives no finite numbers.
    """
    _require_unique([*examples, *unlabelled])
    files = []
    for number, (trains_on, tells_of) in enumerate(lessons(examples, recipe, seed)):
        file, checkpoints = folder / f"teacher-{number}.safetensors", folder / f"teacher-{number}"
        if not processes.from_main(file.is_file()):
            checkpoints.mkdir(parents=True, exist_ok=True)
            teacher = train_teacher(trains_on, seed + SEED_STEP * number, checkpoints)
            if processes.is_main():
                _store(file, teacher, [*tells_of, *unlabelled])
            del teacher  # two of them need not fit into memory
        processes.barrier()  # all have read their checkpoints, and what is stored is there for all
        if processes.is_main():
            shutil.rmtree(checkpoints, ignore_errors=True)
        files.append(file)
    return _mean(files, [*examples, *unlabelled]), [_figures(file) for file in files]


def lessons(
    examples: Sequence[Example], recipe: Distillation, seed: int
) -> list[tuple[list[Example], list[Example]]]:
    """For each teacher the training documents that it learns from, and those that it is asked about.

    Args:
        examples: The training documents.
        recipe: How many teachers, and what each trains on.
        seed: Of the parts: groups are shuffled and dealt in turn, so that their numbers differ by at most 1.

    Raises:
        UserError: If there are fewer groups than folds, or one fold, which would leave nothing to learn from.
    """
    if recipe.scheme == "seeds":
        return [(list(examples), list(examples)) for _ in range(recipe.teachers)]
    if recipe.teachers == 1:
        raise UserError("train.distillation.scheme = 'folds' takes at least 2 teachers")
    groups = sorted({example.group for example in examples})
    if len(groups) < recipe.teachers:
        raise UserError(
            f"{recipe.teachers} teachers on folds need as many groups of training documents, "
            f"but there are {len(groups)}",
            hint="Lower train.distillation.teachers, or take the scheme seeds.",
        )
    shuffled = np.random.default_rng(seed).permutation(len(groups))
    part = {groups[index]: turn % recipe.teachers for turn, index in enumerate(shuffled)}
    return [
        (
            [example for example in examples if part[example.group] != number],
            [example for example in examples if part[example.group] == number],
        )
        for number in range(recipe.teachers)
    ]


def _require_unique(documents: Iterable[Example]) -> None:
    twice = [name for name, count in Counter(document.id for document in documents).items() if count > 1]
    if twice:
        raise UserError(
            f"{len(twice)} ids stand for two of the training and unlabelled documents, e.g. {twice[0]}",
            hint="A document to learn from may not be among corpus.unlabelled too.",
        )


def _key(document: Example) -> str:
    return f"id:{document.id}"  # an id may be anything, also what safetensors keeps for itself (__metadata__)


def _store(file: Path, teacher: Teacher, documents: Iterable[Example]) -> None:
    told = {}
    for document in documents:
        probabilities = np.ascontiguousarray(teacher.tell(document), dtype=np.float32)
        if not np.isfinite(probabilities).all():
            raise UserError(
                f"document {document.id}: the output of {file.stem} is not finite",
                hint="Its training diverged: lower train.learning_rate.",
            )
        told[_key(document)] = probabilities
    with atomic(file) as part:
        save_file(told, part, metadata={FIGURES: json.dumps(teacher.figures)})


def _figures(file: Path) -> dict[str, Any]:
    with safe_open(file, framework="numpy") as stored:
        figures: dict[str, Any] = json.loads(stored.metadata()[FIGURES])
    return figures


def _mean(files: Iterable[Path], documents: Iterable[Example]) -> dict[str, Probabilities]:
    """One document at a time, so that what all teachers say need not fit into memory."""
    with ExitStack() as stack:
        opened = [stack.enter_context(safe_open(file, framework="numpy")) for file in files]
        asked = [(frozenset(file.keys()), file) for file in opened]
        means: dict[str, Probabilities] = {}
        for document in documents:
            told = [file.get_tensor(_key(document)) for keys, file in asked if _key(document) in keys]
            means[document.id] = np.asarray(np.mean(told, axis=0, dtype=np.float64), dtype=np.float32)
    return means
