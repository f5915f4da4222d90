from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spanwise.runtime.benchmark.extrapolation import hours_for_many, hours_interval


def bounds(rounds: list[list[float]], documents: int, hours: float = 1.0) -> tuple[float, float]:
    low, high = hours_interval(hours, rounds, documents, samples=400, level=0.9, seed=13)
    assert low is not None
    assert high is not None
    return low, high


def test_ten_thousand_documents_at_a_rate() -> None:
    assert hours_for_many(10_000 / 3600) == pytest.approx(1)


def test_equal_documents_leave_no_doubt() -> None:
    assert bounds([[0.5] * 8, [0.5] * 8], 8, hours=3.0) == pytest.approx((3, 3))


def test_documents_that_come_again_are_no_further_evidence() -> None:
    own = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]
    once = bounds([own], 6)
    assert bounds([own * 5], 6) == pytest.approx(once)
    low, high = bounds([own * 5], 30)
    assert high - low < once[1] - once[0]


def test_the_rounds_of_a_document_are_averaged() -> None:
    rounds = [[0.1, 0.2, 0.3, 0.4, 0.9], [0.3, 0.2, 0.1, 0.2, 0.1]]
    assert bounds(rounds, 5) == pytest.approx(bounds([[0.2, 0.2, 0.2, 0.3, 0.5]], 5))


def test_too_few_documents_give_no_interval() -> None:
    few = [[0.1, 0.2, 0.3, 0.4] * 8]
    assert hours_interval(1.0, few, 4, samples=400, level=0.9, seed=13) == (None, None)


@given(st.lists(st.floats(0.001, 10), min_size=5, max_size=20), st.floats(0.01, 100))
def test_the_time_lies_within_its_bounds_and_these_within_the_extremes(
    times: list[float], hours: float
) -> None:
    low, high = hours_interval(hours, [times], len(times), samples=200, level=0.99, seed=1)
    assert low is not None
    assert high is not None
    mean = sum(times) / len(times)
    assert hours * min(times) / mean * 0.999 <= low <= high <= hours * max(times) / mean * 1.001
