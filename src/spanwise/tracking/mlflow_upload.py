"""Copying runs from the local MLflow database to a server."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from spanwise.tracking.liveness import is_held
from spanwise.tracking.mlflow_tracker import (
    connect,
    experiment,
    local_uri,
    lock_of,
    log_metrics,
    log_parameters,
)
from spanwise.tracking.network import answers, is_remote
from spanwise.tracking.recorder import reason, within

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Experiment, Run

SENT, SOURCE = "spanwise.sent", "spanwise.source"
"""Tags: where a local run was copied to, and which local run a copy was made from."""
INTERNAL = "mlflow."
"""What tags begin with that MLflow sets itself."""


def has_records(folder: Path) -> bool:
    """Whether anything was recorded here."""
    return (folder / "mlflow" / "mlflow.db").is_file()


def pending(folder: Path, uri: str) -> dict[str, str]:
    """The id of each local run that was not copied to `uri` and is not being recorded, with its name."""
    client = connect(local_uri(folder), folder)
    runs = sorted(_runs(client), key=lambda run: (run.info.start_time, run.info.run_id))
    return {
        run.info.run_id: str(run.info.run_name)
        for run in runs
        if run.data.tags.get(SENT) != uri and not is_held(lock_of(folder, run.info.run_id))
    }


def obstacle(uri: str) -> str | None:
    """Why nothing can be copied now; None if it can be tried."""
    return f"{uri} does not answer" if is_remote(uri) and not answers(uri) else None


def upload(run_id: str, folder: Path, uri: str, *, seconds: float) -> str | None:
    """Copy one run; what was copied before, to whatever point, is not copied twice.

    Returns:
        Why it is not copied; None if it is.
    """
    error = within(seconds, lambda: _copy(run_id, folder, uri))
    return None if error is None else reason(error)


def _copy(run_id: str, folder: Path, uri: str) -> None:
    local, remote = connect(local_uri(folder), folder), connect(uri, folder)
    run = local.get_run(run_id)
    target = experiment(remote, _experiment(local, run).name, None)
    copy_id = _begun(remote, target, run)
    log_parameters(remote, copy_id, run.data.params)
    for name in sorted(run.data.metrics):
        # Of two points of the same name, step, time and value MLflow keeps one.
        log_metrics(remote, copy_id, local.get_metric_history(run_id, name))
    with tempfile.TemporaryDirectory(prefix="spanwise-") as scratch:
        if local.list_artifacts(run_id):
            remote.log_artifacts(copy_id, local.download_artifacts(run_id, "", scratch))
    # A run that nobody records any more and that did not end was killed.
    status = "KILLED" if run.info.status == "RUNNING" else run.info.status
    remote.set_terminated(copy_id, status, end_time=run.info.end_time)
    local.set_tag(run_id, SENT, uri)


def _begun(remote: MlflowClient, target: str, run: Run) -> str:
    """The id of the copy of `run`: of one that was cut off, or else of a new one."""
    found = remote.search_runs([target], f"tags.`{SOURCE}` = '{run.info.run_id}'", max_results=1)
    if found:
        return str(found[0].info.run_id)
    tags = {key: value for key, value in run.data.tags.items() if not key.startswith(INTERNAL)}
    copy = remote.create_run(
        target,
        start_time=run.info.start_time,
        run_name=run.info.run_name,
        tags={**tags, SOURCE: run.info.run_id},
    )
    return str(copy.info.run_id)


def _experiment(client: MlflowClient, run: Run) -> Experiment:
    return client.get_experiment(run.info.experiment_id)


def _runs(client: MlflowClient) -> Iterator[Run]:
    """All runs of all experiments."""
    for each in client.search_experiments():
        token: str | None = None
        while token != "":
            page = client.search_runs([each.experiment_id], page_token=token)
            yield from page
            token = page.token or ""
