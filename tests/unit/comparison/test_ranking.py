from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from spanwise.comparison.grouping import divide
from spanwise.comparison.ranking import lead_tiers, lead_types, rank
from spanwise.comparison.records import Rounds


def test_the_best_of_each_type_comes_with_its_f1(group: Any) -> None:
    found = group(a={"found": 10}, b={"found": 8}, c={"found": 5})
    sign, drug, date = lead_types(found)
    assert (sign.of, sign.tier, sign.support) == ("Sign", "high", 120)
    assert (sign.best, sign.f1, sign.overlapping) == (("a", "b"), 1.0, ())
    assert (drug.best, drug.overlapping) == (("a",), ())
    assert (date.best, date.f1) == (("a",), 1.0)


def test_overlapping_intervals_are_told(group: Any) -> None:
    found = group(a={"found": 7, "uneven": 2}, b={"found": 7, "uneven": 1})
    drug = lead_types(found)[1]
    assert (len(drug.best), len(drug.overlapping)) == (1, 1)


def test_missing_intervals_count_as_overlapping(group: Any) -> None:
    found = group(a={"found": 9, "documents": 4}, b={"found": 7, "documents": 4})
    drug = lead_types(found)[1]
    assert (drug.best, drug.overlapping) == (("a",), ("b",))


def test_a_type_that_no_model_finds_has_no_best(group: Any) -> None:
    found = group(a={"found": 6}, b={"found": 5})
    date = lead_types(found)[2]
    assert (date.best, date.f1, date.overlapping) == ((), 0.0, ())


def test_the_best_of_each_tier(group: Any) -> None:
    high, low = lead_tiers(group(a={"found": 10}, b={"found": 8}))
    assert (high.of, high.tier, high.best, high.support) == ("high", None, ("a",), 180)
    assert (low.of, low.best, low.support) == ("low", ("a",), 20)


def test_figures_are_scaled_between_the_worst_and_the_best(group: Any) -> None:
    """Latency by its logarithm: 20 ms is in the middle of 10 and 40."""
    found = group(a={"found": 10, "latency": 40.0}, b={"found": 8, "latency": 20.0}, c={"latency": 10.0})
    speed = rank(found, {"latency": 1.0})
    assert speed.scores == {"c": 1.0, "b": pytest.approx(0.5), "a": 0.0}
    quality = rank(found, {"f1": 1.0})
    scores = [model.f1 for model in found.models]
    middle = (scores[1] - scores[2]) / (scores[0] - scores[2])
    assert quality.scores == {"a": 1.0, "b": pytest.approx(middle), "c": 0.0}
    both = rank(found, {"f1": 3.0, "latency": 1.0, "size": 0.0})
    assert both.scores == {"a": 0.75, "b": pytest.approx((3 * middle + 0.5) / 4), "c": 0.25}
    assert both.best == "a"
    assert both.weights == {"f1": 3.0, "latency": 1.0}


def test_a_difference_of_nothing_decides_nothing(group: Any) -> None:
    """A thousandth of the size, or a fifth of the least gain, counts as such."""
    found = group(a={"found": 8, "size": 90.09}, b={"found": 7, "size": 90.0})
    assert rank(found, {"size": 1.0}).scores == {"b": 1.0, "a": pytest.approx(0.9986, abs=1e-4)}
    close = [
        replace(model, scores=_scores(model, f1)) for model, f1 in zip(found.models, (0.81, 0.8), strict=True)
    ]
    (near,) = divide(close)
    assert rank(near, {"f1": 1.0}).scores == {"a": 1.0, "b": pytest.approx(0.8)}


def _scores(model: Any, f1: float) -> Any:
    strict = model.scores.strict
    micro = strict.micro.model_copy(update={"f1": f1})
    return model.scores.model_copy(update={"strict": strict.model_copy(update={"micro": micro})})


def test_latencies_of_a_few_predictions_do_not_count(group: Any) -> None:
    criterion = rank(group(a={"found": 8}, b={"repeats": 1}), {"f1": 1.0, "latency": 1.0})
    assert criterion.left_out == {"latency": "the timings of b are only 12, too few to compare speeds"}


def test_latencies_of_different_documents_do_not_count(group: Any) -> None:
    first, second = group(a={"found": 8}, b={}).models
    (found,) = divide([first, replace(second, rounds=Rounds(documents=20, repeats=3))])
    criterion = rank(found, {"f1": 1.0, "latency": 1.0})
    assert criterion.left_out == {"latency": "the models were timed on different numbers of documents"}
    (unknown,) = divide([first, replace(second, rounds=Rounds())])
    assert rank(unknown, {"latency": 1.0}).left_out == {}


def test_a_figure_that_is_equal_counts_fully_for_all(group: Any) -> None:
    found = group(a={"found": 8}, b={"found": 7})
    assert rank(found, {"size": 1.0}).scores == {"a": 1.0, "b": 1.0}
    assert rank(found, {"size": 1.0}).best is None


def test_the_weights_decide(group: Any) -> None:
    found = group(a={"found": 10, "latency": 200.0}, b={"found": 9, "latency": 50.0})
    assert rank(found, {"f1": 2.0, "latency": 1.0}).best == "a"
    assert rank(found, {"f1": 1.0, "latency": 2.0}).best == "b"


def test_a_model_without_a_figure_is_not_ranked(group: Any) -> None:
    found = group(a={"found": 8, "latency": None}, b={}, c={"found": 6})
    criterion = rank(found, {"f1": 1.0, "latency": 1.0})
    assert list(criterion.scores) == ["b", "c"]
    assert criterion.unranked == {"a": ("latency",)}


def test_a_figure_that_none_has_does_not_count(group: Any) -> None:
    found = group(a={"found": 8, "size": None}, b={"size": None})
    criterion = rank(found, {"f1": 1.0, "size": 1.0})
    assert criterion.left_out == {"size": "no model has it"}
    assert criterion.scores == {"a": 1.0, "b": 0.0}
    nothing = rank(found, {"size": 1.0})
    assert (nothing.scores, nothing.best) == ({}, None)


def test_latencies_of_different_hardware_do_not_count(group: Any) -> None:
    found = group(a={"found": 8}, b={"cpu": "Other"})
    criterion = rank(found, {"f1": 1.0, "latency": 1.0})
    assert criterion.left_out == {"latency": "the models were timed on different hardware"}
    assert criterion.weights == {"f1": 1.0}
