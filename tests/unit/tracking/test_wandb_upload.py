"""Runs that wandb recorded offline reach its server, once, and nothing hangs where there is none."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from spanwise.tracking.wandb_tracker import WandbTracker
from spanwise.tracking.wandb_upload import obstacle, pending, upload
from tests.extras import needs
from tests.trackers import RUN, WandbServer

pytestmark = [needs("wandb"), pytest.mark.usefixtures("wandb_anew")]


def record(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setenv("WANDB_MODE", "offline")
        tracker = WandbTracker(folder)
        tracker.start(RUN)
        assert pending(folder) == {}, "it is being recorded"
        tracker.log(4, {"train_loss": 1.5})
        tracker.close(completed=True)


def test_a_run_is_uploaded_once(
    tmp_path: Path, wandb_server: WandbServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    record(tmp_path, monkeypatch)
    [(run, name)] = pending(tmp_path).items()
    assert name.startswith(RUN.name)
    assert wandb_server.runs == []
    assert obstacle(tmp_path) is None
    assert upload(run, seconds=60) is None
    assert {run["name"] for run in wandb_server.runs} == {name}
    assert any("train_loss" in lines for lines in wandb_server.lines)
    assert set(wandb_server.files) == {"config.yaml", "wandb-summary.json"}
    assert pending(tmp_path) == {}


def test_a_server_that_never_answers_costs_the_time_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record(tmp_path, monkeypatch)
    [run] = pending(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as server:  # takes connections, and says nothing
        monkeypatch.setenv("WANDB_BASE_URL", f"http://127.0.0.1:{server.getsockname()[1]}")
        monkeypatch.setenv("WANDB_API_KEY", "k" * 40)
        assert upload(run, seconds=3) == "not uploaded within 3 s"
    assert list(pending(tmp_path)) == [run]


def test_a_refusal_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    record(tmp_path, monkeypatch)
    [run] = pending(tmp_path)
    monkeypatch.setenv("WANDB_API_KEY", "short")
    why = upload(run, seconds=60)
    assert why is not None
    assert "within" not in why
    assert list(pending(tmp_path)) == [run]


def test_what_stands_in_the_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert obstacle(tmp_path) == "$WANDB_API_KEY is not set"
    monkeypatch.setenv("WANDB_API_KEY", "k" * 40)
    monkeypatch.setenv("WANDB_BASE_URL", "http://127.0.0.1:9")
    assert obstacle(tmp_path) == "http://127.0.0.1:9 does not answer"
