"""What a task is: one problem, told as functions."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import spanwise.tasks
from spanwise.errors import UserError
from spanwise.schema import Example, Prediction


@dataclass(frozen=True)
class Task:
    """One problem; the stages know nothing else about it."""

    tier: Callable[[Sequence[Example], Mapping[str, int]], Mapping[str, str]]
    """Examples and the smallest count of each tier -> the tier of each label."""
    headline: Callable[[Sequence[Prediction]], float]
    """The task's one number, 0 to 1: what early stopping watches and reports show first."""


def load_task(kind: str) -> Task:
    """The task in the module `spanwise.tasks.<kind>`.

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
