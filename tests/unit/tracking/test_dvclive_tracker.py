"""What DVCLive keeps of a run, and that it leaves the pipeline alone."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from spanwise.tracking.dvclive_tracker import DvcliveTracker
from spanwise.tracking.run import Run
from tests.extras import needs
from tests.trackers import RUN

pytestmark = [needs("dvclive"), pytest.mark.usefixtures("settings_of_its_own", "without_credentials")]


def record(folder: Path, run: Run = RUN, *, completed: bool = True) -> Path:
    tracker = DvcliveTracker(folder)
    tracker.start(run)
    tracker.log(4, {"train_loss": 1.5})
    tracker.log(8, {"train_loss": 0.5})
    tracker.summarise({"best_score": 0.75})
    tracker.store("model", [])
    tracker.close(completed=completed)
    [found] = (folder / "dvclive").iterdir()
    return found


def test_a_run_is_kept_in_files(tmp_path: Path) -> None:
    found = record(tmp_path / ".tracking")
    assert found.name.startswith(RUN.name)
    assert yaml.safe_load((found / "params.yaml").read_text()) == RUN.parameters
    curve = (found / "plots" / "metrics" / "train_loss.tsv").read_text()
    assert curve.splitlines() == ["step\ttrain_loss", "4\t1.5", "8\t0.5"]
    summary = json.loads((found / "metrics.json").read_text())
    assert summary == {"train_loss": 0.5, "best_score": 0.75, "step": 8}


def test_a_finished_run_is_recorded_once(tmp_path: Path) -> None:
    run = replace(RUN, key="0123456789abcdef")
    tracker = DvcliveTracker(tmp_path)
    assert not tracker.has(run)
    record(tmp_path, run, completed=False)
    assert not tracker.has(run)
    assert record(tmp_path, run).name == f"{RUN.name}-01234567"
    assert tracker.has(run)
    assert not tracker.has(RUN)


def test_the_repository_stays_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(*words: str) -> str:
        return subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=True).stdout

    run("git", "init", "-q", "-b", "main")
    run("git", "config", "user.name", "test")
    run("git", "config", "user.email", "test@example.org")
    run(sys.executable, "-m", "dvc", "init", "-q")
    (tmp_path / "dvc.yaml").write_text("stages: {}\n")
    (tmp_path / ".gitignore").write_text("/.tracking/\n")
    run("git", "add", "-A")
    run("git", "commit", "-q", "-m", "first")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DVC_ROOT", str(tmp_path))  # as in a stage of `dvc exp run`
    monkeypatch.setenv("DVC_EXP_BASELINE_REV", run("git", "rev-parse", "HEAD").strip())
    monkeypatch.setenv("DVC_EXP_NAME", "trial")
    record(tmp_path / ".tracking")
    assert run("git", "status", "--porcelain") == ""
    assert run("git", "for-each-ref", "refs/exps") == ""


def test_what_was_never_begun_is_closed_silently(tmp_path: Path) -> None:
    DvcliveTracker(tmp_path).close(completed=True)
    assert list(tmp_path.iterdir()) == []
