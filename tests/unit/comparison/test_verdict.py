"""What is written follows from the figures: better or not, faster or slower, bigger or smaller."""

from __future__ import annotations

from typing import Any

import pytest

from spanwise.comparison.costs import Cost
from spanwise.comparison.ranking import rank
from spanwise.comparison.significance import Pair
from spanwise.comparison.verdict import recommend, signed, tell_criterion, tell_pairs, tell_types

BETTER = Pair("old", 0.021, 0.004, 0.039, p_value=0.012, p_adjusted=0.012)
ALIKE = Pair("old", 0.021, -0.004, 0.045, p_value=0.09, p_adjusted=0.09)
UNTESTED = Pair("old", 0.021, reason="no predictions of old can be read here")


def written(group: Any, pair: Pair, **new: Any) -> tuple[str, Any]:
    found = group(new={"found": 8, **new}, old={"found": 7})
    (sentence,) = tell_pairs(found, [pair], 0.95)
    return sentence, recommend(found, [pair], rank(found, {"f1": 1.0}), 0.95)


COSTS = {
    "slower": ({"latency": 150.0}, "about as big but 1.5 times as slow"),
    "faster": ({"latency": 50.0}, "2 times as fast and about as big"),
    "bigger": ({"size": 360.0}, "about as fast but 4 times as big"),
    "smaller": ({"size": 45.0}, "2 times as small and about as fast"),
    "alike": ({}, "about as fast and about as big"),
    "faster and bigger": ({"latency": 50.0, "size": 180.0}, "2 times as fast but 2 times as big"),
    "slower and smaller": ({"latency": 200.0, "size": 45.0}, "2 times as small but 2 times as slow"),
    "slower and bigger": ({"latency": 200.0, "size": 180.0}, "2 times as slow and 2 times as big"),
}


@pytest.mark.parametrize("case", COSTS)
@pytest.mark.parametrize("pair", [BETTER, ALIKE, UNTESTED], ids=["better", "alike", "untested"])
def test_each_combination_of_quality_and_cost_has_its_sentence(case: str, pair: Pair, group: Any) -> None:
    options, price = COSTS[case]
    sentence, _ = written(group, pair, **options)
    quality = {
        id(BETTER): "new has +2.1 points of micro-F1 over old (95% interval +0.4 to +3.9, p 0.012)",
        id(
            ALIKE
        ): "new cannot be told from old by quality: +2.1 points of micro-F1 (95% interval -0.4 to +4.5, "
        "p 0.090)",
        id(
            UNTESTED
        ): "new has +2.1 points of micro-F1 over old, which is not tested: no predictions of old can "
        "be read here",
    }[id(pair)]
    assert sentence.startswith(quality)
    only_bad = case == "slower and bigger"
    joint = (" but is " if only_bad else " and is ") if pair is BETTER else ". new is "
    assert sentence == f"{quality}{joint}{price}."


def test_quality_that_is_paid_for_is_told_with_but(group: Any) -> None:
    sentence, advice = written(group, BETTER, latency=150.0, size=95.0)
    assert sentence == (
        "new has +2.1 points of micro-F1 over old (95% interval +0.4 to +3.9, p 0.012) and is about as big "
        "but 1.5 times as slow."
    )
    assert advice.name == "new"
    assert "That has a price: it is 1.5 times as slow as old" in advice.text
    dear, _ = written(group, BETTER, latency=150.0, size=180.0)
    assert dear.endswith(" but is 1.5 times as slow and 2 times as big.")


def test_quality_without_a_price_is_told_with_and(group: Any) -> None:
    sentence, advice = written(group, BETTER, latency=50.0, size=45.0)
    assert sentence.endswith(" and is 2 times as fast and 2 times as small.")
    assert advice.text.endswith("It costs no more than old.")


def test_missing_figures_are_named_and_nothing_is_claimed(group: Any) -> None:
    sentence, advice = written(group, BETTER, latency=None, size=None)
    assert sentence.endswith("p 0.012). The latency of new is missing. The size of new is missing.")
    assert advice.name == "new"
    assert "costs no more" not in advice.text
    _, undecided = written(group, ALIKE, latency=None)
    assert undecided.name is None
    assert "the costs do not decide: the latency of new is missing" in undecided.text


def test_speeds_on_other_hardware_are_not_compared(group: Any) -> None:
    sentence, _ = written(group, BETTER, latency=500.0, cpu="Other")
    assert "slow" not in sentence
    assert sentence.endswith("The models were timed on different hardware.")


RECOMMENDED = [
    (BETTER, {}, "new", "above that of old, by more than the choice of test documents explains"),
    (
        ALIKE,
        {"latency": 150.0},
        "old",
        "cannot be told from the highest, that of new, and it is 1.5 times as fast",
    ),
    (
        ALIKE,
        {"latency": 150.0},
        "old",
        "room for a loss of up to 4.5 points; where that is too much, ship new.",
    ),
    (ALIKE, {"latency": 50.0}, "new", "would cost more"),
    (ALIKE, {}, None, "they cost about the same"),
    (ALIKE, {"latency": 50.0, "size": 180.0}, None, "none of them costs less in one respect"),
    (
        UNTESTED,
        {"latency": 50.0},
        None,
        "new has the highest micro-F1, but nothing is tested: no predictions of old",
    ),
]


