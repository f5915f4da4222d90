"""Runs of the local MLflow database reach another, once."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from spanwise.tracking import mlflow_upload
from spanwise.tracking.mlflow_tracker import MlflowTracker, connect, local_uri
from spanwise.tracking.mlflow_upload import obstacle, pending, upload
from tests.extras import needs
from tests.trackers import RUN

pytestmark = [needs("mlflow"), pytest.mark.usefixtures("without_credentials")]


if TYPE_CHECKING or find_spec("mlflow"):
    from mlflow import MlflowClient


def record(folder: Path) -> MlflowTracker:
    """A run that is not closed yet."""
    weights = folder / "model.safetensors"
    weights.write_bytes(b"weights")
    tracker = MlflowTracker(folder)
    tracker.start(RUN)
    tracker.log(4, {"train_loss": 1.5})
    tracker.log(8, {"train_loss": 0.5})
    tracker.store("model", [weights])
    return tracker


def test_a_run_is_copied_once(folder: Path, remote: str, tmp_path: Path) -> None:
    record(folder).close(completed=True)
    [(run_id, name)] = pending(folder, remote).items()
    assert name == RUN.name
    assert upload(run_id, folder, remote, seconds=60) is None
    assert pending(folder, remote) == {}
    assert upload(run_id, folder, remote, seconds=60) is None

    client = MlflowClient(remote)
    home = client.get_experiment_by_name("notes")
    assert home is not None
    [copy] = client.search_runs([home.experiment_id])
    [source] = [MlflowClient(local_uri(folder)).get_run(run_id)]
    assert (copy.data.params, copy.data.metrics) == (source.data.params, source.data.metrics)
    assert copy.data.tags["group"] == "a group"
    assert copy.info.status == "FINISHED"
    assert (copy.info.start_time, copy.info.end_time) == (source.info.start_time, source.info.end_time)
    history = client.get_metric_history(copy.info.run_id, "train_loss")
    assert [(point.step, point.value) for point in history] == [(4, 1.5), (8, 0.5)]
    stored = client.download_artifacts(copy.info.run_id, "model/model.safetensors", str(tmp_path))
    assert Path(stored).read_bytes() == b"weights"


def test_a_copy_that_was_cut_off_is_made_whole(
    folder: Path, remote: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    record(folder).close(completed=True)
    [run_id] = pending(folder, remote)

    def fail(*_: object, **__: object) -> None:
        raise ConnectionError("gone")

    with monkeypatch.context() as patch:
        patch.setattr(MlflowClient, "log_artifacts", fail)
        assert upload(run_id, folder, remote, seconds=60) == "ConnectionError: gone"
    assert list(pending(folder, remote)) == [run_id]
    assert upload(run_id, folder, remote, seconds=60) is None
    client = MlflowClient(remote)
    [copy] = client.search_runs([each.experiment_id for each in client.search_experiments()])
    assert len(client.get_metric_history(copy.info.run_id, "train_loss")) == 2


def test_a_run_that_is_being_recorded_waits_and_a_killed_one_does_not(folder: Path, remote: str) -> None:
    tracker = record(folder)
    assert pending(folder, remote) == {}
    tracker._lock.release()  # as the system does when a process is killed
    [run_id] = pending(folder, remote)
    assert upload(run_id, folder, remote, seconds=60) is None
    client = MlflowClient(remote)
    [copy] = client.search_runs([each.experiment_id for each in client.search_experiments()])
    assert copy.info.status == "KILLED"


def test_runs_of_several_pages_are_all_found(
    folder: Path, remote: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = connect(local_uri(folder), folder)
    home = client.create_experiment("notes")
    made = [client.create_run(home, run_name=f"run {number}").info.run_id for number in range(3)]
    search = MlflowClient.search_runs

    def one_a_page(self: MlflowClient, ids: list[str], page_token: str | None = None) -> object:
        return search(self, ids, max_results=1, page_token=page_token)

    monkeypatch.setattr(MlflowClient, "search_runs", one_a_page)
    assert set(pending(folder, remote)) == set(made)


def test_what_stands_in_the_way(remote: str) -> None:
    assert obstacle(remote) is None
    assert obstacle("http://127.0.0.1:9") == "http://127.0.0.1:9 does not answer"


def test_without_a_database_there_are_no_records(tmp_path: Path) -> None:
    assert not mlflow_upload.has_records(tmp_path)
