from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spanwise.errors import UserError
from spanwise.splits.stratified import Ints, apportion, stratify


def assign(documents: list[int], spans: list[list[int]], weights: list[int], seed: int = 0) -> Ints:
    counts = np.array(spans, dtype=np.int64).reshape(len(documents), -1)
    return stratify(np.array(documents), counts, weights, rng=np.random.default_rng(seed))


def sizes(documents: list[int], side: Ints, sides: int) -> list[int]:
    return [int(np.array(documents)[side == number].sum()) for number in range(sides)]


@pytest.mark.parametrize(
    ("total", "weights", "shares"),
    [
        (200, [170, 15, 15], [170, 15, 15]),
        (200, [340, 30, 30], [170, 15, 15]),
        (120, [96, 12, 12], [96, 12, 12]),
        (10, [170, 15, 15], [8, 1, 1]),
        (3, [170, 15, 15], [1, 1, 1]),
        (7, [1, 1, 1, 1, 1], [2, 2, 1, 1, 1]),
    ],
)
def test_apportion(total: int, weights: list[int], shares: list[int]) -> None:
    assert apportion(total, weights) == shares


@given(st.integers(3, 500), st.lists(st.integers(1, 400), min_size=1, max_size=3))
def test_apportion_gives_all_and_to_each(total: int, weights: list[int]) -> None:
    shares = apportion(total, weights)
    assert sum(shares) == total
    assert min(shares) >= 1
    quotas = [total * weight / sum(weights) for weight in weights]
    if min(quotas) >= 1:
        assert all(abs(share - quota) < 1 for share, quota in zip(shares, quotas, strict=True))


def test_more_sides_than_groups_are_an_error() -> None:
    with pytest.raises(UserError, match="2 groups of documents cannot be divided into 3 sides"):
        assign([5, 5], [[1], [1]], [1, 1, 1])


@given(st.integers(0, 10_000), st.integers(10, 60), st.integers(0, 6))
def test_sizes_are_exact_for_single_documents(seed: int, groups: int, labels: int) -> None:
    spans = np.random.default_rng(seed).poisson(0.5, (groups, labels)).tolist()
    side = assign([1] * groups, spans, [8, 1, 1], seed)
    assert sizes([1] * groups, side, 3) == apportion(groups, [8, 1, 1])


@given(st.lists(st.integers(1, 30), min_size=3, max_size=30), st.integers(0, 100))
def test_every_group_is_placed_and_no_side_is_empty(documents: list[int], seed: int) -> None:
    side = assign(documents, [[number % 3, 1] for number in range(len(documents))], [8, 1, 1], seed)
    assert set(side.tolist()) == {0, 1, 2}


def test_sizes_are_exact_where_single_documents_can_fill_up() -> None:
    documents = [9, 7, 4, 2] + [1] * 78
    side = assign(documents, [[1]] * len(documents), [80, 10, 10])
    assert sizes(documents, side, 3) == [80, 10, 10]


def test_a_group_greater_than_every_side_goes_where_most_room_is() -> None:
    side = assign([30, 1, 1], [[1], [1], [1]], [6, 2, 2])
    assert side[0] == 0


@pytest.mark.parametrize("seed", range(5))
def test_a_label_found_in_as_many_groups_as_there_are_sides_reaches_each(seed: int) -> None:
    spans = np.zeros((40, 3), dtype=int)
    spans[:, 0] = 5
    spans[[3, 17, 31], 1] = 1
    spans[[3, 17, 20], 2] = 2
    side = assign([1] * 40, spans.tolist(), [36, 2, 2], seed)
    assert set(side[[3, 17, 31]].tolist()) == {0, 1, 2}
    assert set(side[[3, 17, 20]].tolist()) == {0, 1, 2}


@pytest.mark.parametrize("seed", range(5))
def test_a_label_found_in_fewer_groups_goes_to_the_largest_sides(seed: int) -> None:
    spans = np.zeros((40, 2), dtype=int)
    spans[7, 0] = 1
    spans[[11, 12], 1] = 1
    side = assign([1] * 40, spans.tolist(), [30, 6, 4], seed)
    assert side[7] == 0
    assert set(side[[11, 12]].tolist()) == {0, 1}


@pytest.mark.parametrize("seed", range(20))
def test_swaps_bring_in_what_the_cover_could_not_reach(seed: int) -> None:
    # Each small side has room for one group, so only groups 0 and 1, that have all labels, will do.
    spans = [[1, 1, 1], [1, 1, 1], [1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 0], [0, 1, 1]]
    side = assign([1] * 7, spans, [5, 1, 1], seed)
    assert set(side[:2].tolist()) == {1, 2}


@pytest.mark.parametrize("seed", range(5))
def test_labels_reach_every_side_where_no_two_groups_can_be_swapped(seed: int) -> None:
    documents = list(range(1, 21))
    spans = [[5, int(number in {2, 5, 7}), int(number in {2, 6, 9})] for number in range(20)]
    side = assign(documents, spans, [8, 1, 1], seed)
    assert set(side[[2, 5, 7]].tolist()) == {0, 1, 2}
    assert set(side[[2, 6, 9]].tolist()) == {0, 1, 2}


@pytest.mark.parametrize("seed", range(5))
def test_spans_follow_the_sizes_where_no_two_groups_can_be_swapped(seed: int) -> None:
    documents = np.arange(20, 40)
    spans = np.random.default_rng(seed).permutation(np.arange(5, 105, 5))
    side = assign(documents.tolist(), [[count] for count in spans.tolist()], [1, 1], seed)
    assert abs(spans[side == 0].sum() / spans.sum() - 0.5) < 0.1


@pytest.mark.parametrize("seed", range(3))
def test_shares_of_spans_follow_the_sizes(seed: int) -> None:
    spans = np.random.default_rng(seed).poisson(np.linspace(0.5, 20, 12), (200, 12))
    side = assign([1] * 200, spans.tolist(), [170, 15, 15], seed)
    shares = np.array([spans[side == number].sum(axis=0) / spans.sum(axis=0) for number in range(3)])
    ideal = np.array([[0.85], [0.075], [0.075]])
    shuffled = np.random.default_rng(seed).permutation(np.repeat([0, 1, 2], [170, 15, 15]))
    random = np.array([spans[shuffled == number].sum(axis=0) / spans.sum(axis=0) for number in range(3)])
    assert np.abs(shares - ideal).max() < 0.02
    assert np.abs(shares - ideal).mean() < np.abs(random - ideal).mean() / 3


def test_many_groups_look_at_a_sample_of_partners() -> None:
    spans = np.random.default_rng(1).poisson(2, (600, 3))
    side = assign([1] * 600, spans.tolist(), [1, 1, 1])
    assert sizes([1] * 600, side, 3) == [200, 200, 200]
    assert np.ptp([spans[side == number].sum() for number in range(3)]) <= 12
