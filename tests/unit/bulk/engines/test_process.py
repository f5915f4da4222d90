"""Several processes give the bytes of one, and say so when one of them is killed."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from spanwise.bulk.documents import Chunk, Document, Failure, Outcome
from spanwise.bulk.engines import load_engine
from spanwise.bulk.run import Run, to_file
from spanwise.bulk.work import Job
from spanwise.errors import UserError
from tests.unit.bulk.made import write_lines

BAD = Failure(None, "f:1", "bad")


def chunks(count: int) -> Callable[[], Iterator[Chunk]]:
    def read() -> Iterator[Chunk]:
        for number in range(count):
            yield [Document(f"d{number}", f"Patient {number} had fever.", "f:1", "n"), BAD]

    return read


def test_one_process_gives_the_chunks_in_their_order(job: Job) -> None:
    found = list(load_engine("process")(job, chunks(12), 1))
    assert found == list(load_engine("local")(job, chunks(12), 1))


def test_what_is_wrong_with_the_model_is_told(job: Job, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="holds no model"):
        list(load_engine("process")(replace(job, model=tmp_path), chunks(1), 1))


def test_the_local_engine_has_one_worker(job: Job) -> None:
    with pytest.raises(UserError, match="has one worker"):
        list(load_engine("local")(job, chunks(1), 2))


@pytest.mark.slow
def test_a_worker_that_is_killed_is_told_with_what_to_do(job: Job) -> None:
    found = load_engine("process")(job, chunks(100), 2)
    first: list[Outcome] = next(found)
    assert first[1] == BAD
    for child in psutil.Process().children():
        if "spawn_main" in " ".join(child.cmdline()):
            os.kill(child.pid, signal.SIGKILL)
    with pytest.raises(UserError, match="a worker process was killed") as told:
        list(found)
    assert "goes on after the last whole chunk" in str(told.value)


@pytest.mark.slow
def test_files_are_those_of_the_local_engine(run_of: Callable[..., Run], tmp_path: Path) -> None:
    notes = write_lines(tmp_path / "notes.jsonl", 300, ["bad"])
    for engine, workers in (("local", 1), ("process", 2)):
        run = run_of(notes, engine=engine, workers=workers)
        to_file(run, tmp_path / engine / "out", inputs="i", restart=False, begun=lambda _: None)
    for name in ("out", "out.errors.jsonl"):
        assert (tmp_path / "process" / name).read_bytes() == (tmp_path / "local" / name).read_bytes()
