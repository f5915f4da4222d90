"""What MLflow keeps of a run, read back from its database."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from spanwise.tracking.liveness import is_held
from spanwise.tracking.mlflow_tracker import MlflowTracker, connect, experiment, local_uri, lock_of
from spanwise.tracking.run import Run
from tests.extras import needs
from tests.trackers import RUN

pytestmark = [needs("mlflow"), pytest.mark.usefixtures("without_credentials")]


def record(folder: Path, run: Run = RUN, *, uri: str | None = None, completed: bool = True) -> None:
    tracker = MlflowTracker(folder, uri)
    tracker.start(run)
    tracker.log(4, {"train_loss": 1.5})
    tracker.log(8, {"train_loss": 0.5, "types.A<B>": 0.25})
    tracker.summarise({"best_score": 0.75})
    tracker.close(completed=completed)


def recorded(uri: str, folder: Path, project: str = "notes") -> list[Any]:
    client = connect(uri, folder)
    home = client.get_experiment_by_name(project)
    assert home is not None
    return list(client.search_runs([home.experiment_id]))


def test_a_run_is_kept_in_a_file(folder: Path) -> None:
    record(folder)
    uri = local_uri(folder)
    [run] = recorded(uri, folder)
    assert run.info.run_name == RUN.name
    assert run.info.status == "FINISHED"
    assert run.data.params == {"seed": "13", "train.epochs": "3", "train.layers": "{}"}
    assert run.data.metrics == {"train_loss": 0.5, "best_score": 0.75, "types.A_B_": 0.25}
    assert run.data.tags == {"mlflow.runName": RUN.name, "group": "a group"}
    history = connect(uri, folder).get_metric_history(run.info.run_id, "train_loss")
    assert [(point.step, point.value) for point in history] == [(4, 1.5), (8, 0.5)]


def test_what_it_stores_lies_beside_the_database(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"weights")
    tracker = MlflowTracker(folder)
    tracker.start(RUN)
    tracker.store("model", [tmp_path / "model.safetensors"])
    tracker.close(completed=True)
    [stored] = (folder / "mlflow" / "artifacts").glob("*/artifacts/model/*")
    assert stored.read_bytes() == b"weights"


def test_a_run_is_held_while_it_is_recorded(folder: Path) -> None:
    tracker = MlflowTracker(folder)
    tracker.start(RUN)
    [run] = recorded(local_uri(folder), folder)
    lock = lock_of(folder, run.info.run_id)
    assert is_held(lock)
    tracker.close(completed=False)
    assert not lock.exists()
    [run] = recorded(local_uri(folder), folder)
    assert run.info.status == "FAILED"


def test_a_finished_run_is_recorded_once(folder: Path) -> None:
    run = replace(RUN, key="0123456789abcdef")
    assert not MlflowTracker(folder).has(run)
    record(folder, run, completed=False)
    assert not MlflowTracker(folder).has(run)
    record(folder, run)
    assert MlflowTracker(folder).has(run)
    assert len(recorded(local_uri(folder), folder)) == 1
    assert not MlflowTracker(folder).has(RUN)


def test_more_settings_and_figures_than_one_call_takes(folder: Path) -> None:
    tracker = MlflowTracker(folder)
    tracker.start(replace(RUN, parameters={f"key{number}": number for number in range(150)}))
    tracker.summarise({f"figure{number}": number for number in range(1100)})
    tracker.close(completed=True)
    [run] = recorded(local_uri(folder), folder)
    assert len(run.data.params) == 150
    assert len(run.data.metrics) == 1100


@pytest.mark.parametrize("by_setting", [True, False])
def test_a_run_goes_where_settings_or_environment_say(
    by_setting: bool, folder: Path, remote: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not by_setting:
        monkeypatch.setenv("MLFLOW_TRACKING_URI", remote)
    record(folder, uri=remote if by_setting else None)
    assert len(recorded(remote, folder)) == 1
    assert connect(local_uri(folder), folder).get_experiment_by_name("notes") is None


def test_a_server_that_does_not_answer_leaves_the_file(folder: Path) -> None:
    record(folder, uri="http://127.0.0.1:9")
    assert len(recorded(local_uri(folder), folder)) == 1


def test_two_trainings_may_make_the_experiment_at_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from mlflow import MlflowClient

    client = connect(local_uri(folder), folder)
    asking = MlflowClient.get_experiment_by_name
    answers = iter([None])

    def late(self: MlflowClient, name: str) -> Any:
        return next(answers, ...) and asking(self, name)

    made = experiment(client, "notes", None)
    monkeypatch.setattr(MlflowClient, "get_experiment_by_name", late)
    assert experiment(client, "notes", None) == made


def test_what_was_never_begun_is_closed_silently(tmp_path: Path) -> None:
    MlflowTracker(tmp_path).close(completed=True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_a_new_database_gets_its_tables(tmp_path: Path) -> None:
    record(tmp_path)
    assert len(recorded(local_uri(tmp_path), tmp_path)) == 1
