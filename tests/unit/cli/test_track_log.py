"""`spanwise track-log` with finished runs of the workspace and of other revisions."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from spanwise import console
from spanwise.cli.track_log import track_log
from spanwise.tracking.mlflow_tracker import connect, local_uri
from tests.extras import needs
from tests.trackers import MARKER, read_records, write_run

pytestmark = [
    needs("wandb", "mlflow", "dvclive"),
    pytest.mark.usefixtures("settings_of_its_own", "wandb_anew"),
]

app = console.app("Track.")
app.command()(track_log)


def invoke(root: Path, *words: str) -> Result:
    return CliRunner().invoke(app, ["--params", str(root / "params.yaml"), *words])


def runs(folder: Path) -> list[Any]:
    client = connect(local_uri(folder), folder)
    return list(client.search_runs([each.experiment_id for each in client.search_experiments()]))


def test_the_run_of_the_workspace_is_logged_once(tmp_path: Path, folder: Path) -> None:
    write_run(tmp_path)
    words = ["--tool", "mlflow", "--tool", "wandb", "--tool", "dvclive"]
    done = invoke(tmp_path, *words)
    assert done.exit_code == 0, done.output
    assert done.stdout.splitlines() == [
        f"{tool}: tiny_20260131-184502: recorded" for tool in ("mlflow", "wandb", "dvclive")
    ]
    again = invoke(tmp_path, *words)
    assert again.exit_code == 0, again.output
    assert again.stdout.count("had it already") == 3
    [run] = runs(folder)
    assert run.data.params["seed"] == "13"
    assert run.data.metrics["evaluate.test.strict.micro.f1"] == 0.7
    client = connect(local_uri(folder), folder)
    history = client.get_metric_history(run.info.run_id, "validation_loss")
    assert [(point.step, point.value) for point in history] == [(4, 1.25), (8, 0.75)]
    [record] = (folder / "wandb").glob("offline-run-*/*.wandb")
    assert sum(entry["type"] == "history" for entry in read_records(record)) == 2
    assert len(list((folder / "dvclive").iterdir())) == 1
    for file in folder.rglob("*"):
        assert not file.is_file() or MARKER.encode() not in file.read_bytes(), file


def test_a_run_of_another_revision_is_logged(tmp_path: Path, folder: Path) -> None:
    def git(*words: str) -> None:
        subprocess.run(["git", *words], cwd=tmp_path, check=True)

    write_run(tmp_path)
    git("init", "-q", "-b", "main")
    git("config", "user.name", "test")
    git("config", "user.email", "test@example.org")
    subprocess.run([sys.executable, "-m", "dvc", "init", "-q"], cwd=tmp_path, check=True)
    (tmp_path / ".gitignore").write_text("/.tracking/\n")
    git("add", "-A")
    git("commit", "-q", "-m", "run")
    (tmp_path / "dvc.lock").write_text("another")
    for words in (["HEAD"], []):
        done = invoke(tmp_path, *words, "--tool", "mlflow")
        assert done.exit_code == 0, done.output
    assert len(runs(folder)) == 2


def test_a_tool_that_fails_is_named(tmp_path: Path) -> None:
    write_run(tmp_path)
    (tmp_path / ".tracking").write_text("in the way")
    done = invoke(tmp_path, "--tool", "dvclive")
    assert done.exit_code == 1
    assert "error: tiny_20260131-184502 is not in dvclive" in done.stderr
    assert "failed: " in done.stdout


def test_without_a_tool_there_is_nothing_to_do(tmp_path: Path) -> None:
    write_run(tmp_path)
    done = invoke(tmp_path)
    assert done.exit_code == 1
    assert "error: no tool to log to" in done.stderr
