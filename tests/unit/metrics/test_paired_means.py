from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spanwise.metrics.paired import compare_means

DRAWING = {"samples": 100, "seed": 1}
TOPICS = [f"g{number // 2}" for number in range(12)]


def test_a_mean_is_over_the_weights() -> None:
    found = compare_means(["a", "b"], [2.0, 6.0], [1.0, 1.0], [1.0, 3.0], level=0.95, **DRAWING)
    assert (found.baseline, found.candidate) == (2.0, 0.5)
    assert found.difference == -1.5


def test_below_five_groups_nothing_is_tested() -> None:
    found = compare_means(["a", "b", "c", "d"], [1.0] * 4, [2.0] * 4, [1.0] * 4, level=0.95, **DRAWING)
    assert (found.low, found.high, found.p_value) == (None, None, None)


def test_a_difference_in_every_group_is_beyond_chance() -> None:
    before = [number / 10 for number in range(12)]
    found = compare_means(TOPICS, before, [each + 1 for each in before], [1.0] * 12, level=0.95, **DRAWING)
    assert found.low == pytest.approx(1)
    assert found.high == pytest.approx(1)
    assert found.p_value == pytest.approx(2 / 101)


@given(values=st.lists(st.floats(0, 1), min_size=12, max_size=12))
def test_equal_systems_do_not_differ(values: list[float]) -> None:
    found = compare_means(TOPICS, values, values, [1.0] * 12, level=0.9, **DRAWING)
    assert found.difference == 0
    assert found.p_value == 1
