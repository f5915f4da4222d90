"""Merging, constrained decoding and confidence."""

from __future__ import annotations

from itertools import pairwise, product

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from transformers import PreTrainedTokenizerBase

from spanwise.chains import Chain, bio_constraints
from spanwise.decoding import (
    Decoder,
    Document,
    Scores,
    blocks,
    confidences,
    exact_words,
    independent,
    log_softmax,
    merge,
    tagged_spans,
)
from spanwise.encoding import Encoder, Encoding, Window, tag_words
from spanwise.errors import UserError
from spanwise.schema import Example, Labels, Span
from spanwise.selection import ScoredSpans

LABELS = Labels(id2tag=("O", "B-A", "I-A", "B-B", "I-B"), tiers={"A": "high", "B": "low"})
SCORES = st.integers(0, 6).flatmap(
    lambda length: arrays(np.float64, (length, 5), elements=st.floats(-5, 0, width=16))
)


def is_valid(tags: tuple[int, ...]) -> bool:
    inside = [(before, tag) for before, tag in zip((0, *tags), tags, strict=False) if tag and tag % 2 == 0]
    return all(before in {tag - 1, tag} for before, tag in inside)


@given(scores=SCORES)
def test_independent_words_have_the_best_of_all_valid_sequences(scores: npt.NDArray[np.float64]) -> None:
    valid = [tags for tags in product(range(5), repeat=len(scores)) if is_valid(tags)]
    best = max(sum(scores[i, tag] for i, tag in enumerate(tags)) for tags in valid)
    [tagged] = independent([scores])
    found = tuple(tagged.best.tolist())
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
    marginals = np.full((4, 5), 0.1)
    marginals[1, 3], marginals[2, 4], marginals[3, 4] = 0.5, 1.0 + 1e-12, 0.8
    spans = ScoredSpans(np.array([(0, 1, 0), (1, 4, 1)]), np.array([0.0999999, 0.3000000004]))
    one, found = confidences(marginals, spans)
    assert one == {"words": [0.1], "minimum": 0.1, "mean": 0.1, "product": 0.1, "span": 0.1}
    assert found["words"] == [0.5, 1.0, 0.8]
    assert [found[name] for name in ("minimum", "mean", "product", "span")] == [0.5, 0.766667, 0.4, 0.3]


def test_a_span_is_as_probable_as_its_tags_and_its_end() -> None:
    probabilities = np.full((3, 5), 0.1)
    probabilities[0, 3] = probabilities[1, 4] = probabilities[2, 0] = 0.6
    [tags] = independent([np.log(probabilities / probabilities.sum(axis=1, keepdims=True))])
    assert tagged_spans(tags.best) == [(0, 2, 1)]
    spans = np.array([(0, 2, 1), (0, 3, 1), (2, 3, 0)])
    expected = [0.6 * 0.6 * (1 - 0.1), 0.6 * 0.6 * 0.1, 0.1]  # the text ends behind the last two
    assert tags.span_probabilities(spans) == pytest.approx(expected)


def test_merge_takes_each_word_from_the_window_that_owns_it(tokenizer: PreTrainedTokenizerBase) -> None:
    encoding = Encoder(tokenizer, max_length=8, stride=3)("a b c d e f g h i j k l m n o p")
    logits = [np.full((len(window.input_ids) + 5, 5), float(i)) for i, window in enumerate(encoding.windows)]
    merged = merge(encoding, logits, 5)
    for index, window in enumerate(encoding.windows):
        assert (merged[window.words[window.owned]] == index).all()


WORDS = "ab cd ef"
FOREIGN = LABELS.model_copy(update={"auxiliaries": {"other": ("B",)}, "foreign": ("B",)})


@pytest.fixture(scope="module")
def encoding(tokenizer: PreTrainedTokenizerBase) -> Encoding:
    """Three words in one window."""
    return Encoder(tokenizer, max_length=12, stride=0)(WORDS)


THREE_WORDS = Encoding(
    words=np.array([(0, 2), (3, 5), (6, 8)]),
    windows=(
        Window(
            start=0,
            input_ids=np.arange(3),
            words=np.arange(3),
            positions=np.arange(3),
            owned=np.ones(3, dtype=np.bool_),
        ),
    ),
    subwords=3,
    dropped_words=0,
)


def logits_of(encoding: Encoding, tags: list[int]) -> npt.NDArray[np.float64]:
    """What a network says that is sure of these tags."""
    [window] = encoding.windows
    logits = np.zeros((len(window.input_ids), 5))
    logits[window.positions, tags] = 9.0
    return logits


