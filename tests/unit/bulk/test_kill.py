"""A run that is really killed, and the next one."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.unit.bulk.made import write_lines

DOCUMENTS = 1500
ENOUGH = 4  # lines of the journal: what the run is, and some chunks


def predicting(model: Path, notes: Path, output: Path, *options: str) -> list[str]:
    program = "from spanwise.cli import main; main()"
    return [
        sys.executable, "-c", program, "predict", str(notes), "--model", str(model), "--raw",
        "--backend", "torch", "--threads", "1", "--output", str(output), *options,
    ]  # fmt: skip


def run_until_killed(command: list[str], journal: Path) -> None:
    """Start it, and kill it in the middle of a chunk."""
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    while not journal.exists() or journal.read_bytes().count(b"\n") < ENOUGH:
        assert process.poll() is None, "it ended before it could be killed"
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "options"), [("out.jsonl", ()), ("out.parquet", ("--engine", "process", "--workers", "1"))]
)
def test_a_run_killed_with_signal_9_goes_on_to_the_same_bytes(
    name: str, options: tuple[str, ...], model: Path, tmp_path: Path
) -> None:
    notes = write_lines(tmp_path / "notes.jsonl", DOCUMENTS, ["bad"])
    whole, output = tmp_path / "whole" / name, tmp_path / "killed" / name
    subprocess.run(predicting(model, notes, whole, "--quiet"), check=True)

    command = predicting(model, notes, output, *options)
    run_until_killed(command, output.with_name(f"{name}.journal"))
    assert not output.exists()
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    assert "done before" in done.stderr
    for suffix in ("", ".errors.jsonl"):
        left, right = (path.with_name(name + suffix).read_bytes() for path in (output, whole))
        assert left == right
    assert sorted(path.name for path in output.parent.iterdir()) == [name, f"{name}.errors.jsonl"]
