"""`spanwise sync` with runs that were recorded offline."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner, Result

from spanwise import console
from spanwise.cli.sync import sync
from spanwise.tracking.mlflow_tracker import MlflowTracker
from spanwise.tracking.recorder import recording
from spanwise.tracking.wandb_tracker import WandbTracker
from tests.extras import needs
from tests.trackers import RUN, WandbServer, write_run

pytestmark = [needs("wandb", "mlflow"), pytest.mark.usefixtures("wandb_anew")]

app = console.app("Sync.")
app.command()(sync)


@pytest.fixture
def root(tmp_path: Path, folder: Path) -> Path:
    """A repository with a run of each tool."""
    write_run(tmp_path)
    with recording(RUN, {"wandb": WandbTracker(folder), "mlflow": MlflowTracker(folder)}) as recorder:
        recorder.log(4, {"train_loss": 1.5})
    assert recorder.outcomes == {"wandb": "recorded", "mlflow": "recorded"}
    return tmp_path


def invoke(root: Path, *words: str) -> Result:
    return CliRunner().invoke(app, ["--params", str(root / "params.yaml"), *words])


def send_to(root: Path, uri: str) -> None:
    settings = yaml.safe_load((root / "params.yaml").read_text())
    settings["tracking"]["mlflow_uri"] = uri
    (root / "params.yaml").write_text(yaml.safe_dump(settings))


def test_everything_is_sent_once(root: Path, remote: str, wandb_server: WandbServer) -> None:
    send_to(root, remote)
    listed = invoke(root, "--dry-run")
    assert listed.exit_code == 0, listed.output
    assert [line.partition("-")[0] for line in listed.stdout.splitlines()] == [
        "pending: wandb: tiny_20260131",
        "pending: mlflow: tiny_20260131",
    ]
    assert wandb_server.runs == []
    done = invoke(root)
    assert done.exit_code == 0, done.output
    assert [line.partition(": sent")[1] for line in done.stdout.splitlines()] == [": sent"] * 2
    assert "1/2 wandb: tiny_20260131" in done.stdout
    requests = len(wandb_server.runs)
    again = invoke(root)
    assert (again.exit_code, again.stdout) == (0, "Nothing is pending.\n")
    assert len(wandb_server.runs) == requests


def test_what_is_left_is_named(root: Path) -> None:
    send_to(root, "http://127.0.0.1:9")
    listed = invoke(root, "--dry-run")
    assert listed.exit_code == 0
    assert "$WANDB_API_KEY is not set" in listed.stdout
    done = invoke(root)
    assert done.exit_code == 1
    assert "error: 2 of 2 runs are not sent:" in done.stderr
    assert "  mlflow: tiny_20260131-184502: http://127.0.0.1:9 does not answer" in done.stderr


def test_one_tool_alone(root: Path, remote: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", remote)
    done = invoke(root, "--tool", "mlflow")
    assert done.exit_code == 0, done.output
    assert "1/1 mlflow: tiny_20260131-184502: sent in" in done.stdout


def test_without_a_server_mlflow_keeps_its_runs(root: Path) -> None:
    done = invoke(root, "--tool", "mlflow")
    assert done.exit_code == 0
    assert "neither tracking.mlflow_uri nor $MLFLOW_TRACKING_URI is set" in done.stdout


def test_a_repository_without_runs(tmp_path: Path) -> None:
    write_run(tmp_path)
    done = invoke(tmp_path)
    assert (done.exit_code, done.stdout) == (0, "Nothing is pending.\n")
