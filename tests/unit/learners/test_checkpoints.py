"""Checkpoints: one folder for each distinct training, locked, and gone when all went well."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from spanwise.errors import UserError
from spanwise.learners.checkpoints import (
    checkpoint_folder,
    last_complete_checkpoint,
    resumable,
    training_digest,
)


@pytest.fixture(autouse=True)
def _root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DVC_ROOT", str(tmp_path))


def test_the_digest_tells_settings_and_contents_apart(tmp_path: Path) -> None:
    data, code = tmp_path / "train.jsonl", tmp_path / "training.py"
    data.write_text("one")
    code.write_text("pass")
    digest = training_digest("{}", [data, code])
    assert training_digest("{}", [code, data]) == digest
    assert training_digest("{ }", [data, code]) != digest
    data.write_text("two")
    assert training_digest("{}", [data, code]) != digest


def test_a_finished_training_leaves_nothing_behind(tmp_path: Path) -> None:
    with checkpoint_folder("abc") as folder:
        assert folder == tmp_path / ".checkpoints" / "abc"
        (folder / "checkpoint-1").mkdir()
    assert not folder.exists()


def test_a_failed_training_keeps_its_checkpoints() -> None:
    def fail() -> None:
        with checkpoint_folder("abc") as folder:
            (folder / "checkpoint-1").mkdir()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with checkpoint_folder("abc") as again:
        assert (again / "checkpoint-1").is_dir()


def test_a_second_process_at_the_same_training_stops() -> None:
    script = "from spanwise.learners.checkpoints import checkpoint_folder as c\nwith c('abc'): input()"
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdin is not None
        _wait_for_lock()
        with pytest.raises(UserError, match=rf"pid {other.pid}\) is training"), checkpoint_folder("abc"):
            pass
        other.stdin.close()
    with checkpoint_folder("abc") as folder:  # the lock went with the process
        assert folder.is_dir()


def _wait_for_lock() -> None:
    import os
    import time

    pid = Path(os.environ["DVC_ROOT"]) / ".checkpoints" / "abc.pid"
    while not (pid.is_file() and pid.read_text()):
        time.sleep(0.02)


def test_a_half_written_checkpoint_is_passed_over(tmp_path: Path) -> None:
    for step, state in ((9, "{}"), (10, "{}"), (11, None), (12, '{"epoch": 1')):
        folder = tmp_path / f"checkpoint-{step}"
        folder.mkdir()
        if state is not None:
            (folder / "trainer_state.json").write_text(state)
    assert last_complete_checkpoint(tmp_path) == tmp_path / "checkpoint-10"
    assert not (tmp_path / "checkpoint-11").exists()
    assert not (tmp_path / "checkpoint-12").exists()


def test_without_its_best_checkpoint_a_training_starts_anew(tmp_path: Path) -> None:
    folder = tmp_path / "training"
    assert resumable(folder) == (None, None)
    (folder / "checkpoint-10").mkdir(parents=True)
    state = '{"best_model_checkpoint": "/elsewhere/checkpoint-5", "stateful_callbacks": {}}'
    (folder / "checkpoint-10" / "trainer_state.json").write_text(state)
    assert resumable(folder) == (None, None)
    assert list(folder.iterdir()) == []
