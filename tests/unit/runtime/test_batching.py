"""Batches: every window once, of like length, within the budget."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from spanwise.runtime.batching import batches


@given(lengths=st.lists(st.integers(1, 300), max_size=50), budget=st.integers(1, 600))
def test_batches_hold_every_window_once_and_keep_to_the_budget(lengths: list[int], budget: int) -> None:
    found = list(batches(lengths, budget))
    assert sorted(index for batch in found for index in batch) == list(range(len(lengths)))
    for batch in found:
        assert len(batch) == 1 or len(batch) * max(lengths[index] for index in batch) <= budget


def test_batches_are_of_like_length() -> None:
    assert list(batches([5, 100, 6, 90], budget=200)) == [[1, 3], [2, 0]]
