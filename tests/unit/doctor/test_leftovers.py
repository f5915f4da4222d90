from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from spanwise.doctor.finding import Finding
from spanwise.doctor.leftovers import examine_leftovers
from tests.unit.doctor.clones import dvc, obey, run


def found(root: Path) -> list[Finding]:
    return [finding for finding in examine_leftovers(root) if finding.level != "ok"]


@pytest.fixture
def gone() -> int:
    """The number of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


@pytest.fixture
def busy(clone: Path) -> Iterator[int]:
    """The number of a process that runs in a temporary workspace of an experiment."""
    workspace = clone / ".dvc" / "tmp" / "exps" / "tmpabc"
    workspace.mkdir(parents=True)
    process = subprocess.Popen(["sleep", "600"], cwd=workspace)
    yield process.pid
    process.kill()
    process.wait()


def lock(root: Path, pid: int, *, kind: str = "write") -> None:
    holder = {"pid": pid, "cmd": "dvc repro"}
    path = root / ".dvc" / "tmp" / "rwlock"
    path.parent.mkdir(parents=True, exist_ok=True)
    held = {"write": {"models": holder}} if kind == "write" else {"read": {"models": [holder]}}
    path.write_text(json.dumps(held))


def test_a_clone_in_order_has_no_leftovers(clone: Path) -> None:
    assert found(clone) == []


@pytest.mark.parametrize("kind", ["read", "write"])
def test_the_lock_of_a_killed_command_is_told(clone: Path, gone: int, kind: str) -> None:
    lock(clone, gone, kind=kind)
    [finding] = found(clone)
    assert finding.level == "warning"
    assert f"`dvc repro` (pid {gone}) was killed" in finding.message


def test_a_lock_held_by_another_program_is_an_error(clone: Path) -> None:
    process = subprocess.Popen(["sleep", "600"])
    try:
        lock(clone, process.pid)
        [finding] = found(clone)
        assert finding.level == "error"
        obey(clone, finding)
        assert found(clone) == []
    finally:
        process.kill()
        process.wait()


def test_a_damaged_lock_is_an_error(clone: Path) -> None:
    lock(clone, 1)
    (clone / ".dvc" / "tmp" / "rwlock").write_text('{"write": ')
    [finding] = found(clone)
    assert finding.level == "error"
    obey(clone, finding)
    assert found(clone) == []


def test_checkpoints_that_no_training_writes_are_told(clone: Path, gone: int) -> None:
    left, owned = clone / ".checkpoints" / "aaaa", clone / ".checkpoints" / "bbbb"
    for folder, pid in ((left, gone), (owned, os.getpid())):
        folder.mkdir(parents=True)
        (folder / "model.safetensors").write_bytes(bytes(2_000_000))
        folder.with_name(f"{folder.name}.pid").write_text(str(pid))
    [finding] = found(clone)
    assert finding.message == "an unfinished training in .checkpoints/aaaa (2 MB)"
    obey(clone, finding)
    assert found(clone) == []


def test_a_workspace_is_left_over_once_nothing_runs_in_it(clone: Path, busy: int) -> None:
    other = clone / ".dvc" / "tmp" / "exps" / "standalone" / "tmpdef"
    other.mkdir(parents=True)
    [finding] = found(clone)
    assert finding.message == f"workspaces of experiments that were killed: {other.relative_to(clone)}"
    obey(clone, finding)
    assert found(clone) == []


def test_experiments_that_nothing_works_on_are_told(clone: Path) -> None:
    (clone / "params.yaml").write_text("seed: 13\n")
    (clone / "dvc.yaml").write_text((clone / "dvc.yaml").read_text() + "    params: [seed]\n")
    run(clone, "git", "add", "-A")
    run(clone, "git", "commit", "-q", "-m", "seed")
    dvc(clone, "exp", "run", "--queue", "--name", "waiting", "-S", "seed=14")
    [finding] = found(clone)
    assert finding.message == "queued, and nothing works on them: waiting"
