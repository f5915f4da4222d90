"""DVCLive: into files of its own, apart from the pipeline, which DVC would otherwise have to track."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from spanwise.tracking.liveness import is_complete, mark_complete
from spanwise.tracking.run import Run


class DvcliveTracker:
    """Records one run with DVCLive.

    Args:
        folder: Where runs are kept, each in a folder of its own in `dvclive`.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._live: Any = None

    def has(self, run: Run) -> bool:
        """Whether a run of this key was recorded to its end."""
        return run.key is not None and is_complete(self._folder(run))

    def _folder(self, run: Run) -> Path:
        return self.folder / "dvclive" / run.identity

    def start(self, run: Run) -> None:
        """Begin a record; it neither writes to dvc.yaml, which a default one would, nor makes experiments."""
        from dvclive.live import Live

        self._live = Live(str(self._folder(run)), dvcyaml=None, save_dvc_exp=False)
        self._live.log_params(dict(run.parameters))

    def log(self, step: int, figures: Mapping[str, float]) -> None:
        """Add a point of the curves."""
        self._live.step = step
        for name, value in figures.items():
            self._live.log_metric(name, value)
        self._live.make_summary()

    def summarise(self, figures: Mapping[str, float]) -> None:
        """Add figures without steps."""
        for name, value in figures.items():
            self._live.log_metric(name, value, plot=False)
        self._live.make_summary()

    def store(self, name: str, files: Sequence[Path]) -> None:
        """Nothing: DVC itself keeps what a stage writes."""

    def close(self, *, completed: bool) -> None:
        """End the record."""
        if self._live is None:
            return
        self._live.end()
        if completed:
            mark_complete(Path(self._live.dir))
