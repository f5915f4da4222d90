"""What a tracker is told of a training, and what a tracker must be able to do."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from spanwise.io import flat

LOCK_TAG = "spanwise.lock"
"""Under which a tracker keeps `Run.key`."""


@dataclass(frozen=True)
class Run:
    """One run, as trackers name it.

    Attributes:
        name: `run_name` of its training.
        project: wandb's project, MLflow's experiment.
        group: What it is grouped by; None leaves it alone.
        parameters: The settings, as nested as they are.
        key: What makes two runs the same: of a finished run the digest of its `dvc.lock`; None for a training
            that goes on, which is like no other.
    """

    name: str
    project: str
    group: str | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    key: str | None = None

    @property
    def identity(self) -> str:
        """A name that no other run has; the same for the same key."""
        # From the system: the global random state belongs to the training.
        return f"{self.name}-{self.key[:8] if self.key else os.urandom(4).hex()}"


class Tracker(Protocol):
    """One tool that records one run; any call may raise anything."""

    def has(self, run: Run) -> bool:
        """Whether a run of this key was recorded to its end."""
        ...

    def start(self, run: Run) -> None:
        """Begin a record, in place of one of the same key that was cut off."""
        ...

    def log(self, step: int, figures: Mapping[str, float]) -> None:
        """Add a point of the curves after so many updates of the weights."""
        ...

    def summarise(self, figures: Mapping[str, float]) -> None:
        """Say what it all came to."""
        ...

    def store(self, name: str, files: Sequence[Path]) -> None:
        """Keep copies of files under a name."""
        ...

    def close(self, *, completed: bool) -> None:
        """End the record."""
        ...


def tracking_folder(root: Path = Path()) -> Path:
    """Where the runs of the repository in `root` are recorded.

    In a stage `$DVC_ROOT` names the repository: the workspace of a queued experiment is deleted after it.
    """
    return Path(os.environ.get("DVC_ROOT", root)).absolute() / ".tracking"


def numbers(values: Mapping[str, Any]) -> dict[str, float]:
    """The finite numbers among nested values, with dotted keys: all that trackers may be told of results."""
    return {
        key: value
        for key, value in flat(values).items()
        if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    }
