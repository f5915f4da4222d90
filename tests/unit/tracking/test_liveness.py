"""A lock tells which records are being written."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from spanwise.tracking.liveness import hold, is_complete, is_held, mark_complete


def test_a_record_is_held_until_it_is_released(tmp_path: Path) -> None:
    path = tmp_path / "run" / "lock"
    assert not is_held(path)
    lock = hold(path)
    assert is_held(path)
    lock.release()
    assert not is_held(path)


def test_a_killed_process_holds_nothing(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    code = (
        "import os, pathlib, sys; from spanwise.tracking.liveness import hold; "
        "lock = hold(pathlib.Path(sys.argv[1])); os.kill(os.getpid(), 9)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], check=False)
    assert done.returncode == -9
    assert path.exists()
    assert not is_held(path)


def test_a_record_is_complete_when_it_was_marked(tmp_path: Path) -> None:
    assert not is_complete(tmp_path)
    mark_complete(tmp_path)
    assert is_complete(tmp_path)
