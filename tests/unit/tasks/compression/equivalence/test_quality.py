from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from spanwise.tasks.compression.equivalence.corruption import FAITHFUL, Probe
from spanwise.tasks.compression.equivalence.quality import Scored, area, measure, threshold_of, told


def scored(good: list[float], bad: list[float], kind: str = "opposite") -> Scored:
    probes = [Probe(str(n), FAITHFUL, "a b", "a", subsequence=True, foreseen=True) for n in range(len(good))]
    probes += [Probe(str(n), kind, "a b", "c", subsequence=False, foreseen=False) for n in range(len(bad))]
    return Scored(probes, np.array([*good, *bad], dtype=np.float64))


@given(
    st.lists(st.integers(0, 5), min_size=1, max_size=20), st.lists(st.integers(0, 5), min_size=1, max_size=20)
)
def test_the_area_is_that_of_scikit_learn(good: list[int], bad: list[int]) -> None:
    found = scored([float(each) for each in good], [float(each) for each in bad])
    assert area(found) == pytest.approx(roc_auc_score(found.faithful, found.scores))


@given(st.lists(st.integers(0, 50), min_size=1, max_size=60))
def test_the_threshold_is_the_highest_that_accepts_enough(good: list[int]) -> None:
    found = scored([float(each) for each in good], [])
    limit = threshold_of(found)
    assert (found.scores >= limit).mean() >= 0.95
    assert (found.scores > limit).mean() < 0.95


def test_what_is_accepted_wrongly_is_told_by_kind_and_part() -> None:
    found = measure(scored([0.9] * 19 + [0.1], [0.0] * 15 + [0.95] * 5), samples=200, level=0.95, seed=1)
    assert (found["probes"], found["faithful"], found["threshold"], found["true_accept"]) == (
        20,
        20,
        0.9,
        0.95,
    )
    everything = found["parts"]["all"]
    assert everything["false_accept"] == pytest.approx(0.25)
    assert everything["low"] < 0.25 < everything["high"]
    assert everything["auroc_low"] <= everything["auroc"] <= everything["auroc_high"]
    assert set(found["parts"]) == {"all", "not_subsequence", "unforeseen"}
    assert found["kinds"]["opposite"]["rejected"] == pytest.approx(0.75)


def test_a_fixed_threshold_is_kept_in_every_draw() -> None:
    found = measure(scored([0.9] * 8, [0.5] * 8), samples=20, level=0.95, seed=1, threshold=0.4)
    assert (found["threshold"], found["parts"]["all"]["low"], found["parts"]["all"]["high"]) == (0.4, 1, 1)


def test_few_prompts_have_no_interval() -> None:
    found = measure(scored([0.9] * 3, [0.5] * 3), samples=20, level=0.95, seed=1)
    assert found["parts"]["all"]["low"] is None
    assert "[" not in told(1, 2, found)


def test_a_pass_rate_is_told_with_the_errors_of_its_judge() -> None:
    found = measure(scored([0.9] * 20, [0.0] * 15 + [0.95] * 5), samples=50, level=0.95, seed=1)
    line = told(9, 10, found)
    assert line.startswith(
        "accepted 9 of 10 (90.0 %) by a judge that accepts 100.0 % of 20 faithful and 25.0 %"
    )
    assert "AUROC 0.750" in line
    assert told(0, 0, found).startswith("accepted 0 of 0 (-)")
