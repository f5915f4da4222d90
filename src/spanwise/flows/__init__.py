"""What stages do that depends on the learner: one package a learner, one module a stage, each with a `run`.

`tagger` finds spans, `generator` writes texts. A stage loads the one module that it needs, so that editing
what another stage or another learner does runs nothing anew.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

import spanwise.flows
from spanwise.errors import UserError

if TYPE_CHECKING:
    from spanwise.schema import Prediction
    from spanwise.tasks.base import Scoring, Task

Settings = Mapping[str, Any]
Rows = Iterable[Sequence[object]]


@dataclass(frozen=True)
class Tables:
    """CSV files by their names, with one header."""

    columns: Sequence[str]
    rows: Mapping[str, Rows]


@dataclass(frozen=True)
class Trained:
    """What a training came to."""

    store: Callable[[Path], dict[str, Any]]
    """Stores the model in a folder, and tells what else lies there, for `metrics/train.json`."""
    summary: dict[str, Any]
    """What a tracker is told in the end."""
    figures: dict[str, Any]
    """For `metrics/train.json`."""
    curves: Tables
    tokens_per_s: float
    """Tokens learnt from, padding not counted, in a second of the training itself."""


@dataclass(frozen=True)
class Evaluated:
    """What a model found, in figures; its predictions lie in their folder."""

    figures: dict[str, Any]
    errors: dict[str, Any]
    robustness: dict[str, Any]
    types: Tables
    confusion: Tables


@dataclass(frozen=True)
class Benchmarked:
    """How fast a model is."""

    figures: dict[str, Any]
    batches: Tables
    lengths: Tables


class Train(Protocol):
    """Learn from the training side of `splits`, and choose on validation."""

    def __call__(
        self,
        splits: Path,
        *,
        model: Settings,
        recipe: Settings,
        score: Callable[[Sequence[Prediction]], float],
        seed: int,
        checkpoints: Path,
        log: Callable[[int, Mapping[str, float]], None],
    ) -> Trained:
        """Raises `UserError` if settings exclude each other, or training diverges."""


class Evaluate(Protocol):
    """Predict validation and test with `model`, and store the predictions in `folder`."""

    def __call__(
        self,
        splits: Path,
        model: Path,
        folder: Path,
        *,
        task: Task,
        scoring: Scoring,
        runtime: Settings,
        generation: Settings,
        robustness: Settings,
        bootstrap: Settings,
        threads: int | None,
        seed: int,
    ) -> Evaluated:
        """Raises `UserError` if the model or a side is missing or malformed."""


class Benchmark(Protocol):
    """Time `model` on the test side of `splits`."""

    def __call__(
        self,
        splits: Path,
        model: Path,
        *,
        task: Task,
        runtime: Settings,
        generation: Settings,
        benchmark: Settings,
        bootstrap: Settings,
        threads: int | None,
        seed: int,
    ) -> Benchmarked:
        """Raises `UserError` if the model or the side is missing or malformed."""


class Report(Protocol):
    """Tell the figures of all stages in the pages that `folder` is for."""

    def __call__(
        self,
        folder: Path,
        *,
        metrics: Path,
        plots: Path,
        predictions: Path,
        labels: Path,
        calibration: Path,
        title: str,
        task: str,
        corpus: str,
        unlabelled: Sequence[str],
        level: float,
        examples: int,
        seed: int,
    ) -> None:
        """Raises `UserError` if an input is missing, naming the command that makes it."""


def load_train(learner: str) -> Train:
    """What `train` does for a learner; see `_load`."""
    return cast("Train", _load(learner, "train"))


def load_evaluate(learner: str) -> Evaluate:
    """What `evaluate` does for a learner; see `_load`."""
    return cast("Evaluate", _load(learner, "evaluate"))


def load_benchmark(learner: str) -> Benchmark:
    """What `benchmark` does for a learner; see `_load`."""
    return cast("Benchmark", _load(learner, "benchmark"))


def load_report(learner: str) -> Report:
    """What `report` does for a learner; see `_load`."""
    return cast("Report", _load(learner, "report"))


def _load(learner: str, stage: str) -> Any:
    """The `run` of `spanwise.flows.<learner>.<stage>`.

    Raises:
        UserError: If there is no such learner.
    """
    learners = sorted(module.name for module in pkgutil.iter_modules(spanwise.flows.__path__))
    if learner not in learners:
        raise UserError(f"task.learner = {learner!r}: there is no such learner; valid: {', '.join(learners)}")
    return importlib.import_module(f"spanwise.flows.{learner}.{stage}").run