def example(*spans: Span) -> Example:
    return Example(id="d", text=WORDS, target=spans, group="p")


def found(decoder: Decoder, encoding: Encoding, scores: Scores) -> list[tuple[int, int, str, str]]:
    prediction = decoder(example(), encoding, scores)
    return [(span.start, span.end, span.label, span.tier) for span in prediction.predicted]


def test_gold_spans_are_kept_beside_what_is_found(encoding: Encoding) -> None:
    scores = Scores([logits_of(encoding, [1, 0, 0])])
    prediction = Decoder(LABELS)(example(Span(start=3, end=5, label="B")), encoding, scores)
    assert (prediction.id, prediction.group) == ("d", "p")
    assert [(span.start, span.end, span.label, span.tier) for span in prediction.gold] == [(3, 5, "B", "low")]
    [span] = prediction.predicted
    assert (span.start, span.end, span.label, span.tier) == (0, 2, "A", "high")
    sure = np.exp(9) / (np.exp(9) + 4)
    assert span.confidence.words == (round(sure, 6),)
    assert span.confidence.span == pytest.approx(sure * (1 - 1 / (np.exp(9) + 4)), abs=1e-6)


def test_a_label_that_the_corpus_does_not_annotate_is_never_predicted(encoding: Encoding) -> None:
    scores = Scores([logits_of(encoding, [3, 0, 1])])
    assert found(Decoder(FOREIGN), encoding, scores) == [(6, 8, "A", "high")]
    other = Decoder(FOREIGN)(example(), encoding, scores, annotated=["B"])
    assert [(span.start, span.label) for span in other.predicted] == [(0, "B")]
    teacher = Decoder(FOREIGN).probabilities(example(), encoding, scores)
    assert teacher.argmax(axis=1).tolist() == [3, 0, 1]  # a student is told of foreign labels too


def chain(**moves: float) -> Chain:
    """BIO and nothing else, but for the moves named, as from_to."""
    permitted, first = bio_constraints(2)
    transitions = np.where(permitted, 0.0, -np.inf)
    for move, score in moves.items():
        before, after = move.removeprefix("t").split("_")
        transitions[int(before), int(after)] = score
    return Chain(transitions, np.where(first, 0.0, -np.inf), np.zeros(5))


def test_a_chain_without_likings_decodes_as_independent_words(encoding: Encoding) -> None:
    scores = Scores([logits_of(encoding, [3, 4, 0])])
    expected = [(0, 5, "B", "low")]
    assert found(Decoder(LABELS, chain=chain()), encoding, scores) == expected
    assert found(Decoder(LABELS), encoding, scores) == expected


def test_a_chain_moves_what_is_found(encoding: Encoding) -> None:
    scores = Scores([logits_of(encoding, [1, 1, 0])])
    assert len(found(Decoder(LABELS), encoding, scores)) == 2
    liking = chain(t1_2=20.0, t1_1=-20.0)
    prediction = Decoder(LABELS, chain=liking)(example(), encoding, scores)
    [span] = prediction.predicted
    assert (span.start, span.end) == (0, 5)
    assert span.confidence.span > 0.9


def pointed(*spans: tuple[int, int, int, float]) -> npt.NDArray[np.float64]:
    """A span head's scores of three words: these spans (label, first, last), and nothing else."""
    scores = np.full((2, 3, 3), -60.0)
    for label, first, last, score in spans:
        scores[label, first, last] = score
    return scores


def test_a_span_head_decides_alone_and_flat_unless_spans_may_nest(encoding: Encoding) -> None:
    heads = pointed((0, 0, 1, 3.0), (1, 1, 1, 2.0), (1, 2, 2, -0.1))
    scores = Scores([logits_of(encoding, [0, 0, 3])], [heads])
    assert found(Decoder(LABELS), encoding, scores) == [(0, 5, "A", "high")]
    both = [(0, 5, "A", "high"), (3, 5, "B", "low")]
    assert found(Decoder(LABELS, nested=True), encoding, scores) == both
    foreign = Decoder(FOREIGN, nested=True)
    assert found(foreign, encoding, scores) == [(0, 5, "A", "high")]


