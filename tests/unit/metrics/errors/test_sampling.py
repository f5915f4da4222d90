from __future__ import annotations

from collections import Counter
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spanwise.metrics.errors import CATEGORIES, Category, Judgement, sample
from spanwise.schema import Span

SIZES: dict[Category, int] = {"correct": 500, "type": 60, "split": 30, "missed": 9, "shifted": 1}


def judgements(sizes: dict[Category, int]) -> list[Judgement]:
    return [
        Judgement(
            document=f"{number % 7}",
            category=category,
            gold=(Span(start=number, end=number + 1, label=category),),
        )
        for category, size in sizes.items()
        for number in range(size)
    ]


def drawn(number: int) -> Counter[Category]:
    return Counter(judgement.category for judgement in sample(judgements(SIZES), number, seed=3))


def test_errors_are_drawn_by_frequency_and_every_category_is_there() -> None:
    assert drawn(30) == {"type": 17, "split": 9, "missed": 3, "shifted": 1}


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (0, {}),
        (2, {"type": 1, "split": 1}),
        (4, {"type": 1, "split": 1, "missed": 1, "shifted": 1}),
        (5, {"type": 2, "split": 1, "missed": 1, "shifted": 1}),
        (100, {"type": 60, "split": 30, "missed": 9, "shifted": 1}),
        (1000, {"type": 60, "split": 30, "missed": 9, "shifted": 1}),
    ],
)
def test_few_and_many_are_drawn_as_far_as_there_are(number: int, expected: dict[Category, int]) -> None:
    assert drawn(number) == expected


def test_what_is_correct_is_never_drawn() -> None:
    assert sample(judgements({"correct": 5}), 3, seed=1) == []
    assert sample([], 3, seed=1) == []


def test_samples_come_by_category_and_place() -> None:
    found = sample(judgements(SIZES), 30, seed=3)
    assert found == sorted(found, key=lambda each: (CATEGORIES.index(each.category), each.place))


def test_another_seed_draws_others() -> None:
    assert sample(judgements(SIZES), 30, seed=3) != sample(judgements(SIZES), 30, seed=4)


@given(
    sizes=st.dictionaries(st.sampled_from(CATEGORIES), st.integers(1, 20)),
    number=st.integers(0, 40),
    seed=st.integers(0, 5),
    random=st.randoms(use_true_random=False),
)
def test_draws_are_distinct_as_many_as_asked_for_and_the_same_in_any_order(
    sizes: dict[Category, int], number: int, seed: int, random: Random
) -> None:
    everything = judgements(sizes)
    found = sample(everything, number, seed)
    errors = sum(size for category, size in sizes.items() if category != "correct")
    assert len({each.model_dump_json() for each in found}) == len(found) == min(number, errors)
    shuffled = random.sample(everything, len(everything))
    assert sample(shuffled, number, seed) == found