@pytest.mark.parametrize(("pair", "options", "name", "text"), RECOMMENDED)
def test_the_recommendation_follows_from_the_figures(
    pair: Pair, options: dict[str, float], name: str | None, text: str, group: Any
) -> None:
    _, advice = written(group, pair, **options)
    assert advice.name == name
    assert text in advice.text
    assert advice.text.startswith(f"Ship {name}: " if name else "It cannot be told which to ship: ")


def test_contrasting_figures_give_different_recommendations(selection: Any) -> None:
    """Measured through: one model is better, in the other pair it is only slower."""
    better = selection(small={"found": 6, "latency": 50.0}, big={"found": 9, "latency": 100.0}).recommendation
    no_better = selection(
        small={"found": 8, "latency": 50.0}, big={"found": 8, "uneven": 2, "latency": 100.0}
    ).recommendation
    assert better.name == "big"
    assert no_better.name == "small"
    assert better.text != no_better.text


def test_a_model_alone_is_compared_with_nothing(selection: Any) -> None:
    found = selection(only={})
    assert found.recommendation.name is None
    assert found.recommendation.text == "There is nothing to compare only with on its test documents."
    assert found.verdict == ()


def test_among_several_the_correction_and_all_names_are_told(group: Any) -> None:
    found = group(a={"found": 9, "latency": 400.0}, b={"found": 8, "latency": 100.0}, c={"found": 7})
    pairs = [
        Pair("b", 0.05, 0.01, 0.09, p_value=0.02, p_adjusted=0.02),
        Pair("c", 0.1, 0.05, 0.15, p_value=0.0002, p_adjusted=0.0004),
    ]
    first, second = tell_pairs(found, pairs, 0.95)
    assert "p 0.020, p 0.020 after Holm's correction for 2 comparisons" in first
    assert "p < 0.001" in second
    advice = recommend(found, pairs, rank(found, {"latency": 1.0, "rare_f1": 1.0}), 0.95)
    assert advice.name == "a"
    assert "above those of all others" in advice.text
    assert "4 times as slow as b" in advice.text
    cheap = recommend(found, pairs, rank(group(a={"found": 9}, b={"found": 8}), {"f1": 1}), 0.95)
    assert "weighted criterion" not in cheap.text


def test_a_model_that_was_not_tested_is_not_considered(group: Any) -> None:
    found = group(new={"found": 8}, old={"found": 7}, other={"found": 6})
    untested = Pair("other", 0.1, reason="no predictions of other can be read here")
    advice = recommend(found, [BETTER, untested], rank(found, {"f1": 1.0}), 0.95)
    assert advice.name == "new"
    assert "other is not considered: no predictions of other can be read here." in advice.text


def test_a_criterion_that_prefers_another_model_is_told(group: Any) -> None:
    found = group(new={"found": 8, "latency": 150.0}, old={"found": 7})
    advice = recommend(found, [BETTER], rank(found, {"latency": 1.0}), 0.95)
    assert advice.text.endswith("The weighted criterion prefers old.")


def test_the_criterion_is_told_with_its_weights(group: Any) -> None:
    found = group(new={"found": 8, "latency": 200.0}, old={"found": 7})
    (sentence,) = tell_criterion(rank(found, {"f1": 2.0, "latency": 0.5}), found)
    assert sentence == (
        "Weighed by micro-F1 (2) and latency (0.5), new is the best, with 0.800 of 1; old follows with 0.200."
    )
    (equal,) = tell_criterion(rank(found, {"f1": 1.0, "latency": 1.0}), found)
    assert "the best models are equal" in equal


def test_what_the_criterion_lacks_is_told(group: Any) -> None:
    found = group(new={"found": 8, "latency": None, "size": None}, old={"found": 7, "size": None})
    none, size, unranked = tell_criterion(rank(found, {"latency": 1.0, "size": 1.0}), found)
    assert none.startswith("No two models have all figures that count")
    assert size == "The size does not count in it: no model has it."
    assert unranked == "new is not ranked by it: it lacks latency."


def test_types_are_counted_for_each_model(selection: Any, group: Any) -> None:
    found = selection(a={"found": 10}, b={"found": 8}, c={"found": 5})
    assert (
        "Of 3 types, the highest F1 is that of a for 3, b for 1 and c for 0. The interval of the best is "
        "clear of all others in 2 of them."
    ) in found.verdict
    assert list(tell_types(found.types[:1], found.group)) == []
    assert "in none of them" in "".join(tell_types(found.types[:1] * 2, found.group))


def test_types_that_no_model_finds_are_told(selection: Any) -> None:
    (sentence,) = selection(a={"found": 7}, b={"found": 5}).verdict[1:2]
    assert "that of a for 2 and b for 0; no model finds any span of 1. The " in sentence


def test_models_of_the_same_score_have_no_highest(group: Any) -> None:
    found = group(a={}, b={})
    for pair in (
        Pair("b", 0.0, 0.0, 0.0, p_value=1.0, p_adjusted=1.0),
        Pair("b", 0.0, reason="no predictions of b can be read here"),
    ):
        advice = recommend(found, [pair], rank(found, {"f1": 1.0}), 0.95)
        assert advice.name is None
        assert "all have the same micro-F1, and" in advice.text
        assert "highest" not in advice.text


def test_small_ratios_count_as_the_same() -> None:
    assert [Cost("speed", ratio).sign for ratio in (1.09, 0.92, 1.11, 0.9)] == [0, 0, -1, 1]
    assert Cost("speed", None, "why").words == ""


def test_an_undefined_difference_is_a_dash() -> None:
    assert signed(None) == "\N{EN DASH}"
