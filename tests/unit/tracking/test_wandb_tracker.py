"""What wandb keeps of a run, read back from its files."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from spanwise.tracking.liveness import is_held
from spanwise.tracking.run import Run
from spanwise.tracking.wandb_tracker import RECORDING, WandbTracker, can_upload
from tests.extras import needs
from tests.trackers import RUN, WandbServer, read_records

pytestmark = [needs("wandb"), pytest.mark.usefixtures("wandb_anew")]


def record(folder: Path, run: Run = RUN, *, completed: bool = True, files: list[Path] | None = None) -> Path:
    """Record a run, and give back its folder."""
    tracker = WandbTracker(folder)
    tracker.start(run)
    tracker.log(4, {"train_loss": 1.5, "learning_rate": 0.01})
    tracker.log(8, {"train_loss": 0.5})
    tracker.summarise({"best_score": 0.75})
    if files:
        tracker.store("model", files)
    newest = max((folder / "wandb").glob("*run-*"), key=lambda path: path.stat().st_mtime_ns)
    assert is_held(newest / RECORDING)
    tracker.close(completed=completed)
    assert not is_held(newest / RECORDING)
    return newest


def merged(entries: list[dict[str, Any]], kind: str, key: str = "update") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for entry in entries:
        if entry["type"] == kind:
            found |= entry[kind][key]
    return found


def test_a_run_without_a_key_is_recorded_offline(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "openai", raising=False)  # wandb advertises where another test loaded it
    weights = tmp_path / "model.safetensors"
    weights.write_bytes(b"weights")
    folder = record(tmp_path, files=[weights])
    assert folder.name.startswith("offline-run-")
    [file] = folder.glob("*.wandb")
    entries = read_records(file)
    [begun] = [entry["run"] for entry in entries if entry["type"] == "run"]
    assert (begun["project"], begun["run_group"], begun["display_name"]) == ("notes", "a group", RUN.name)
    assert begun["run_id"].startswith(RUN.name)
    settings = begun["config"]["update"]
    assert settings.pop("_wandb") == {}
    assert settings == RUN.parameters
    history = [entry["history"]["item"] for entry in entries if entry["type"] == "history"]
    assert [(item["_step"], item["train_loss"]) for item in history] == [(4, 1.5), (8, 0.5)]
    assert merged(entries, "summary")["best_score"] == 0.75
    [artifact] = [entry["artifact"] for entry in entries if entry["type"] == "artifact"]
    [content] = artifact["manifest"]["contents"]
    assert content["path"] == "model.safetensors"
    assert Path(content["local_path"]).is_relative_to(tmp_path)
    assert Path(content["local_path"]).read_bytes() == b"weights"
    assert entries[-1]["exit"]["exit_code"] == 0
    assert capfd.readouterr() == ("", "")


def test_of_machine_program_and_code_nothing_is_recorded(tmp_path: Path) -> None:
    folder = record(tmp_path)
    [file] = folder.glob("*.wandb")
    entries = read_records(file)
    assert {entry["type"] for entry in entries} <= {
        "header",
        "run",
        "telemetry",
        "summary",
        "history",
        "exit",
    }
    [begun] = [entry["run"] for entry in entries if entry["type"] == "run"]
    assert set(begun) == {
        "config", "display_name", "project", "run_group", "run_id", "start_time", "telemetry",
    }  # fmt: skip
    told = {"cli_version", "feature", "huggingface_version", "imports_init", "platform", "python_version"}
    assert set(begun["telemetry"]) <= told  # versions, and which libraries are in memory
    assert [path.name for path in (folder / "files").glob("*")] == []


def test_a_failed_run_says_so(tmp_path: Path) -> None:
    [file] = record(tmp_path, completed=False).glob("*.wandb")
    assert read_records(file)[-1]["exit"]["exit_code"] == 1


def test_a_finished_run_is_recorded_once(tmp_path: Path) -> None:
    run = replace(RUN, key="0123456789abcdef")
    tracker = WandbTracker(tmp_path)
    assert not tracker.has(run)
    cut_off = record(tmp_path, run, completed=False)
    assert not tracker.has(run)
    whole = record(tmp_path, run)
    assert whole.name.endswith("-tiny_20260131-184502-01234567")
    assert tracker.has(run)
    assert not tracker.has(replace(run, key="f" * 16))
    assert not tracker.has(RUN)
    assert not cut_off.exists() or cut_off == whole  # both may have begun in one second


def test_with_a_key_and_a_server_a_run_goes_there(tmp_path: Path, wandb_server: WandbServer) -> None:
    folder = record(tmp_path)
    assert folder.name.startswith("run-")
    assert wandb_server.runs[0]["displayName"] == RUN.name
    assert any("train_loss" in lines for lines in wandb_server.lines)
    [mark] = folder.glob("*.wandb.synced")
    assert mark.is_file()


@pytest.mark.parametrize("mode", ["offline", "disabled", "dryrun"])
def test_the_mode_of_the_environment_holds(
    mode: str, wandb_server: WandbServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert can_upload()
    monkeypatch.setenv("WANDB_MODE", mode)
    assert not can_upload()


def test_a_key_without_a_server_is_not_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WANDB_API_KEY", "k" * 40)
    monkeypatch.setenv("WANDB_BASE_URL", "http://127.0.0.1:9")
    assert not can_upload()


def test_what_was_never_begun_is_closed_silently(tmp_path: Path) -> None:
    WandbTracker(tmp_path).close(completed=True)
    assert list(tmp_path.iterdir()) == []
