"""Any text that Unicode can spell: offsets stay exact, nothing is dropped, nothing raises."""

from __future__ import annotations

import re
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from transformers import PreTrainedTokenizerBase

from spanwise.chains import Chain
from spanwise.decoding import Decoder, Scores
from spanwise.encoding import Encoder, Encoding
from spanwise.runtime.predictor import Predictor
from spanwise.schema import Example, Labels, Prediction, Span
from tests.tiny import TINY

ALPHABETS = {
    "emoji, some of several code points": "😀👍🏽\u200d👩🔬🇫🇷\ufe0f",
    "right to left": "שלום مرحبا\u200f\u202b\u202c ",
    "combining marks": "e\u0301\u0327\u0488a\u20dd \u0e49\u0e33",
    "no width": "a\u200b\u200c\u200d\u2060\ufeff\u00ad b",
    "controls": "\x00\x01\x1b\x7f\x85\r\n\t a",
    "one long word": "aé漢",
    "lone surrogates": "\ud800\udbff\udc00\udfff a\U0001f600",
}
TEXTS = st.one_of(
    st.text(max_size=200),
    st.text(st.characters(), max_size=60),  # surrogates among them
    *(st.text(alphabet, max_size=200) for alphabet in ALPHABETS.values()),
    st.lists(st.sampled_from([*"".join(ALPHABETS.values()), "fever", "500 mg", "."]), max_size=80).map(
        "".join
    ),
)
LENGTH = 100_000
LONG = {
    "prose": ("Fever of 38.5 °C and 2 x 500 mg of aspirin. " * LENGTH)[:LENGTH],
    "one word": "x" * LENGTH,
    "one word of one character each": "漢" * LENGTH,
    "a mark on each letter": "e\u0301" * (LENGTH // 2),
    "nothing but marks": "\u0301" * LENGTH,
    "emoji": "😀" * LENGTH,
    "NUL": "\x00" * LENGTH,
    "space": " " * LENGTH,
}


@pytest.fixture(scope="module")
def encoder(tokenizer: PreTrainedTokenizerBase) -> Encoder:
    """Of windows so small that most texts need several."""
    return Encoder(tokenizer, max_length=16, stride=4)


@pytest.fixture(scope="module")
def predictor(labels: Labels) -> Predictor:
    """A network of random weights, which finds something everywhere."""
    from spanwise.learners.tagger import Tagger

    return Tagger.pretrained(labels, **TINY, seed=13).predictor(1024)


def random_scores(encoding: Encoding, seed: int) -> Scores:
    """What any network might say: in float32, as networks do."""
    random = np.random.default_rng(seed)
    sizes = [(len(window.input_ids), len(window.words)) for window in encoding.windows]
    return Scores(
        [random.normal(scale=4, size=(tokens, 5)).astype(np.float32) for tokens, _ in sizes],
        [random.normal(scale=4, size=(2, words, words)).astype(np.float32) for _, words in sizes],
    )


def assert_exact(prediction: Prediction, encoding: Encoding) -> None:
    """Its spans are pieces of the text, from the start of a word to the end of one, in order and apart."""
    starts, ends = (set(column) for column in encoding.words.T.tolist())
    spans = prediction.predicted
    for span in spans:
        assert 0 <= span.start < span.end <= len(prediction.text)
        assert span.start in starts
        assert span.end in ends
        assert re.fullmatch(r"\S(.*\S)?", prediction.text[span.start : span.end], re.DOTALL)
    assert all(before.end <= span.start for before, span in pairwise(spans))


def document(text: str) -> Example:
    """With one gold span, over all of it."""
    target = (Span(start=0, end=len(text), label="Drug"),) if text else ()
    return Example(id="d", text=text, target=target, group="g")


@given(text=TEXTS, seed=st.integers(0, 99), chained=st.booleans(), pointed=st.booleans())
@example(text="", seed=0, chained=True, pointed=True)
@example(text="a", seed=0, chained=True, pointed=True)
@example(text="\ud83d\ude00", seed=0, chained=False, pointed=False)  # a pair, but two code points in Python
def test_spans_are_exact_pieces_of_any_text(
    encoder: Encoder, labels: Labels, text: str, seed: int, chained: bool, pointed: bool
) -> None:
    encoding = encoder(text)
    assert encoding.truncated(encoder.special_tokens) == 0
    scores = random_scores(encoding, seed)
    decoder = Decoder(labels, chain=Chain.bio(2) if chained else None)
    prediction = decoder(document(text), encoding, scores if pointed else Scores(scores.logits))
    assert prediction.text == text
    assert_exact(prediction, encoding)


@settings(max_examples=settings().max_examples // 5)
@given(texts=st.lists(TEXTS, min_size=1, max_size=4))
def test_a_network_finds_exact_pieces_of_any_text(predictor: Predictor, texts: list[str]) -> None:
    for text, prediction in zip(texts, predictor(map(document, texts)), strict=True):
        assert prediction.text == text
        assert_exact(prediction, predictor.encoder(text))


@pytest.mark.parametrize("kind", LONG)
def test_nothing_of_a_long_text_is_dropped(tokenizer: PreTrainedTokenizerBase, kind: str) -> None:
    encoder = Encoder(tokenizer, max_length=512, stride=128)
    encoding = encoder(LONG[kind])
    assert encoding.truncated(encoder.special_tokens) == 0
    owned = [window.words[window.owned] for window in encoding.windows]
    assert np.concatenate([np.zeros(0), *owned]).tolist() == list(range(len(encoding.words)))
    assert all(len(window.input_ids) <= 512 for window in encoding.windows)


def test_spans_of_a_long_text_are_exact(tokenizer: PreTrainedTokenizerBase, labels: Labels) -> None:
    text = LONG["prose"]
    encoding = Encoder(tokenizer, max_length=512, stride=128)(text)
    scores = Scores(random_scores(encoding, 1).logits)
    prediction = Decoder(labels, chain=Chain.bio(2))(document(text), encoding, scores)
    assert len(prediction.predicted) > 1000
    assert_exact(prediction, encoding)


@given(text=st.text(st.characters(), max_size=60))
def test_a_lone_surrogate_is_read_as_the_replacement_character(encoder: Encoder, text: str) -> None:
    encoding, readable = encoder(text), encoder(re.sub(r"[\ud800-\udfff]", "\ufffd", text))
    assert encoding.words.tolist() == readable.words.tolist()
    for window, other in zip(encoding.windows, readable.windows, strict=True):
        assert window.input_ids.tolist() == other.input_ids.tolist()
