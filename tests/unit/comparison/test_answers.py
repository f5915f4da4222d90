"""Models that write, compared by chrF and by what the references cost."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from spanwise.comparison.candidates import Candidate, read_candidate
from spanwise.comparison.grouping import divide
from spanwise.comparison.page import Outcome, render_table, write_selection
from spanwise.comparison.selection import Selection, as_record, select
from spanwise.errors import UserError
from spanwise.io import write_json
from tests.answered import mixed, predictions, right, write_evaluation, write_rest, wrong
from tests.unit.comparison.conftest import WEIGHTS

Read = Callable[..., Candidate]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """A model by its name, how it answers, and its loss."""

    def made(name: str, write: Any = mixed, *, loss: float = 1.5, megabytes: float = 6.4) -> Candidate:
        folder = tmp_path / name
        write_rest(folder)
        write_evaluation(folder, predictions(write, loss=loss))
        path = folder / "metrics/benchmark.json"
        timed = json.loads(path.read_text())
        timed["backends"]["torch"]["model_mb"] = megabytes
        write_json(path, timed)
        return read_candidate(folder, name, "c" * 40)

    return made


@pytest.fixture
def selection(read: Read) -> Selection:
    """The model as it is against one that was tuned and is right."""
    (group,) = divide([read("zero-shot", wrong, loss=2.5), read("tuned", right, loss=1.5)])
    return select(group, weights=WEIGHTS, samples=200, level=0.95, seed=1)


def test_what_a_model_writes_is_read(read: Read) -> None:
    model = read("tuned", right, loss=1.5)
    assert model.measure == "chrF"
    assert model.f1 == 1
    assert model.loss == pytest.approx(1.667, abs=0.001)
    assert model.latency_ms == 40
    assert model.size_mb == 6.4
    assert len(model.read_answers()) == 12


def test_models_are_of_one_test_set_whatever_they_answer(selection: Selection) -> None:
    assert [model.name for model in selection.group.models] == ["tuned", "zero-shot"]
    assert selection.group.writes
    assert selection.tiers == ()


def test_another_reference_is_another_test_set(read: Read, tmp_path: Path) -> None:
    first = read("first")
    path = tmp_path / "second/data/predictions/test.jsonl"
    read("second")
    path.write_text(path.read_text().replace("Watch the patient", "Observe the patient"))
    assert len(divide([first, read_candidate(tmp_path / "second", "second", None)])) == 2


def test_quality_and_loss_are_tested_over_topics(selection: Selection) -> None:
    (pair,), (loss,) = selection.pairs, selection.losses
    assert pair.difference == pytest.approx(1 - selection.group.models[1].f1)
    assert pair.low is not None
    assert pair.high is not None
    assert pair.low <= pair.difference <= pair.high
    assert pair.p_adjusted == pytest.approx(2 / 201)
    assert loss.difference == pytest.approx(-1.111, abs=0.001)
    assert loss.high is not None
    assert loss.high < 0


def test_the_tuned_model_is_recommended(selection: Selection) -> None:
    assert selection.recommendation.name == "tuned"
    assert selection.recommendation.text.startswith(
        "Ship tuned: its chrF of 1.000 is above that of zero-shot"
    )
    assert any(each.startswith("tuned has +") and "points of chrF" in each for each in selection.verdict)
    assert any(
        each.startswith("The loss of tuned is 1.112 nats a token below that of zero-shot (")
        for each in selection.verdict
    )
    assert any(each.startswith("Of 2 strata, the highest chrF") for each in selection.verdict)
    assert any(each.startswith("Weighed by chrF (1)") for each in selection.verdict)


def test_equal_models_are_not_told_apart(read: Read) -> None:
    (group,) = divide([read("one"), read("other", megabytes=3.2)])
    found = select(group, weights=WEIGHTS, samples=100, level=0.95, seed=1)
    assert found.recommendation.name != "one" or "cannot be told" in found.recommendation.text
    assert found.losses[0].difference == 0
    assert any("which chance may explain" in each for each in found.verdict)


def test_models_without_predictions_are_not_tested(read: Read, tmp_path: Path) -> None:
    read("zero-shot", wrong)
    (tmp_path / "zero-shot/data/predictions/test.jsonl").unlink()
    lacking = read_candidate(tmp_path / "zero-shot", "zero-shot", None)
    assert lacking.read_answers() == []
    groups = divide([read("tuned", right), lacking])
    assert len(groups) == 2


def test_answers_of_which_nothing_is_told_are_refused(read: Read, tmp_path: Path) -> None:
    read("old")
    path = tmp_path / "old/data/predictions/test.jsonl"
    path.write_text(path.read_text().replace('"judged"', '"other"'))
    with pytest.raises(UserError):
        read_candidate(tmp_path / "old", "old", None).read_answers()


def test_the_record_holds_the_figures_of_answers(selection: Selection) -> None:
    record = as_record(selection)
    first = record["models"][0]
    assert first["chrf"] == 1
    assert first["loss"] == pytest.approx(1.667, abs=0.001)
    assert first["acceptable"] == 1
    assert first["acceptable_low"] == pytest.approx(0.757, abs=0.001)
    assert "micro_f1" not in first
    assert record["losses"][0]["other"] == "zero-shot"


def test_pages_tell_of_answers(selection: Selection, tmp_path: Path) -> None:
    write_selection(tmp_path / "out", Outcome((selection,), {}, 200, 0.95))
    table = render_table(selection)
    assert table.startswith("| Model | chrF (interval) | loss | perplexity |")
    assert "micro-F1" not in table
    markdown = (tmp_path / "out/model_selection.md").read_text()
    assert table in markdown
    assert "| Stratum |" in markdown
    page = (tmp_path / "out/model_selection.html").read_text()
    for part in (
        "in nats a token of the references",
        "points of chrF",
        "The best model of each stratum",
        "<svg",
        "not for clinical use",
    ):
        assert part in page
    assert "Strict micro-F1" not in page
