"""A real Ray, on this machine alone, gives the bytes of the local engine."""

from __future__ import annotations

import builtins
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from spanwise.bulk.documents import Chunk, Document, Failure
from spanwise.bulk.engines import load_engine
from spanwise.bulk.engines.cluster import _Actor, _source
from spanwise.bulk.run import Run, to_file
from spanwise.bulk.work import Job
from spanwise.errors import UserError
from tests.unit.bulk.made import write_lines


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ray stays on this machine, and its processes find what the tests find."""
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    root = Path(__file__).parents[4]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(root), os.environ.get("PYTHONPATH", "")]))


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # Ray's own
def test_files_are_those_of_the_local_engine(alone: None, run_of: Callable[..., Run], tmp_path: Path) -> None:
    pytest.importorskip("ray")
    notes = write_lines(tmp_path / "notes.jsonl", 300, ["bad"])
    for engine, workers in (("local", 1), ("ray", 2)):
        run = run_of(notes, engine=engine, workers=workers)
        to_file(run, tmp_path / engine / "out", inputs="i", restart=False, begun=lambda _: None)
    for name in ("out", "out.errors.jsonl"):
        assert (tmp_path / "ray" / name).read_bytes() == (tmp_path / "local" / name).read_bytes()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_what_is_wrong_with_the_model_is_told(
    alone: None, run_of: Callable[..., Run], job: Job, tmp_path: Path
) -> None:
    pytest.importorskip("ray")
    notes = write_lines(tmp_path / "notes.jsonl", 3)
    run = run_of(notes, engine="ray", job=replace(job, model=tmp_path))
    with pytest.raises(UserError, match="holds no model"):
        to_file(run, tmp_path / "out", inputs="i", restart=False, begun=lambda _: None)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_chunk_is_a_row_and_a_block_of_its_own() -> None:
    pytest.importorskip("ray")

    def read() -> Iterator[Chunk]:
        for number in range(3):
            yield [Document(f"d{number}", "x", "f:1", "n"), Failure(None, "f:2", "bad")]

    [task] = _source(read).get_read_tasks(8)
    blocks = [block.to_pylist() for block in task()]
    assert [[json.loads(row["chunk"])[0]["id"] for row in rows] for rows in blocks] == [
        ["d0"],
        ["d1"],
        ["d2"],
    ]


def test_an_actor_gives_what_became_of_each_row(job: Job) -> None:
    rows = [
        '[{"id": "a", "text": "", "place": "f:1", "name": "a"}]',
        '[{"id": null, "place": "p", "reason": "r"}]',
    ]
    found = _Actor(job)({"chunk": rows})["chunk"]
    [[first], [second]] = map(json.loads, found)
    assert first == {"lines": '{"id":"a","entities":[]}\n', "entities": 0, "characters": 0, "left_out": 0}
    assert second == {"id": None, "place": "p", "reason": "r"}


def test_an_actor_without_a_model_says_so_in_each_row(job: Job, tmp_path: Path) -> None:
    found = _Actor(replace(job, model=tmp_path))({"chunk": ["[]", "[]"]})["chunk"]
    for row in map(json.loads, found):
        assert (row["reason"], row["path"]) == ("holds no model", str(tmp_path))


def test_a_missing_ray_is_told_with_how_to_install_it(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    importing = builtins.__import__

    def failing(name: str, *args: Any, **kwargs: Any) -> Any:
        if name.startswith("ray"):
            raise ImportError(name)
        return importing(name, *args, **kwargs)

    def read() -> Iterator[Chunk]:
        yield []

    monkeypatch.setattr(builtins, "__import__", failing)
    with pytest.raises(UserError, match=r"takes Ray\n.*spanwise\[ray\]"):
        list(load_engine("ray")(job, read, 1))
