from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from spanwise import sweep
from spanwise.cli import program
from spanwise.sweep import Queue, Task


def run(*words: str) -> Result:
    return CliRunner().invoke(program, ["sweep", *words])


@pytest.fixture
def ends(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[int]]:
    """Let the queue end with these experiments; the numbers of workers started are kept."""

    def with_tasks(*tasks: Task) -> list[int]:
        started: list[int] = []

        def wait(root: Path, tell: Callable[[Queue], None]) -> Queue:
            tell(Queue(tasks, 0))
            return Queue(tasks, 0)

        monkeypatch.setattr(sweep, "wait", wait)
        monkeypatch.setattr(sweep, "start", lambda root, jobs: started.append(jobs))
        return started

    return with_tasks


def test_a_sweep_in_which_all_succeeded_is_a_success(ends: Callable[..., list[int]]) -> None:
    started = ends(Task("a", "succeeded", None), Task("b", "succeeded", None))
    done = run("--jobs", "3")
    assert (done.exit_code, done.stdout) == (0, "2 succeeded\n")
    assert started == [3]


def test_failures_are_told_with_the_ends_of_their_logs(
    ends: Callable[..., list[int]], tmp_path: Path
) -> None:
    log = tmp_path / "log"
    log.write_text("first\nsecond\nthird\n")
    started = ends(Task("good", "succeeded", None), Task("bad", "failed", log), Task("early", "failed", None))
    done = run("--lines", "2")
    assert done.exit_code == 1
    assert "  | second\n  | third\n" in done.stderr
    assert "first" not in done.stderr
    assert "early failed, before it printed anything" in done.stderr
    assert "good" not in done.stderr
    assert started == []


def test_a_lost_experiment_comes_with_the_commands_that_forget_it(ends: Callable[..., list[int]]) -> None:
    ends(Task("ghost", "lost", None))
    done = run()
    assert done.exit_code == 1
    assert "its worker was killed" in done.stderr
    assert "`dvc queue kill ghost && dvc queue remove ghost`" in done.stderr
