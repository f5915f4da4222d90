"""MLflow: into the server that is named and answers, else into a SQLite file that `spanwise sync` copies."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spanwise.io import flat
from spanwise.tracking.liveness import hold
from spanwise.tracking.network import answers, is_remote
from spanwise.tracking.run import LOCK_TAG, Run

if TYPE_CHECKING:
    from mlflow import MlflowClient

METRICS_AT_ONCE, PARAMETERS_AT_ONCE = 1000, 100
"""What MLflow takes in one call."""
FORBIDDEN = re.compile(r"[^/\w.\- ]")
"""What MLflow's names of metrics cannot hold, but those of labels may."""


class MlflowTracker:
    """Records one run with MLflow.

    Args:
        folder: Where runs are kept, in the folder `mlflow`.
        uri: Of the server; None is `$MLFLOW_TRACKING_URI`, or else the file in `folder`.
    """

    def __init__(self, folder: Path, uri: str | None = None) -> None:
        self.folder = folder
        self.uri = uri or os.environ.get("MLFLOW_TRACKING_URI") or None
        self._client: Any = None
        self._id = ""
        self._lock: Any = None

    def has(self, run: Run) -> bool:
        """Whether a run of this key was recorded to its end, by whomever."""
        return any(found.info.status == "FINISHED" for found in self._found(run))

    def start(self, run: Run) -> None:
        """Begin a record; MLflow's client, unlike its fluent functions, adds no facts on machine and code."""
        for found in self._found(run):
            self._client.delete_run(found.info.run_id)
        tags = {"group": run.group, LOCK_TAG: run.key}
        started = self._client.create_run(
            self._experiment(run),
            run_name=run.name,  # without it MLflow would draw one from the global random state
            tags={name: value for name, value in tags.items() if value is not None},
        )
        self._id = started.info.run_id
        self._lock = hold(lock_of(self.folder, self._id))
        log_parameters(self._client, self._id, flat(run.parameters))

    def _found(self, run: Run) -> Sequence[Any]:
        """The runs of the same key."""
        home = self._experiment(run)
        if run.key is None:
            return []
        found: Sequence[Any] = self._client.search_runs([home], f"tags.`{LOCK_TAG}` = '{run.key}'")
        return found

    def _experiment(self, run: Run) -> str:
        """The id of MLflow's experiment, for which the server is chosen that is there."""
        uri, artifacts = self.uri, None
        if uri is None or (is_remote(uri) and not answers(uri)):
            uri, artifacts = local_uri(self.folder), (self.folder / "mlflow" / "artifacts").as_uri()
        self._client = self._client or connect(uri, self.folder)
        return experiment(self._client, run.project, artifacts)

    def log(self, step: int, figures: Mapping[str, float]) -> None:
        """Add a point of the curves."""
        from mlflow.entities import Metric

        now = time.time_ns() // 10**6
        points = [Metric(FORBIDDEN.sub("_", name), value, now, step) for name, value in figures.items()]
        log_metrics(self._client, self._id, points)

    def summarise(self, figures: Mapping[str, float]) -> None:
        """Add figures without steps."""
        self.log(0, figures)

    def store(self, name: str, files: Sequence[Path]) -> None:
        """Keep the files in the folder `name` of the run's artifacts."""
        for file in files:
            self._client.log_artifact(self._id, str(file), name)

    def close(self, *, completed: bool) -> None:
        """End the record."""
        if self._lock is None:
            return
        try:
            self._client.set_terminated(self._id, "FINISHED" if completed else "FAILED")
        finally:
            self._lock.release()
            lock_of(self.folder, self._id).unlink(missing_ok=True)


def connect(uri: str, folder: Path) -> MlflowClient:
    """A client, which makes the tables of a new SQLite file; two at once would spoil it.

    Args:
        uri: Of a server or a database.
        folder: Where the local database is kept.
    """
    # An answer that takes minutes would hold up the training; the default is 120 s, and 7 trials.
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "20")
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "2")
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    from filelock import FileLock
    from mlflow import MlflowClient

    (folder / "mlflow").mkdir(parents=True, exist_ok=True)
    with FileLock(folder / "mlflow" / "tables.lock"):
        return MlflowClient(uri)


def local_uri(folder: Path) -> str:
    """The SQLite file that runs are recorded in without a server."""
    return f"sqlite:///{folder / 'mlflow' / 'mlflow.db'}"


def lock_of(folder: Path, run_id: str) -> Path:
    """What is held while a run is recorded."""
    return folder / "mlflow" / f"{run_id}.lock"


def experiment(client: MlflowClient, name: str, artifacts: str | None) -> str:
    """The id of MLflow's experiment of a name, made where there is none.

    Args:
        client: Of the server or database.
        name: Of the experiment.
        artifacts: The URI of the folder for what its runs store; None leaves it to the server.
    """
    from mlflow.exceptions import MlflowException

    found = client.get_experiment_by_name(name)
    if found is None:
        try:
            return client.create_experiment(name, artifact_location=artifacts)
        except MlflowException:  # another training was quicker
            found = client.get_experiment_by_name(name)
            if found is None:
                raise
    return str(found.experiment_id)


def log_metrics(client: MlflowClient, run_id: str, points: Sequence[Any]) -> None:
    """Log MLflow's `Metric`s, as many in a call as it takes."""
    for start in range(0, len(points), METRICS_AT_ONCE):
        client.log_batch(run_id, metrics=points[start : start + METRICS_AT_ONCE])


def log_parameters(client: MlflowClient, run_id: str, parameters: Mapping[str, Any]) -> None:
    """Log settings, as many in a call as MLflow takes."""
    from mlflow.entities import Param

    params = [Param(name, str(value)) for name, value in parameters.items()]
    for start in range(0, len(params), PARAMETERS_AT_ONCE):
        client.log_batch(run_id, params=params[start : start + PARAMETERS_AT_ONCE])