def test_a_combiner_takes_the_mean_of_both_heads(encoding: Encoding) -> None:
    combined = Decoder(LABELS, chain=chain())
    sure = logits_of(encoding, [1, 0, 0])
    # The tagger is sure of the first word, the span head of the last; each knows nothing of the other's.
    doubtful = pointed((0, 0, 0, -60.0), (1, 2, 2, 1.0))
    assert found(combined, encoding, Scores([sure], [doubtful])) == []
    agreed = pointed((0, 0, 0, 0.5), (1, 2, 2, 1.0))
    prediction = combined(example(), encoding, Scores([sure], [agreed]))
    [span] = prediction.predicted
    assert (span.start, span.end, span.label) == (0, 2, "A")
    assert span.confidence.span == pytest.approx((1 + 1 / (1 + np.exp(-0.5))) / 2, abs=2e-3)


HEADS = {
    "softmax": (Decoder(LABELS), False),
    "crf": (Decoder(LABELS, chain=chain(t1_2=1.0)), False),
    "pointer": (Decoder(LABELS), True),
    "combined": (Decoder(LABELS, chain=chain(t1_2=1.0)), True),
}


@pytest.mark.parametrize("head", HEADS)
def test_a_gold_span_is_as_probable_as_the_same_span_predicted(head: str, encoding: Encoding) -> None:
    decoder, points = HEADS[head]
    heads = [pointed((1, 0, 1, 1.5), (0, 2, 2, 0.5), (0, 0, 0, -2.0))] if points else []
    scores = Scores([logits_of(encoding, [3, 4, 1])], heads)
    gold = (Span(start=0, end=2, label="A"), Span(start=0, end=5, label="B"), Span(start=6, end=8, label="A"))
    prediction = decoder(example(*gold), encoding, scores)
    sure = {(span.start, span.end, span.label): span.confidence.span for span in prediction.predicted}
    other, *same = prediction.gold
    assert [span.probability for span in same] == [sure[0, 5, "B"], sure[6, 8, "A"]]
    assert other.probability is not None
    assert 0 <= other.probability < 0.2


def test_the_probability_of_a_gold_span_is_the_mean_of_both_heads(encoding: Encoding) -> None:
    scores = Scores([logits_of(encoding, [1, 0, 0])], [pointed((0, 0, 0, -1.0))])
    [gold] = Decoder(LABELS, chain=chain())(example(Span(start=0, end=2, label="A")), encoding, scores).gold
    assert gold.probability == pytest.approx((1 + 1 / (1 + np.exp(1))) / 2, abs=2e-3)


def test_what_the_model_cannot_say_has_no_probability(encoding: Encoding) -> None:
    """An edge inside a word, nothing but space, and a label that the corpus does not annotate."""
    gold = [Span(start=0, end=1, label="A"), Span(start=2, end=3, label="A"), Span(start=3, end=5, label="B")]
    prediction = Decoder(FOREIGN)(example(*gold), encoding, Scores([logits_of(encoding, [1, 3, 0])]))
    assert [span.probability for span in prediction.gold] == [None, None, None]


@given(logits=arrays(np.float64, (3, 5), elements=st.floats(-5, 5, width=16)), label=st.integers(0, 1))
def test_a_chain_gives_gold_spans_what_all_its_sequences_sum_to(
    logits: npt.NDArray[np.float64], label: int
) -> None:
    """The words 0 and 1 as one span, against the sum over all valid sequences of tags."""
    encoding = THREE_WORDS
    name = LABELS.names[label]
    decoder = Decoder(LABELS, chain=chain(t1_2=1.0))
    [gold] = decoder(example(Span(start=0, end=5, label=name)), encoding, Scores([logits])).gold
    begin, inside = 2 * label + 1, 2 * label + 2
    weight = {
        tags: np.exp(sum(logits[i, tag] for i, tag in enumerate(tags)) + list(pairwise(tags)).count((1, 2)))
        for tags in product(range(5), repeat=3)
        if is_valid(tags)
    }
    exact = sum(w for tags, w in weight.items() if tags[:2] == (begin, inside) and tags[2] != inside)
    assert gold.probability == pytest.approx(exact / sum(weight.values()), abs=2e-6)


@given(logits=arrays(np.float32, (3, 5), elements=st.floats(-1000, 1000, width=32)))
def test_log_softmax_sums_to_one_without_overflow(logits: npt.NDArray[np.float32]) -> None:
    assert np.exp(log_softmax(logits)).sum(axis=-1) == pytest.approx(np.ones(3))


