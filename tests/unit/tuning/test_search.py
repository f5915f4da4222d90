"""A search from its beginning to its outcome, and after a kill."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import grimp
import pytest
from optuna.trial import TrialState

from spanwise.errors import UserError
from spanwise.tuning import execution, search
from spanwise.tuning.ledger import Entry, Ledger, open_study, tuning_folder
from spanwise.tuning.search import CODE, PACKAGE, Search
from spanwise.tuning.trial import Problem

FOREVER = float("inf")
Made = Callable[..., Search]


class KilledError(Exception):
    """Stands for a kill: nothing after it is entered into the ledger."""


def quiet(name: str, entries: list[Entry], total: int) -> None:
    """Tell nothing."""


def pretend(monkeypatch: pytest.MonkeyPatch, *, die_at: int | None = None) -> list[dict[str, Any]]:
    """Let trials score by their values instead of training, and give the values of each that began."""
    begun: list[dict[str, Any]] = []

    def train(problem: Problem, values: dict[str, Any], *, seed: int, report: Callable[..., None]) -> None:
        begun.append(dict(values))
        if len(begun) == die_at:
            raise KilledError
        rate = values.get("train.learning_rate", 0.001)
        if rate > 0.02:
            raise UserError("training diverged in epoch 1")
        for epoch in range(1, problem.train["epochs"] + 1):
            report(epoch, epoch * rate * 10 + seed / 1e4, 1.0)

    monkeypatch.setattr(execution, "train", train)
    return begun


def values(entries: Any) -> list[dict[str, Any]]:
    return [entry.values for entry in entries if entry.state != "failed"]


@pytest.mark.parametrize("strategy", ["bayesian", "random"])
def test_a_search_that_was_cut_off_loses_no_finished_trial_and_tries_the_same_as_one_that_was_not(
    searching: Made, monkeypatch: pytest.MonkeyPatch, strategy: str
) -> None:
    asked = searching(strategy, trials=9)
    pretend(monkeypatch)
    whole = search.run(replace(asked, study="whole"), deadline=FOREVER, progress=quiet).outcome
    begun = pretend(monkeypatch, die_at=6)
    with pytest.raises(KilledError):
        search.run(asked, deadline=FOREVER, progress=quiet)
    assert len(begun) == 6
    again = pretend(monkeypatch)
    resumed = search.run(asked, deadline=FOREVER, progress=quiet).outcome
    assert len(again) == 4, "the one that was cut off, and the three that had not begun"
    assert again[0] == begun[5]
    assert values(resumed.trials) == values(whole.trials)
    assert [entry.score for entry in resumed.ranked] == [entry.score for entry in whole.ranked]
    (failed,) = (entry for entry in resumed.trials if entry.state == "failed")
    assert [entry.retry_of for entry in resumed.trials if entry.retry_of is not None] == [failed.number]


def test_a_trial_is_retried_once(searching: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(2):
        pretend(monkeypatch, die_at=1)
        with pytest.raises(KilledError):
            search.run(searching(), deadline=FOREVER, progress=quiet)
    begun = pretend(monkeypatch)
    outcome = search.run(searching(), deadline=FOREVER, progress=quiet).outcome
    assert len(begun) == 3
    assert outcome.counts["failed"] == 2


def test_a_finished_search_trains_nothing_and_more_trials_go_on_from_it(
    searching: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = pretend(monkeypatch)
    first = search.run(searching(), deadline=FOREVER, progress=quiet).outcome
    assert search.run(searching(), deadline=FOREVER, progress=quiet).outcome == first
    assert len(begun) == 4
    more = search.run(searching(trials=6), deadline=FOREVER, progress=quiet).outcome
    assert len(begun) == 6
    assert more.trials[:4] == first.trials


def test_other_settings_data_or_code_begin_anew(searching: Made, tmp_path: Path) -> None:
    asked = searching()
    others = [
        searching(epochs=1),
        searching("bayesian"),
        replace(asked, problem=replace(asked.problem, seed=5)),
    ]
    digests = {each.digest() for each in (asked, *others)}
    assert len(digests) == 4
    assert searching(trials=50, repeats={"seeds": 2}).digest() == asked.digest()
    side = asked.problem.splits / "validation.jsonl"
    side.write_text(side.read_text() * 2)
    assert asked.digest() not in digests


def test_test_documents_are_no_part_of_what_a_search_depends_on(searching: Made) -> None:
    before = searching().digest()
    (searching().problem.splits / "test.jsonl").write_text("no document at all")
    assert searching().digest() == before


def test_the_code_of_a_trial_is_what_a_search_depends_on() -> None:
    graph = grimp.build_graph("spanwise", exclude_type_checking_imports=True, cache_dir=None)
    needed = graph.find_upstream_modules("spanwise.tuning.trial") | {"spanwise.tuning.trial"}
    files = {name.removeprefix("spanwise").replace(".", "/").lstrip("/") for name in needed}
    known = {name.removesuffix(".py") for name in CODE}
    files -= {"", "errors", "tracking", "tuning"}  # messages, records of a training, and what holds nothing
    assert {file for file in files if not any(Path(file).is_relative_to(name) for name in known)} == set()
    assert [name for name in CODE if not (PACKAGE / name).exists()] == []


def test_the_best_and_the_defaults_are_repeated_by_seeds_that_no_trial_had(
    searching: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = pretend(monkeypatch)
    told: list[tuple[str, int, int]] = []
    asked = searching(repeats={"best": 2, "seeds": 2})
    outcome = search.run(
        asked, deadline=FOREVER, progress=lambda name, done, total: told.append((name, len(done), total))
    ).outcome
    assert [(each.repeated, each.seed) for each in outcome.repeats] == [
        (number, seed)
        for seed in (14, 15)
        for number in (-1, outcome.ranked[0].number, outcome.ranked[1].number)
    ]
    assert len(begun) == 4 + 6
    assert told == [("trials", done, 4) for done in range(5)] + [("repeats", done, 6) for done in range(7)]
    assert outcome.gain is not None
    assert search.run(asked, deadline=FOREVER, progress=quiet).outcome == outcome
    assert len(begun) == 4 + 6


def test_no_trial_begins_after_the_deadline(searching: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    begun = pretend(monkeypatch)
    outcome = search.run(searching(), deadline=time.monotonic(), progress=quiet).outcome
    assert (begun, outcome.trials) == ([], [])
    with pytest.raises(UserError, match="no trial has finished"):
        outcome.figures()


def test_what_cannot_be_trained_is_refused_and_the_search_goes_on(
    searching: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend(monkeypatch)
    rates = {"train.learning_rate": {"choices": [0.001, 0.03]}}
    outcome = search.run(searching(parameters=rates, trials=8), deadline=FOREVER, progress=quiet).outcome
    assert outcome.counts["finished"] + outcome.counts["refused"] == 8
    assert {each.reason for each in outcome.trials if each.state == "refused"} == {
        "training diverged in epoch 1"
    }
    assert all(each.values["train.learning_rate"] == 0.001 for each in outcome.ranked)


def test_trials_below_the_median_end_early(searching: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch)
    asked = searching("bayesian", trials=12, epochs=3)
    outcome = search.run(asked, deadline=FOREVER, progress=quiet).outcome
    pruned = [each for each in outcome.trials if each.state == "pruned"]
    assert pruned
    assert all(1 <= len(each.scores) < 3 for each in pruned)
    assert max(each.score or 0 for each in pruned) < (outcome.ranked[0].score or 0)


def test_a_search_is_one_process_at_a_time(searching: Made) -> None:
    with tuning_folder("quick-random"), pytest.raises(UserError, match="another process is at the search"):
        search.run(searching(), deadline=FOREVER, progress=quiet)


def test_real_trainings_without_test_documents(searching: Made) -> None:
    """The fixture has written none."""
    asked = searching("bayesian", trials=2)
    left = Path(os.environ["DVC_ROOT"]) / ".tuning" / asked.study / "trial-left"
    left.mkdir(parents=True)
    finding = search.run(asked, deadline=FOREVER, progress=quiet)
    assert finding.outcome.counts == {"finished": 2, "pruned": 0, "refused": 0, "failed": 0}
    assert all(len(each.scores) == len(each.losses) == 2 for each in finding.outcome.trials)
    assert finding.log.exists()
    assert not left.exists()


@pytest.mark.slow
def test_processes_share_the_ledger(searching: Made) -> None:
    outcome = search.run(searching(jobs=2), deadline=FOREVER, progress=quiet).outcome
    assert outcome.counts["finished"] == 4
    assert [each.number for each in outcome.trials] == [0, 1, 2, 3]


def _search(asked: Search) -> None:
    search.run(asked, deadline=FOREVER, progress=quiet)


def _finished(asked: Search) -> list[int]:
    file = Path(os.environ["DVC_ROOT"]) / ".tuning" / f"{asked.study}.db"
    study = open_study(file, asked.digest(), asked.strategy)
    return [trial.number for trial in study.get_trials(states=(TrialState.COMPLETE,))]


@pytest.mark.slow
def test_a_search_that_was_killed_goes_on(searching: Made) -> None:
    asked = searching(trials=5)
    process = multiprocessing.get_context("spawn").Process(target=_search, args=(asked,))
    process.start()
    assert process.pid is not None
    while len(before := _patient(asked)) < 2:
        assert process.is_alive()
        time.sleep(0.05)
    with suppress(ProcessLookupError):
        os.kill(process.pid, signal.SIGKILL)
    process.join()
    assert len(before) < 5
    outcome = search.run(asked, deadline=FOREVER, progress=quiet).outcome
    finished = [each.number for each in outcome.trials if each.state == "finished"]
    assert set(before) <= set(finished)
    assert len(finished) == 5


def _patient(asked: Search) -> list[int]:
    """The trials that are finished so far; the other process may just be making the file."""
    try:
        return _finished(asked)
    except Exception:
        return []


def test_a_ledger_is_json_when_told(searching: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch)
    outcome = search.run(searching(), deadline=FOREVER, progress=quiet).outcome
    assert json.loads(outcome.trials[0].model_dump_json())["values"].keys() == {
        "train.learning_rate",
        "train.batch_size",
    }


def test_a_ledger_without_a_space_asks_for_what_was_added_alone(tmp_path: Path) -> None:
    ledger = Ledger(open_study(tmp_path / "x.db", "x", "random"), None, "random", 1, 10)
    assert ledger.ask() is None
    ledger.add({"a": 1}, repeated=3, seed=5)
    ledger.add({"a": 1}, repeated=3, seed=5)
    trial = ledger.ask()
    assert trial is not None
    assert trial.user_attrs == {"values": {"a": 1}, "seed": 5, "repeated": 3}
    assert ledger.ask() is None
