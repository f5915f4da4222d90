from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spanwise.tasks.instruct.repetition import LOOP, distinct, repeated


def test_what_came_before_is_counted() -> None:
    assert repeated("a b c d a b c d") == pytest.approx(1 / 5)
    assert repeated("a b c d e f g h") == 0
    assert distinct("a b a b") == pytest.approx(2 / 3)


@pytest.mark.parametrize("text", ["oui " * 30, "!" * 30, "1. 1. " * 20, "Ne pas masser. " * 20])
def test_loops_are_far_above_the_bound(text: str) -> None:
    assert repeated(text) > 2 * LOOP


def test_a_text_without_ngrams_repeats_nothing() -> None:
    assert repeated("a b c") == 0
    assert distinct("a") is None


@given(st.text(max_size=60))
def test_shares_stay_between_0_and_1(text: str) -> None:
    assert 0 <= repeated(text) < 1
    assert distinct(text) is None or 0 < (distinct(text) or 0) <= 1
