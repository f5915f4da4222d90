from __future__ import annotations

import math
from collections.abc import Iterable
from itertools import pairwise
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spanwise import selection
from spanwise.encoding import Ints, Window, owning_window
from spanwise.selection import (
    Floats,
    Probability,
    ScoredSpans,
    SpanTable,
    averaged,
    combine,
    owners,
    reachable,
    word_bounds,
)


def window(first: int, behind: int) -> Window:
    words = np.arange(first, behind)
    return Window(
        start=first,
        input_ids=np.zeros(behind - first + 2, dtype=np.int64),
        words=words,
        positions=words - first + 1,
        owned=np.ones(behind - first, dtype=np.bool_),
    )


def logit(probability: float) -> float:
    return math.log(probability / (1 - probability))


WINDOWS = (window(0, 6), window(4, 10), window(8, 12))


def table(*found: tuple[int, int, int, int, float], labels: int = 2) -> SpanTable:
    """A table in which each window says (window, first, behind, label, probability) and nothing else."""
    scores = [np.full((labels, len(each.words), len(each.words)), -60.0) for each in WINDOWS]
    for number, first, behind, label, probability in found:
        start = WINDOWS[number].words[0]
        scores[number][label, first - start, behind - 1 - start] = logit(probability)
    return SpanTable.from_windows(WINDOWS, scores)


Scored = tuple[int, int, int, float]  # first word, the one behind the last, label, probability


def scored(spans: Iterable[Scored]) -> ScoredSpans:
    rows = np.array(list(spans), dtype=np.float64).reshape(-1, 4)
    return ScoredSpans(rows[:, :3].astype(np.int64), rows[:, 3])


def listed(found: ScoredSpans) -> list[Scored]:
    return [
        (*span, sure) for span, sure in zip(found.spans.tolist(), found.probability.tolist(), strict=True)
    ]


def rounded(found: ScoredSpans) -> list[Scored]:
    return listed(ScoredSpans(found.spans, found.probability.round(6)))


def flat(spans: Iterable[Scored]) -> list[Scored]:
    return listed(selection.flat(scored(spans)))


def nested(spans: Iterable[Scored]) -> list[Scored]:
    return listed(selection.nested(scored(spans)))


# Windows.


def test_candidates_are_numbered_in_words_of_the_document() -> None:
    found = table((0, 1, 3, 0, 0.9), (1, 6, 7, 1, 0.7), (2, 10, 12, 1, 0.6)).candidates(0.5)
    assert rounded(found) == [(1, 3, 0, 0.9), (6, 7, 1, 0.7), (10, 12, 1, 0.6)]


def test_candidates_are_sorted_and_below_the_floor_there_are_none() -> None:
    seen = table((0, 0, 1, 1, 0.3), (0, 0, 3, 1, 0.4), (0, 0, 3, 0, 0.9), (0, 2, 3, 0, 0.29))
    assert rounded(seen.candidates(0.295)) == [(0, 3, 0, 0.9), (0, 3, 1, 0.4), (0, 1, 1, 0.3)]


def test_a_score_of_zero_is_a_probability_of_one_half() -> None:
    assert listed(table((0, 1, 3, 0, 0.5)).candidates(0.5)) == [(1, 3, 0, 0.5)]


def test_the_window_with_most_context_decides_even_when_it_denies() -> None:
    seen = table((0, 4, 5, 0, 0.6), (1, 4, 5, 0, 0.9), (0, 5, 6, 0, 0.8), (1, 8, 9, 1, 0.7))
    assert rounded(seen.candidates(0.5)) == [(4, 5, 0, 0.6), (8, 9, 1, 0.7)]
    assert seen.probabilities(np.array([(5, 6, 0)])) == pytest.approx(0, abs=1e-20)


def test_a_span_across_windows_belongs_to_the_one_that_holds_it_whole() -> None:
    assert owners(np.array([[3, 6], [5, 7], [4, 6], [3, 7]]), word_bounds(WINDOWS)).tolist() == [0, 1, 0, -1]


def test_a_span_that_no_window_holds_whole_cannot_be_reached() -> None:
    assert reachable(0, 6, WINDOWS)
    assert not reachable(0, 7, WINDOWS)
    assert not reachable(3, 7, WINDOWS)
    assert not reachable(0, 1, ())
    assert table().probabilities(np.array([(3, 7, 0)])).tolist() == [0.0]


