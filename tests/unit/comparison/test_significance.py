from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spanwise.comparison.grouping import divide
from spanwise.comparison.significance import Pair, compare_with_best, holm

DRAWN: dict[str, Any] = {"samples": 500, "level": 0.95, "seed": 13}


def test_holm_corrects_as_in_a_worked_example() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([]) == []
    assert holm([0.6, 0.7]) == [1.0, 1.0]


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_holm_keeps_the_order_and_lies_between_the_value_and_bonferronis(p_values: list[float]) -> None:
    adjusted = holm(p_values)
    for value, own in zip(p_values, adjusted, strict=True):
        assert value <= own <= min(1.0, len(p_values) * max(p_values)) + 1e-12
    ranked = sorted(range(len(p_values)), key=lambda index: p_values[index])
    assert sorted(adjusted) == [adjusted[index] for index in ranked]
    smallest = min(p_values)
    assert min(adjusted) == pytest.approx(min(1.0, len(p_values) * smallest))


def test_the_best_is_compared_with_each_other_and_corrected(group: Any) -> None:
    found = group(a={"found": 5}, b={"found": 8}, c={"found": 8, "uneven": 2})
    best, even, low = (model.name for model in found.models)
    pairs = compare_with_best(found.models, **DRAWN)
    assert [pair.other for pair in pairs] == [even, low]
    assert {best, even} == {"b", "c"}
    worse = pairs[1]
    assert worse.difference == pytest.approx(found.models[0].f1 - found.models[2].f1, abs=1e-6)
    assert worse.low is not None
    assert worse.low > 0
    assert worse.p_value == pytest.approx(2 / 501)
    assert worse.p_adjusted == pytest.approx(4 / 501)
    assert worse.distinguishable(0.95)
    assert not pairs[0].distinguishable(0.95)


def test_without_predictions_nothing_is_tested_and_others_are(models: Any) -> None:
    each = [
        models.read("a", found=8),
        models.read("b", "data/predictions/test.jsonl", found=7),
        models.read("c", found=5),
    ]
    (found,) = divide(each)
    untested, tested = compare_with_best(found.models, **DRAWN)
    assert untested.reason == "no predictions of b can be read here"
    assert (untested.p_value, untested.low, untested.distinguishable(0.95)) == (None, None, False)
    assert tested.p_adjusted == tested.p_value


def test_too_few_groups_are_told(group: Any) -> None:
    found = group(a={"found": 8, "documents": 4}, b={"found": 7, "documents": 4})
    (pair,) = compare_with_best(found.models, **DRAWN)
    assert pair.reason == "too few groups of documents hold a gold span"
    assert pair.difference == pytest.approx(found.models[0].f1 - found.models[1].f1)


def test_the_correction_decides_whether_models_can_be_told_apart() -> None:
    assert not Pair("b", 0.1, 0.0, 0.2, p_value=0.03, p_adjusted=0.06).distinguishable(0.95)
    assert Pair("b", 0.1, 0.0, 0.2, p_value=0.03, p_adjusted=0.06).distinguishable(0.9)
