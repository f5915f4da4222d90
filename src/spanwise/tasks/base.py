"""What a task is: one problem, told as functions."""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import spanwise.tasks
from spanwise.errors import UserError
from spanwise.schema import Example, Prediction


@dataclass(frozen=True)
class Answers:
    """What a task whose targets are texts says of the answers to them."""

    acceptable: Callable[[Prediction], bool]
    """Whether an answer may be shown without review, as far as that can be told without a reader."""
    details: Callable[[Prediction], dict[str, Any]]
    """What there is to tell of one answer, in JSON's types: `attributes.judged` of its prediction."""
    failures: Callable[[Sequence[Prediction]], dict[str, Any]]
    """What is wrong with answers, counted: `metrics/errors.json`."""
    strata: Callable[[Mapping[str, Any]], Sequence[Sequence[object]]]
    """The figures of `Scoring.score` -> rows of label, f1, low, high, support and tier."""
    confusion: Callable[[Sequence[Prediction]], Sequence[Sequence[object]]]
    """What was asked for, and what was given: rows of gold and predicted."""


@dataclass(frozen=True)
class Task:
    """One problem; the stages know nothing else about it."""

    tier: Callable[[Sequence[Example], Mapping[str, int]], Mapping[str, str]]
    """Examples and the smallest count of each tier -> the tier of each label."""
    headline: Callable[[Sequence[Prediction]], float]
    """The task's one number, 0 to 1: what early stopping watches and reports show first."""


@dataclass(frozen=True)
class Scoring:
    """What a task knows of its predictions beyond spans; nothing by default."""

    score: Callable[..., dict[str, Any]] | None = None
    """Further figures of one side: predictions, `samples`, `level` and `seed` -> figures."""
    answers: Answers | None = None
    """Of a task whose targets are texts."""


def load_task(kind: str) -> Task:
    """The task in the package `spanwise.tasks.<kind>`.

    Raises:
        UserError: If there is no such task.
    """
    kinds = sorted(module.name for module in pkgutil.iter_modules(spanwise.tasks.__path__))
    kinds.remove("base")
    if kind not in kinds:
        raise UserError(f"task.kind = {kind!r}: there is no such task; valid: {', '.join(kinds)}")
    task = importlib.import_module(f"spanwise.tasks.{kind}").TASK
    assert isinstance(task, Task)
    return task


def load_scoring(kind: str) -> Scoring:
    """What stands in `spanwise.tasks.<kind>.scoring`, if the task has such a module.

    It is apart from the task, as `evaluate` alone needs it, and all that it is made of.
    """
    name = f"spanwise.tasks.{kind}.scoring"
    if importlib.util.find_spec(name) is None:
        return Scoring()
    scoring = importlib.import_module(name).SCORING
    assert isinstance(scoring, Scoring)
    return scoring
