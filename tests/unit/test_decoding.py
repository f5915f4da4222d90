"""Merging, constrained decoding and confidence."""

from __future__ import annotations

from itertools import product

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from transformers import PreTrainedTokenizerBase

from spanwise.decoding import confidence, decode, log_softmax, merge, predicted_spans, tagged_spans, viterbi
from spanwise.encoding import Encoder, tag_words
from spanwise.errors import UserError
from spanwise.schema import Example, Labels, Span

LABELS = Labels(id2tag=("O", "B-A", "I-A", "B-B", "I-B"), tiers={"A": "high", "B": "low"})
SCORES = st.integers(0, 6).flatmap(
    lambda length: arrays(np.float64, (length, 5), elements=st.floats(-5, 0, width=16))
)


def is_valid(tags: tuple[int, ...]) -> bool:
    inside = [(before, tag) for before, tag in zip((0, *tags), tags, strict=False) if tag and tag % 2 == 0]
    return all(before in {tag - 1, tag} for before, tag in inside)


@given(scores=SCORES)
def test_viterbi_equals_the_search_of_all_valid_sequences(scores: npt.NDArray[np.float64]) -> None:
    valid = [tags for tags in product(range(5), repeat=len(scores)) if is_valid(tags)]
    best = max(sum(scores[i, tag] for i, tag in enumerate(tags)) for tags in valid)
    found = tuple(int(tag) for tag in viterbi(scores))
    assert is_valid(found)
    assert sum(scores[i, tag] for i, tag in enumerate(found)) == pytest.approx(best)


@given(tags=st.lists(st.integers(0, 4), max_size=12).filter(lambda tags: is_valid(tuple(tags))))
def test_spans_and_tags_are_two_forms_of_one_thing(tags: list[int]) -> None:
    words = np.array([(10 * i, 10 * i + 5) for i in range(len(tags))]).reshape(-1, 2)
    spans = [
        Span(start=words[first, 0], end=words[behind - 1, 1], label=LABELS.names[number])
        for first, behind, number in tagged_spans(np.array(tags, dtype=np.int64))
    ]
    assert tag_words(words, spans, {"A": 0, "B": 1}).tags.tolist() == tags


def test_confidence_is_the_minimum_mean_and_product_over_words() -> None:
    found = confidence(np.array([0.5, 1.0, 0.8]))
    assert found.words == (0.5, 1.0, 0.8)
    assert (found.minimum, found.mean, found.product) == (0.5, 0.766667, 0.4)


def test_a_span_carries_offsets_label_tier_and_the_probability_of_its_tags() -> None:
    words = np.array([(0, 5), (6, 9), (10, 14)])
    probabilities = np.full((3, 5), 0.1)
    probabilities[0, 3] = probabilities[1, 4] = 0.6
    probabilities[2, 0] = 0.6
    [span] = predicted_spans(words, np.log(probabilities), LABELS)
    assert (span.start, span.end, span.label, span.tier) == (0, 9, "B", "low")
    assert span.confidence.words == (0.6, 0.6)


def test_merge_takes_each_word_from_the_window_that_owns_it(tokenizer: PreTrainedTokenizerBase) -> None:
    encoding = Encoder(tokenizer, max_length=8, stride=3)("a b c d e f g h i j k l m n o p")
    logits = [np.full((len(window.input_ids) + 5, 5), float(i)) for i, window in enumerate(encoding.windows)]
    merged = merge(encoding, logits, 5)
    for index, window in enumerate(encoding.windows):
        assert (merged[window.words[window.owned]] == index).all()


def test_decode_keeps_the_gold_spans_beside_what_is_found(tokenizer: PreTrainedTokenizerBase) -> None:
    example = Example(id="d", text="ab cd", target=(Span(start=3, end=5, label="B"),), group="p")
    encoding = Encoder(tokenizer, max_length=8, stride=0)(example.text)
    logits = np.zeros((4, 5))
    logits[encoding.windows[0].positions[0], 1] = 9.0
    logits[encoding.windows[0].positions[1], 0] = 9.0
    prediction = decode(example, encoding, [logits], LABELS)
    assert (prediction.id, prediction.group) == ("d", "p")
    assert [(span.start, span.end, span.label, span.tier) for span in prediction.gold] == [(3, 5, "B", "low")]
    assert [(span.start, span.end, span.label, span.tier) for span in prediction.predicted] == [
        (0, 2, "A", "high")
    ]


@given(logits=arrays(np.float32, (3, 5), elements=st.floats(-1000, 1000, width=32)))
def test_log_softmax_sums_to_one_without_overflow(logits: npt.NDArray[np.float32]) -> None:
    assert np.exp(log_softmax(logits)).sum(axis=-1) == pytest.approx(np.ones(3))


def test_output_that_is_not_finite_is_an_error(tokenizer: PreTrainedTokenizerBase) -> None:
    example = Example(id="d", text="ab cd", target=(), group="p")
    encoding = Encoder(tokenizer, max_length=8, stride=0)(example.text)
    with pytest.raises(UserError, match="document d: the model's output is not finite"):
        decode(example, encoding, [np.full((4, 5), np.nan)], LABELS)
