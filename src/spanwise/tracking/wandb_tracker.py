"""Weights & Biases: online with a key and a network, else into files that `spanwise sync` uploads."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from spanwise.tracking import credential
from spanwise.tracking.liveness import hold, is_complete, mark_complete
from spanwise.tracking.network import answers
from spanwise.tracking.run import LOCK_TAG, Run

KEY = "WANDB_API_KEY"
WAIT_S = 60.0
"""Seconds that wandb waits for its server, at the start and at the end."""
RECORDING, SYNCED = "recording.lock", ".wandb.synced"
"""A file that is held while the record beside it is written, and the ending of wandb's mark of an upload."""


class WandbTracker:
    """Records one run with wandb.

    Args:
        folder: Where runs are kept, in the folder `wandb`.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._run: Any = None
        self._lock: Any = None

    def has(self, run: Run) -> bool:
        """Whether a run of this key was recorded to its end, on this machine."""
        return any(is_complete(record) for record in self._records(run))

    def _records(self, run: Run) -> list[Path]:
        return [*(self.folder / "wandb").glob(f"*run-*-{run.identity}")] if run.key else []

    def start(self, run: Run) -> None:
        """Begin a record; of what wandb gathers by itself only its version and Python's stay on."""
        (self.folder / "wandb").mkdir(parents=True, exist_ok=True)
        use_environment(self.folder)
        for record in self._records(run):
            shutil.rmtree(record)
        import wandb

        self._run = wandb.init(
            project=run.project,
            group=run.group,
            name=run.name,
            id=run.identity,
            config={**run.parameters, **({LOCK_TAG: run.key} if run.key else {})},
            dir=str(self.folder),
            mode="online" if can_upload() else "offline",
            reinit="create_new",
            settings=wandb.Settings(
                console="off",
                disable_code=True,
                disable_git=True,
                save_code=False,
                host="",
                username="",
                program="",
                program_relpath="",
                silent=True,
                init_timeout=WAIT_S,
                finish_timeout=WAIT_S,
                finish_timeout_raises=True,
                x_disable_machine_info=True,
                x_disable_meta=True,
                x_disable_stats=True,
                x_save_requirements=False,
            ),
        )
        self._lock = hold(Path(self._run.settings.sync_dir) / RECORDING)

    def log(self, step: int, figures: Mapping[str, float]) -> None:
        """Add a point of the curves."""
        self._run.log(dict(figures), step=step)

    def summarise(self, figures: Mapping[str, float]) -> None:
        """Lay figures over those of the last point."""
        self._run.summary.update(dict(figures))

    def store(self, name: str, files: Sequence[Path]) -> None:
        """Keep the files as an artifact of the type `name`."""
        import wandb

        artifact = wandb.Artifact(f"{self._run.id}-{name}", type=name)
        for file in files:
            artifact.add_file(str(file))
        self._run.log_artifact(artifact)

    def close(self, *, completed: bool) -> None:
        """End the record, and mark it as uploaded if it was."""
        if self._run is None:
            return
        settings = self._run.settings
        try:
            self._run.finish(exit_code=0 if completed else 1)
            if completed:
                mark_complete(Path(settings.sync_dir))
            if settings.mode == "online":
                Path(settings.sync_file).with_suffix(SYNCED).touch()
        finally:
            self._lock.release()


def use_environment(folder: Path) -> None:
    """Let wandb keep all of its files in `folder`, and report no errors of its own to its makers."""
    os.environ.setdefault("WANDB_DATA_DIR", str(folder / "wandb" / "data"))
    os.environ.setdefault("WANDB_CACHE_DIR", str(folder / "wandb" / "cache"))
    os.environ.setdefault("WANDB_ERROR_REPORTING", "false")
    if key := credential(KEY):
        os.environ[KEY] = key


def can_upload() -> bool:
    """Whether there are a key and a server that answers, and `$WANDB_MODE` does not ask to stay offline."""
    if os.environ.get("WANDB_MODE", "online") != "online" or credential(KEY) is None:
        return False
    return answers(server())


def server() -> str:
    """The URL of wandb's server."""
    import wandb

    return str(wandb.setup().settings.base_url)
