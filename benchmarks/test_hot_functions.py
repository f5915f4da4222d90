"""Times of what runs beside the network for each document, and of scoring; `make test` runs none of it.

    pytest benchmarks                                    # a table
    pytest benchmarks --benchmark-save=before            # keeps it in .benchmarks/
    pytest benchmarks --benchmark-compare                # beside the one that was kept last
    pytest benchmarks --benchmark-compare=0001 --benchmark-compare-fail=median:10%

Seconds are those of the CPU, which other processes disturb less than those of the clock. Texts and scores are
random, and as many as the embedded corpus has in validation and test: 24 documents of about
260 words, with 41 labels.
"""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from spanwise.chains import Chain, forward_backward, viterbi
from spanwise.decoding import Decoder, Document, Floats, Scores, merge
from spanwise.encoding import Encoder, tag_words
from spanwise.learners.sources import load_tokenizer
from spanwise.metrics.bootstrap import resample
from spanwise.metrics.semeval import answers
from spanwise.metrics.spans import count, tabulate
from spanwise.schema import Example, Labels, Prediction, Span
from spanwise.selection import SpanTable, flat
from tests.tiny import MINILM

pytestmark = pytest.mark.benchmark(timer=time.process_time, min_rounds=10, warmup=True, warmup_iterations=2)

LABELS = 41
SYLLABLES = ["fe", "ver", "as", "pi", "rin", "car", "di", "o", "my", "pa", "thy", "38.5", ",", "."]


def note(number: int) -> Example:
    """A text of about 260 words, every third one a span."""
    random = np.random.default_rng(number)
    words = ["".join(random.choice(SYLLABLES, size=random.integers(1, 5))) for _ in range(190)]
    ends = np.cumsum([len(word) + 1 for word in words])
    spans = [
        Span(start=int(end) - len(word) - 1, end=int(end) - 1, label=f"T{random.integers(LABELS)}")
        for word, end in list(zip(words, ends, strict=True))[::3]
    ]
    return Example(id=f"n{number}", text=" ".join(words), target=tuple(spans), group=f"n{number}")


@pytest.fixture(scope="module")
def examples() -> list[Example]:
    """As many as the embedded corpus has in validation and test."""
    return [note(number) for number in range(24)]


@pytest.fixture(scope="module")
def labels() -> Labels:
    """41 in one tier."""
    names = [f"T{number}" for number in range(LABELS)]
    return Labels(
        id2tag=("O", *(f"{prefix}-{name}" for name in names for prefix in "BI")),
        tiers=dict.fromkeys(names, "high"),
    )


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    """Of the default's tokenizer and windows."""
    return Encoder(load_tokenizer(MINILM, cased=False), max_length=512, stride=128)


@pytest.fixture(scope="module")
def documents(examples: list[Example], encoder: Encoder) -> list[Document]:
    """With the scores of a network that is mostly sure of its tags."""
    random = np.random.default_rng(7)
    scored = []
    for example in examples:
        encoding = encoder(example.text)
        logits = [random.normal(size=(len(window.input_ids), 2 * LABELS + 1)) for window in encoding.windows]
        for each in logits:
            each[np.arange(len(each)), random.integers(0, 2 * LABELS + 1, size=len(each))] += 8
        scored.append(Document(example, encoding, Scores([each.astype(np.float32) for each in logits])))
    return scored


@pytest.fixture(scope="module")
def chain() -> Chain:
    """Of the small likings that a CRF on a pretrained encoder learns."""
    random = np.random.default_rng(7)
    bio = Chain.bio(LABELS)
    return replace(bio, transitions=bio.transitions + random.normal(scale=0.1, size=bio.transitions.shape))


@pytest.fixture(scope="module")
def emissions(documents: list[Document]) -> list[Floats]:
    """The logits of each document's words."""
    return [merge(each.encoding, each.scores.logits, 2 * LABELS + 1) for each in documents]


@pytest.fixture(scope="module")
def predictions(documents: list[Document], chain: Chain, labels: Labels) -> list[Prediction]:
    """Those of the corpus eight times over, in groups of their own."""
    found = Decoder(labels, chain=chain).many(documents)
    return [each.model_copy(update={"group": f"g{part}-{each.id}"}) for part in range(8) for each in found]


def test_encoding(benchmark: BenchmarkFixture, encoder: Encoder, examples: list[Example]) -> None:
    """Words, subwords and windows."""
    benchmark(encoder.many, [example.text for example in examples])


def test_encoding_of_one_long_text(benchmark: BenchmarkFixture, encoder: Encoder) -> None:
    """100,000 characters."""
    text = " ".join(note(number).text for number in range(100))[:100_000]
    benchmark(encoder, text)


def test_alignment(benchmark: BenchmarkFixture, documents: list[Document]) -> None:
    """Gold spans to tags."""
    numbers = {f"T{number}": number for number in range(LABELS)}
    benchmark(lambda: [tag_words(each.encoding.words, each.example.spans, numbers) for each in documents])


def test_merging(benchmark: BenchmarkFixture, documents: list[Document]) -> None:
    """Windows to words."""
    benchmark(lambda: [merge(each.encoding, each.scores.logits, 2 * LABELS + 1) for each in documents])


def test_viterbi(benchmark: BenchmarkFixture, emissions: list[Floats], chain: Chain) -> None:
    """The best tags."""
    benchmark(viterbi, emissions, chain)


def test_forward_backward(benchmark: BenchmarkFixture, emissions: list[Floats], chain: Chain) -> None:
    """All marginals."""
    benchmark(forward_backward, emissions, chain)


@pytest.mark.parametrize("head", ["softmax", "crf"])
def test_decoding(
    benchmark: BenchmarkFixture, documents: list[Document], chain: Chain, labels: Labels, head: str
) -> None:
    """From logits to predictions, together."""
    benchmark(Decoder(labels, chain=chain if head == "crf" else None).many, documents)


def test_decoding_one_by_one(
    benchmark: BenchmarkFixture, documents: list[Document], chain: Chain, labels: Labels
) -> None:
    """The same as a service does it."""
    decoder = Decoder(labels, chain=chain)
    benchmark(lambda: [decoder(*each) for each in documents])


def test_selection(benchmark: BenchmarkFixture) -> None:
    """Spans from a span head's scores of three windows of 128 words."""
    random = np.random.default_rng(7)
    scores = [random.normal(-8, 2, size=(LABELS, 128, 128)).astype(np.float32) for _ in range(3)]
    table = SpanTable(np.array([(0, 128), (96, 224), (192, 320)]), scores)
    benchmark(lambda: flat(table.candidates(0.1)))


def test_counting(benchmark: BenchmarkFixture, predictions: list[Prediction]) -> None:
    """Right, predicted and gold spans."""
    benchmark(count, predictions)


def test_semeval(benchmark: BenchmarkFixture, predictions: list[Prediction]) -> None:
    """Kinds of errors."""
    benchmark(answers, tabulate(predictions))


def test_bootstrap(benchmark: BenchmarkFixture, predictions: list[Prediction]) -> None:
    """A thousand draws of the counts of each label."""
    counted = count(predictions)
    benchmark(resample, counted.true_positives, counted.predicted, counted.gold, samples=1000, seed=13)