def test_one_window_holds_everything() -> None:
    assert owners(np.array([[0, 6], [0, 1], [5, 6]]), word_bounds(WINDOWS[:1])).tolist() == [0, 0, 0]


def test_a_window_without_words_owns_nothing() -> None:
    windows = (window(0, 6), window(6, 6), window(6, 9))
    spans = np.array([[0, 1], [5, 6], [6, 7], [8, 9], [5, 7]])
    assert owners(spans, word_bounds(windows)).tolist() == [0, 0, 2, 2, -1]
    scores = [np.full((1, len(each.words), len(each.words)), 1.0) for each in windows]
    assert len(SpanTable.from_windows(windows, scores).candidates(0.5).spans) == 6 * 7 // 2 + 3 * 4 // 2


def test_a_document_without_words_has_no_candidates() -> None:
    assert listed(SpanTable.from_windows((), ()).candidates(0.5)) == []


def test_padding_and_what_ends_before_it_starts_are_passed_over() -> None:
    scores = np.full((1, 9, 9), 5.0)
    found = SpanTable.from_windows(WINDOWS[:1], [scores]).candidates(0.5)
    assert [tuple(span[:2]) for span in found.spans.tolist()] == [
        (i, j) for i in range(6) for j in range(6, i, -1)
    ]


def test_extreme_scores_have_probabilities() -> None:
    scores = np.array([[[-1e4, 1e4], [-1e4, -750.0]]], dtype=np.float32)
    known = SpanTable.from_windows((window(0, 2),), [scores])
    assert listed(known.candidates(0.01)) == [(0, 2, 0, 1.0)]
    assert 0 <= known.probabilities(np.array([(0, 1, 0)]))[0] < 1e-300


@st.composite
def cut_documents(draw: st.DrawFn) -> tuple[int, list[tuple[int, int]]]:
    """A number of words, and windows that cover them with overlaps."""
    bounds = [(0, draw(st.integers(1, 8)))]
    for _ in range(draw(st.integers(0, 4))):
        start, end = bounds[-1]
        bounds.append((draw(st.integers(start + 1, end)), end + draw(st.integers(1, 6))))
    return bounds[-1][1], bounds


@given(cut_documents(), st.data())
def test_a_span_is_owned_by_a_window_that_holds_it_with_most_context(
    document: tuple[int, list[tuple[int, int]]], data: st.DataObject
) -> None:
    words, bounds = document
    first = data.draw(st.integers(0, words - 1))
    behind = data.draw(st.integers(first + 1, words))
    context = {
        number: min(
            math.inf if number == 0 else first - start,
            math.inf if end == words else end - behind,
        )
        for number, (start, end) in enumerate(bounds)
        if start <= first and behind <= end
    }
    owner = owners(np.array([[first, behind]]), np.array(bounds))[0]
    assert owner == min(context, key=lambda number: (-context[number], number), default=-1)


@given(cut_documents())
def test_a_span_of_one_word_belongs_to_the_window_that_owns_the_word(
    document: tuple[int, list[tuple[int, int]]],
) -> None:
    words, bounds = document
    spans = np.stack([np.arange(words), np.arange(words) + 1], axis=1)
    assert owners(spans, np.array(bounds)).tolist() == owning_window(np.arange(words), bounds).tolist()


# Choosing.

PROBABILITIES = st.sampled_from([0.2, 0.5, 0.6, 0.75, 0.9])


@st.composite
def scored_spans(draw: st.DrawFn) -> list[Scored]:
    lengths = st.tuples(st.integers(0, 9), st.integers(1, 4), st.integers(0, 2), PROBABILITIES)
    return [(a, a + b, label, p) for a, b, label, p in draw(st.lists(lengths, max_size=12))]


def overlap(one: Scored, other: Scored) -> bool:
    return one[0] < other[1] and other[0] < one[1]


@given(scored_spans())
def test_flat_spans_have_no_word_in_common_and_are_in_order(spans: list[Scored]) -> None:
    kept = flat(spans)
    assert all(one[1] <= other[0] for one, other in pairwise(kept))
    assert set(kept) <= {span for span in spans if span[3] >= 0.5}


@given(scored_spans())
def test_what_flat_leaves_out_overlaps_something_at_least_as_probable(spans: list[Scored]) -> None:
    kept = flat(spans)
    for span in spans:
        if span[3] >= 0.5:
            assert any(overlap(span, other) and other[3] >= span[3] for other in kept)


