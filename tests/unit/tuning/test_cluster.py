"""Trials in a real Ray cluster of this machine, and the ledger between Ray and what it decides."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("ray.tune")

from spanwise.tuning import search
from spanwise.tuning.cluster import LedgerSearch
from spanwise.tuning.ledger import Ledger, open_study
from spanwise.tuning.search import Search
from spanwise.tuning.space import Space
from tests.unit.tuning.conftest import SPACE

FOREVER = float("inf")
Made = Callable[..., Search]


def quiet(*_: object) -> None:
    """Tell nothing."""


@pytest.fixture
def searcher(tmp_path: Path) -> LedgerSearch:
    study = open_study(tmp_path / "x.db", "x", "hyperband")
    ledger = Ledger(study, Space.model_validate(SPACE), "hyperband", 13, 4)
    return LedgerSearch(ledger, epochs=3, deadline=FOREVER, watch=quiet)


def test_how_ray_ends_a_trial_stands_in_the_ledger(searcher: LedgerSearch) -> None:
    for name, epochs in (("whole", 3), ("stopped", 1)):
        assert isinstance(searcher.suggest(name), dict)
        for epoch in range(1, epochs + 1):
            result = {"epoch": epoch, "score": 0.1 * epoch, "loss": 1.0}
            searcher.on_trial_result(name, result)
        searcher.on_trial_complete(name, result)
    searcher.suggest("refused")
    refusal = {"epoch": 3, "score": 0.0, "reason": "it diverged"}
    searcher.on_trial_result("refused", refusal)
    searcher.on_trial_complete("refused", refusal)
    whole, stopped, refused = searcher.ledger.entries()
    assert (whole.state, whole.losses) == ("finished", (1.0, 1.0, 1.0))
    assert whole.score == pytest.approx(0.3)
    assert (stopped.state, stopped.scores) == ("pruned", (0.1,))
    assert (refused.state, refused.reason, refused.score) == ("refused", "it diverged", None)


def test_a_trial_whose_process_died_stays_open_for_the_next_run(searcher: LedgerSearch) -> None:
    asked = searcher.suggest("died")
    searcher.on_trial_complete("died", error=True)
    assert searcher.ledger.entries() == []
    searcher.ledger.retry_cut_off()
    assert searcher.suggest("again") == asked


def test_ray_is_told_when_no_trial_is_left_or_time_is_up(searcher: LedgerSearch) -> None:
    assert all(isinstance(searcher.suggest(str(number)), dict) for number in range(4))
    assert searcher.suggest("more") == LedgerSearch.FINISHED
    searcher.deadline = time.monotonic()
    assert searcher.suggest("late") == LedgerSearch.FINISHED


def test_what_ray_stores_of_the_searcher_holds_no_ledger(searcher: LedgerSearch, tmp_path: Path) -> None:
    searcher.save_to_dir(str(tmp_path / "ray"))
    assert (searcher.__getstate__(), (tmp_path / "ray").exists()) == ({}, False)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_trials_run_in_ray_and_a_second_run_goes_on_from_the_first(searching: Made) -> None:
    asked = searching("hyperband", trials=4, epochs=3)
    first = search.run(asked, deadline=FOREVER, progress=quiet).outcome
    assert [each.state for each in first.trials if each.state not in ("finished", "pruned")] == []
    assert len(first.trials) == 4
    assert first.ranked
    more = replace(asked, space=asked.space.model_copy(update={"trials": 5}))
    second = search.run(more, deadline=FOREVER, progress=quiet).outcome
    assert second.trials[:4] == first.trials
    assert len(second.trials) == 5


PROGRAM = """
import pickle, sys
from spanwise.tuning import search
if __name__ == "__main__":
    asked = pickle.load(sys.stdin.buffer)
    search.run(asked, deadline=float("inf"), progress=lambda name, done, total: print(len(done), flush=True))
"""


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_search_in_ray_that_was_killed_loses_no_finished_trial(searching: Made, tmp_path: Path) -> None:
    import pickle

    asked = searching("hyperband", trials=4)
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    process = subprocess.Popen([sys.executable, program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(pickle.dumps(asked))
    process.stdin.close()
    for line in process.stdout:
        if line.strip() == b"1":
            break
    with suppress(ProcessLookupError):
        os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()
    file = tmp_path / ".tuning" / f"{asked.study}.db"
    before = Ledger(open_study(file, asked.digest(), "hyperband"), None, "hyperband", 13, 4).entries()
    assert before
    outcome = search.run(asked, deadline=FOREVER, progress=quiet).outcome
    assert list(outcome.trials[: len(before)]) == before
    assert sum(each.state in ("finished", "pruned") for each in outcome.trials) == 4