@pytest.mark.parametrize("faulty", [Scores([np.full((5, 5), np.nan)]), None])
def test_output_that_is_not_finite_is_an_error(faulty: Scores | None, encoding: Encoding) -> None:
    scores = faulty or Scores([logits_of(encoding, [0, 0, 0])], [np.full((2, 3, 3), np.nan)])
    with pytest.raises(UserError, match="document d: the model's output is not finite"):
        Decoder(LABELS)(example(), encoding, scores)


# Several documents.


def document(words: int, random: np.random.Generator, *, points: bool) -> Document:
    """A document of words of two letters in one window, with random scores and random gold spans."""
    edges = np.array([(3 * word, 3 * word + 2) for word in range(words)], dtype=np.int64).reshape(-1, 2)
    everything = np.arange(words)
    one = Window(0, everything, everything, everything, np.ones(words, dtype=np.bool_))
    ends = random.integers(0, 3 * words + 1, size=(4, 2))
    gold = tuple(
        Span(start=min(pair), end=max(pair), label="AB"[number % 2])
        for number, pair in enumerate(ends.tolist())
        if pair[0] != pair[1]
    )
    text = "".join("ab " for _ in range(words))
    scores = Scores(
        [random.normal(scale=3, size=(words, 5)).astype(np.float32)] if words else [],
        [random.normal(scale=3, size=(2, words, words)).astype(np.float32)] if words and points else [],
    )
    encoding = Encoding(edges, (one,) if words else (), words, 0)
    return Document(Example(id=f"d{words}", text=text, target=gold, group="p"), encoding, scores)


@pytest.mark.parametrize("head", HEADS)
@given(lengths=st.lists(st.integers(0, 9), max_size=6), seed=st.integers(0, 999))
def test_a_document_gives_the_same_whatever_is_decoded_beside_it(
    head: str, lengths: list[int], seed: int
) -> None:
    decoder, points = HEADS[head]
    random = np.random.default_rng(seed)
    documents = [document(words, random, points=points) for words in lengths]
    together = decoder.many(documents)
    assert together == [decoder(*each) for each in documents]
    assert together[::-1] == decoder.many(documents[::-1])


def test_what_may_be_predicted_is_so_in_all_documents(encoding: Encoding) -> None:
    scores = Scores([logits_of(encoding, [3, 0, 1])])
    predictions = Decoder(FOREIGN).many([(example(), encoding, scores)] * 3, annotated=["B"])
    assert [[span.label for span in each.predicted] for each in predictions] == [["B"]] * 3


@given(lengths=st.lists(st.integers(0, 20)), budget=st.integers(1, 30))
def test_blocks_hold_each_document_once_and_no_more_words_than_they_may(
    lengths: list[int], budget: int
) -> None:
    found = list(blocks(lengths, budget))
    assert sorted(number for block in found for number in block) == list(range(len(lengths)))
    assert all(len(block) == 1 or sum(lengths[number] for number in block) <= budget for block in found)
    placed = [lengths[number] for block in found for number in block]
    assert placed == sorted(lengths, reverse=True)


@given(
    gaps=st.lists(st.tuples(st.integers(0, 2), st.integers(1, 3)), max_size=5),
    edges=st.lists(st.tuples(st.integers(0, 12), st.integers(1, 5)), max_size=5),
)
def test_a_span_is_exact_where_both_its_edges_are_those_of_words(
    gaps: list[tuple[int, int]], edges: list[tuple[int, int]]
) -> None:
    ends = np.cumsum([gap + length for gap, length in gaps], dtype=np.int64)
    words = np.array([(end - length, end) for end, (_, length) in zip(ends, gaps, strict=True)]).reshape(
        -1, 2
    )
    spans = np.array([(start, start + length) for start, length in edges], dtype=np.int64).reshape(-1, 2)
    inside, exact = exact_words(words.astype(np.int64), spans)
    for (start, end), (first, behind), found in zip(spans, inside, exact, strict=True):
        held = [word for word, (a, b) in enumerate(words) if start <= a and b <= end]
        assert found == bool(held and (words[held[0], 0], words[held[-1], 1]) == (start, end))
        if found:
            assert (first, behind) == (held[0], held[-1] + 1)


def test_a_span_that_begins_before_its_window_is_left_out() -> None:
    assert tagged_spans(np.array([2, 2, 0, 1, 2, 3, 0])) == [(3, 5, 0), (5, 6, 1)]
    assert tagged_spans(np.array([2, 1])) == [(1, 2, 0)]
    assert tagged_spans(np.array([2, 2])) == []
