"""The files of a search, and its figures."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import optuna
import pytest

from spanwise.io import read_jsonl
from spanwise.reporting.figures import Figure
from spanwise.tuning.figures import draw_history, draw_importance, draw_parallel
from spanwise.tuning.ledger import Entry
from spanwise.tuning.outcome import Outcome
from spanwise.tuning.page import Written, importance, write_outcome
from tests.unit.tuning.made import entry, outcome, repeat

TRIALS = [
    entry(0, 0.5),
    entry(1, 0.7),
    entry(2, 0.4, state="pruned"),
    entry(3, state="refused", reason="rate <b>too</b> high"),
    entry(4, state="failed"),
]


class Tags(HTMLParser):
    """The elements of a page that are open, which must be closed in turn."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.sources: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.sources += [str(value) for name, value in attrs if name in ("src", "href")]
        if tag not in {"meta", "link", "br"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def points(figure: Figure) -> list[dict[str, Any]]:
    """The rows that lines are drawn from."""
    tables = figure.specification["datasets"].values()
    return [row for table in tables for row in table if "rank" in row]


def written(folder: Path, found: Outcome, shares: dict[str, float]) -> str:
    to = Written(folder / "search", folder / "reports" / "tuning.html")
    seconds = {"trials": {0: 60.0, 1: 61.5}, "repeats": {}}
    write_outcome(to, found, shares=shares, seconds=seconds, preset="tuned-quick-bayesian")
    return to.page.read_text(encoding="utf-8")


def test_the_page_is_whole_loads_nothing_and_tells_what_ended_early(tmp_path: Path) -> None:
    repeats = [repeat(-1, 0.4), repeat(1, 0.5, 1), repeat(0, 0.58, 2)]
    page = written(
        tmp_path, outcome(TRIALS, repeats, seeds=1), {"train.learning_rate": 0.8, "train.batch_size": 0.2}
    )
    tags = Tags()
    tags.feed(page)
    assert tags.open == []
    assert all(source.startswith(("#", "data:")) for source in tags.sources)
    assert page.count("<svg") == 3
    assert "rate &lt;b&gt;too&lt;/b&gt; high" in page
    assert "below the median of the finished trials at the same epoch</td>" in page
    assert "experiment=tuned-quick-bayesian" in page
    assert "it is optimistic" in page


def test_the_page_says_when_it_cannot_tell_what_mattered(tmp_path: Path) -> None:
    page = written(tmp_path, outcome(TRIALS[:1]), {})
    assert "Too few trials finished" in page
    assert "All trials finished." in page
    assert page.count("<svg") == 1


def test_every_trial_and_the_summary_are_kept(tmp_path: Path) -> None:
    found = outcome(TRIALS)
    written(tmp_path, found, {})
    read = list(read_jsonl(tmp_path / "search" / "trials.jsonl", Entry))
    assert [each.number for each in read] == [0, 1, 2, 3, 4]
    assert read[1].values == TRIALS[1].values
    metrics = json.loads((tmp_path / "search" / "metrics.json").read_text())
    assert metrics["best"] == {"trial": 1, "score": 0.7, "other_seeds": None, "highest": 0.7}
    assert metrics["trials"] == {"finished": 2, "pruned": 1, "refused": 1, "failed": 1}
    timing = json.loads((tmp_path / "search" / "timing.json").read_text())
    assert timing == {"seconds": {"trials": {"0": 60.0, "1": 61.5}, "repeats": {}}}


def test_the_same_search_gives_the_same_page(tmp_path: Path) -> None:
    pages = {written(tmp_path / name, outcome(TRIALS), {"x": 1.0}) for name in "ab"}
    assert len(pages) == 1


def test_history_tells_the_best_so_far() -> None:
    assert draw_history(TRIALS).text.endswith("Best so far: 0.500, 0.700")
    assert draw_history([]).text.endswith("No trial finished")


def test_parallel_lines_stand_by_their_values() -> None:
    figure = draw_parallel(outcome(TRIALS).space, TRIALS)
    assert figure is not None
    rows = points(figure)
    best = {row["axis"]: row["height"] for row in rows if row["trial"] == 1}
    assert best["score"] == 1
    assert best["train.batch_size"] == 0
    assert 0.5 < best["train.learning_rate"] < 0.55, "0.002 of 0.0001 to 0.03, by orders of magnitude"
    assert {row["rank"] for row in rows} == {"best third", "middle"}
    assert draw_parallel(outcome(TRIALS).space, TRIALS[:1]) is None


def test_equal_scores_stand_in_the_middle() -> None:
    figure = draw_parallel(outcome(TRIALS).space, [entry(0, 0.5), entry(1, 0.5)])
    assert figure is not None
    rows = points(figure)
    assert {row["height"] for row in rows if row["axis"] == "score"} == {0.5}


def test_nothing_is_drawn_of_an_importance_that_is_unknown() -> None:
    assert draw_importance({}) is None


@pytest.mark.parametrize(("trials", "known"), [(3, False), (12, True)])
def test_what_decides_the_score_is_most_important(trials: int, known: bool) -> None:
    study = optuna.create_study(direction="maximize", sampler=optuna.samplers.RandomSampler(seed=1))
    study.optimize(
        lambda trial: trial.suggest_float("x", 0, 1) + 0 * trial.suggest_float("y", 0, 1), n_trials=trials
    )
    shares = importance(study)
    assert bool(shares) is known
    if known:
        assert list(shares) == ["x", "y"]
        assert sum(shares.values()) == pytest.approx(1)


def test_equal_scores_tell_nothing_of_importance() -> None:
    study = optuna.create_study()
    study.optimize(lambda trial: 0 * trial.suggest_float("x", 0, 1), n_trials=5)
    assert importance(study) == {}
