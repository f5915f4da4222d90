from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from spanwise.comparison.candidates import BENCHMARK, TIMING, Candidate, read_candidate
from spanwise.pull_request.figures import Figure, Value
from spanwise.pull_request.judgement import Drawing, Verdict, judge
from tests.histories import outcome

DRAWING = Drawing(samples=200, level=0.95, seed=13)


def figure(before: float | None, after: float | None, **options: Any) -> Figure:
    """Of a score, higher being better, with an interval of 0.05 to each side."""
    values = [
        None if value is None else Value(value, value - 0.05, value + 0.05) for value in (before, after)
    ]
    return Figure("F1", values[0], values[1], **{"higher_is_better": True, "style": "score", **options})


def verdict(own: Figure, *sides: Candidate | None, same_documents: bool = True) -> Verdict:
    before, after = sides or (None, None)
    [judged] = judge([own], before, after, DRAWING, same_documents=same_documents)
    return judged.verdict


def candidate(folder: Path, found: int, **options: Any) -> Candidate:
    for name, text in outcome(found, **options).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return read_candidate(folder, folder.name, None)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (0.5, 0.56, "better"),
        (0.5, 0.44, "worse"),
        (0.5, 0.54, "within chance"),
        (0.5, 0.5, "same"),
        (None, 0.5, "new"),
        (0.5, None, "gone"),
    ],
)
def test_without_predictions_the_interval_of_the_base_decides(
    before: float | None, after: float | None, expected: str
) -> None:
    assert verdict(figure(before, after)) == expected


def test_a_figure_that_is_better_when_lower_turns_the_verdict() -> None:
    assert verdict(figure(0.5, 0.44, higher_is_better=False)) == "better"


def test_a_figure_without_an_interval_has_no_verdict() -> None:
    assert verdict(Figure("ECE", Value(0.1), Value(0.9), higher_is_better=False, style="score")) == ""


@pytest.mark.parametrize(
    ("after", "expected"), [(109.0, "about the same"), (120.0, "worse"), (80.0, "better"), (0.0, "")]
)
def test_costs_are_compared_by_ratio(after: float, expected: str) -> None:
    own = Figure("size", Value(100.0), Value(after), higher_is_better=False, style="amount")
    assert verdict(own) == expected


def test_scores_of_other_documents_do_not_compare_but_costs_do() -> None:
    assert verdict(figure(0.5, 0.9), same_documents=False) == "not comparable"
    assert verdict(figure(None, 0.9), same_documents=False) == "new"
    own = Figure("size", Value(100.0), Value(200.0), higher_is_better=False, style="amount")
    assert verdict(own, same_documents=False) == "worse"


@pytest.mark.parametrize("timed", [BENCHMARK, TIMING])
def test_times_of_different_machines_do_not_compare(timed: str, tmp_path: Path) -> None:
    own = Figure("time", Value(1.0), Value(2.0), higher_is_better=False, style="amount", timed=timed)
    machines = ["cpu", "cpu", "cuda"]
    sides = [candidate(tmp_path / str(number), 8, device=name) for number, name in enumerate(machines)]
    for side, name in zip(sides, machines, strict=True):
        (tmp_path / side.name / "metrics" / "train.json").write_text(json.dumps({"device": name}))
    first, same, other = (read_candidate(tmp_path / side.name, side.name, None) for side in sides)
    assert verdict(own, first, same) == "worse"
    assert verdict(own, first, other) == "not comparable"
    assert verdict(own) == "not comparable"


def test_the_paired_test_decides_where_predictions_are_here(tmp_path: Path) -> None:
    before, after = candidate(tmp_path / "before", 8), candidate(tmp_path / "after", 9)
    own = figure(0.889, 0.9, scored="micro")  # within the interval, and yet every document is better
    [judged] = judge([own], before, after, DRAWING, same_documents=True)
    assert judged.verdict == "better"
    assert judged.paired
    assert judged.paired.p_value is not None
    assert judged.paired.p_value < 0.05


def test_a_tier_is_tested_by_its_types_alone(tmp_path: Path) -> None:
    before, after = candidate(tmp_path / "before", 8), candidate(tmp_path / "after", 9)
    rows = [figure(0.8, 0.9, scored=name) for name in ("macro", "high", "low", "unknown")]
    judged = judge(rows, before, after, DRAWING, same_documents=True)
    assert [each.paired and each.paired.difference for each in judged] == [
        pytest.approx(0.15),
        0,
        pytest.approx(0.3),
        None,
    ]
    assert [each.verdict for each in judged] == ["better", "within chance", "better", "better"]


def test_other_documents_are_not_tested(tmp_path: Path) -> None:
    before = candidate(tmp_path / "before", 8, corpus="other")
    after = candidate(tmp_path / "after", 9)
    [judged] = judge([figure(0.5, 0.9, scored="micro")], before, after, DRAWING, same_documents=False)
    assert (judged.verdict, judged.paired) == ("not comparable", None)
