"""Words, windows and tags: nothing of a text may be lost on the way into a model."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from transformers import PreTrainedTokenizerBase

from spanwise.encoding import OUTSIDE, WORD, Encoder, owning_window, special_tokens, tag_words, window_bounds
from spanwise.errors import UserError
from spanwise.schema import Span

TEXTS = st.text(max_size=400) | st.text(alphabet="ab 1.\n\u200b\u200d\u0301\x00\ud800é漢😀", max_size=400)


@pytest.fixture(scope="module")
def encoder(tokenizer: PreTrainedTokenizerBase) -> Encoder:
    return Encoder(tokenizer, max_length=16, stride=4)


def test_special_tokens_are_found_around_a_text(tokenizer: PreTrainedTokenizerBase) -> None:
    prefix, suffix = special_tokens(tokenizer)
    assert prefix.tolist() == [tokenizer.cls_token_id]
    assert suffix.tolist() == [tokenizer.sep_token_id]


@given(text=TEXTS)
def test_every_word_is_owned_by_one_window_and_no_subword_is_truncated(encoder: Encoder, text: str) -> None:
    encoding = encoder(text)
    owners = np.zeros(len(encoding.words), dtype=int)
    for window in encoding.windows:
        assert len(window.input_ids) <= 16
        owners[window.words[window.owned]] += 1
    assert (owners == 1).all()
    assert encoding.truncated(encoder.special_tokens) == 0
    assert len(encoding.words) + encoding.dropped_words == len(WORD.findall(text))


@given(text=TEXTS)
def test_positions_point_at_the_first_subword_of_their_word(encoder: Encoder, text: str) -> None:
    encoding = encoder(text)
    for window in encoding.windows:
        for word, position in zip(window.words, window.positions, strict=True):
            start, end = encoding.words[word]
            alone = encoder.tokenizer([text[start:end]], is_split_into_words=True, add_special_tokens=False)
            assert window.input_ids[position] == alone["input_ids"][0]


@pytest.mark.parametrize("text", ["", " \n\t", "\u200b\u200b", "\x00"])
def test_a_text_without_words_has_no_window(encoder: Encoder, text: str) -> None:
    encoding = encoder(text)
    assert encoding.windows == ()
    assert len(encoding.words) == 0


def test_a_word_longer_than_a_window_is_cut_but_not_dropped(encoder: Encoder) -> None:
    long_word = "pneumonoultramicroscopicsilicovolcanoconiosis" * 2
    encoding = encoder(f"before {long_word} after")
    assert len(encoding.words) == 3
    assert encoding.subwords > 16
    assert encoding.truncated(encoder.special_tokens) == 0


def test_truncation_would_be_seen(encoder: Encoder) -> None:
    encoding = encoder("one two three four five six seven eight nine ten " * 4)
    cut = type(encoding)(encoding.words, encoding.windows[:1], encoding.subwords, 0)
    assert cut.truncated(encoder.special_tokens) == encoding.subwords - 14


@given(
    lengths=st.lists(st.integers(1, 9), min_size=1, max_size=60),
    room=st.integers(4, 20),
    stride=st.integers(0, 10),
)
def test_windows_advance_cover_everything_and_overlap(lengths: list[int], room: int, stride: int) -> None:
    firsts = np.cumsum([0, *lengths[:-1]])
    total = sum(lengths)
    stride = min(stride, room // 2)
    bounds = window_bounds(total, firsts, room, stride)
    assert bounds[0][0] == 0
    assert bounds[-1][1] == total
    for (start, end), (next_start, next_end) in itertools.pairwise(bounds):
        assert end - start <= room
        assert start < next_start <= end - stride
        assert end < next_end


def test_a_word_belongs_to_the_window_with_most_context() -> None:
    owners = owning_window(np.arange(10), [(0, 6), (4, 10)])
    assert owners.tolist() == [0, 0, 0, 0, 0, 1, 1, 1, 1, 1]


@given(
    lengths=st.lists(st.integers(1, 4), min_size=1, max_size=60),
    room=st.integers(4, 12),
    stride=st.integers(0, 6),
)
def test_ownership_is_the_maximum_over_all_windows(lengths: list[int], room: int, stride: int) -> None:
    firsts = np.cumsum([0, *lengths[:-1]])
    bounds = window_bounds(sum(lengths), firsts, room, min(stride, room // 2))

    def context(first: int, index: int) -> float:
        start, end = bounds[index]
        if not start <= first < end:
            return -1.0
        left = first - start if index else float("inf")
        return min(left, end - 1 - first if index < len(bounds) - 1 else float("inf"))

    expected = [
        max(range(len(bounds)), key=lambda index: (context(first, index), -index)) for first in firsts
    ]
    assert owning_window(firsts, bounds).tolist() == expected


def test_a_stride_that_hardly_advances_is_refused(tokenizer: PreTrainedTokenizerBase) -> None:
    with pytest.raises(UserError, match="stride 8 must be at most half of the 14 tokens"):
        Encoder(tokenizer, max_length=16, stride=8)


def test_tags_are_bio() -> None:
    words = np.array([(0, 4), (5, 9), (10, 14), (15, 19)])
    spans = [Span(start=0, end=9, label="B"), Span(start=10, end=14, label="A")]
    tagging = tag_words(words, spans, {"A": 0, "B": 1})
    assert tagging.tags.tolist() == [3, 4, 1, OUTSIDE]
    assert (tagging.inexact, tagging.lost) == (0, 0)


def test_a_span_with_an_edge_inside_a_word_tags_the_word_and_is_counted() -> None:
    tagging = tag_words(np.array([(0, 8), (9, 12)]), [Span(start=4, end=8, label="A")], {"A": 0})
    assert tagging.tags.tolist() == [1, OUTSIDE]
    assert (tagging.inexact, tagging.lost) == (1, 0)


@pytest.mark.parametrize(
    "spans",
    [
        [Span(start=8, end=9, label="A")],  # the space between the words
        [Span(start=0, end=4, label="A"), Span(start=4, end=8, label="A")],  # two in one word
    ],
)
def test_a_span_that_no_tag_expresses_is_counted_as_lost(spans: list[Span]) -> None:
    assert tag_words(np.array([(0, 8), (9, 12)]), spans, {"A": 0}).lost == 1