@given(scored_spans(), st.randoms(use_true_random=False))
def test_the_order_of_the_candidates_does_not_matter(spans: list[Scored], random: Random) -> None:
    shuffled = list(spans)
    random.shuffle(shuffled)
    assert flat(shuffled) == flat(spans)
    assert nested(shuffled) == nested(spans)


def test_flat_takes_the_most_probable_then_the_longer_then_the_earlier_then_the_lower_label() -> None:
    assert flat([(0, 3, 0, 0.6), (2, 3, 1, 0.7)]) == [(2, 3, 1, 0.7)]
    assert flat([(0, 1, 0, 0.6), (0, 2, 1, 0.6)]) == [(0, 2, 1, 0.6)]
    assert flat([(1, 3, 0, 0.6), (0, 2, 1, 0.6)]) == [(0, 2, 1, 0.6)]
    assert flat([(0, 2, 1, 0.6), (0, 2, 0, 0.6)]) == [(0, 2, 0, 0.6)]


def test_flat_fills_the_room_beside_better_spans() -> None:
    spans = [(0, 2, 0, 0.8), (1, 4, 0, 0.7), (2, 4, 1, 0.6)]
    assert flat(spans) == [(0, 2, 0, 0.8), (2, 4, 1, 0.6)]


def test_nothing_is_chosen_from_nothing() -> None:
    assert flat([]) == nested([]) == []
    assert flat([(0, 1, 0, 0.49)]) == nested([(0, 1, 0, 0.49)]) == []


def test_nested_keeps_spans_inside_crossing_and_with_several_labels() -> None:
    spans = [
        (0, 4, 1, 0.6),
        (0, 4, 0, 0.9),
        (1, 2, 1, 0.5),
        (3, 6, 0, 0.7),
        (0, 5, 0, 0.4),
    ]
    assert nested(spans) == [(0, 4, 0, 0.9), (0, 4, 1, 0.6), (1, 2, 1, 0.5), (3, 6, 0, 0.7)]


@given(scored_spans())
def test_nested_keeps_each_span_once_with_its_best_probability(spans: list[Scored]) -> None:
    best: dict[tuple[int, int, int], float] = {}
    for span in spans:
        best[span[:3]] = max(span[3], best.get(span[:3], 0.0))
    assert {span[:3]: span[3] for span in nested(spans)} == {
        key: value for key, value in best.items() if value >= 0.5
    }


# Two heads.


def told(known: dict[tuple[int, int, int], float]) -> Probability:
    """A head that knows these spans."""
    return lambda spans: np.array([known[first, behind, label] for first, behind, label in spans.tolist()])


def test_a_combined_span_has_the_mean_of_both_heads() -> None:
    tagger = told({(0, 2, 0): 0.8, (3, 4, 1): 0.9, (5, 7, 0): 0.1})
    pointer = table((0, 0, 2, 0, 0.4), (0, 3, 4, 1, 0.3), (1, 5, 7, 0, 0.95))
    found = combine(
        np.array([(0, 2, 0), (3, 4, 1)]),
        pointer.candidates(0.35).spans,
        averaged(tagger, pointer.probabilities),
    )
    assert rounded(found) == [(0, 2, 0, 0.6), (3, 4, 1, 0.6), (5, 7, 0, 0.525)]


def test_both_heads_are_asked_for_a_candidate_of_either_once() -> None:
    asked: list[list[int]] = []

    def probability(spans: Ints) -> Floats:
        asked.extend(spans.tolist())
        return np.full(len(spans), 0.25)

    both, one, other = (0, 2, 0), (4, 5, 1), (1, 2, 0)
    sure = averaged(probability, lambda spans: np.ones(len(spans)))
    found = combine(np.array([both, one]), np.array([other, both]), sure)
    assert listed(found) == [(0, 2, 0, 0.625), (1, 2, 0, 0.625), (4, 5, 1, 0.625)]
    assert asked == [[0, 2, 0], [1, 2, 0], [4, 5, 1]]


def test_a_span_that_no_window_holds_needs_a_certain_tagger() -> None:
    found = combine(
        np.array([(3, 7, 0)]),
        np.zeros((0, 3), dtype=np.int64),
        averaged(told({(3, 7, 0): 0.99}), table().probabilities),
    )
    assert listed(found) == [(3, 7, 0, 0.495)]
    assert flat(listed(found)) == []
