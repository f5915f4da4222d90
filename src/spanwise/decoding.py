"""From a model's output to spans: merged windows, valid BIO sequences, offsets and confidence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from spanwise import chains
from spanwise.chains import Chain
from spanwise.encoding import OUTSIDE, Encoding, Ints, word_range
from spanwise.errors import UserError
from spanwise.io import DIGITS
from spanwise.schema import Confidence, Example, GoldSpan, Labels, PredictedSpan, Prediction, Span
from spanwise.selection import (
    THRESHOLD,
    Probability,
    ScoredSpan,
    SpanTable,
    averaged,
    combine,
    flat,
    nested,
)

Floats = npt.NDArray[np.float64]

FLOOR = 0.1  # of what a span head proposes to the combiner


class Scores(NamedTuple):
    """What a network says of one document.

    `logits` holds for each window an array `[tokens, tags]`, in which tokens behind the window (padding) are
    passed over; `pointed` holds for each window a span head's scores `[labels, words, words]` by first and
    last word, and nothing where there is no span head.
    """

    logits: Sequence[npt.NDArray[np.floating]]
    pointed: Sequence[npt.NDArray[np.floating]] = ()


class Tags(Protocol):
    """A distribution over the tag sequences of one document."""

    best: Ints
    """The most probable valid sequence, `[words]`."""
    marginals: Floats
    """The probability of each tag at each word, `[words, tags]`."""

    def probability(self, first: int, behind: int, label: int) -> float:
        """How probable it is that exactly the words from `first` to the one before `behind` are a span."""


@dataclass(frozen=True)
class Decoder:
    """Turns what a network says of a document into spans.

    Attributes:
        labels: The tags, and the tier of each label.
        chain: The transitions of a CRF; without them words are tagged independently, but for BIO.
        nested: Whether spans may overlap.
    """

    labels: Labels
    chain: Chain | None = None
    nested: bool = False

    def __call__(
        self,
        example: Example,
        encoding: Encoding,
        scores: Scores,
        *,
        annotated: Sequence[str] | None = None,
    ) -> Prediction:
        """What a network found in one document, beside its gold standard and how probable it finds that.

        Args:
            example: The document.
            encoding: Its words and windows.
            scores: What the network says of it.
            annotated: The labels that may be predicted; by default those of the main corpus.

        Raises:
            UserError: If the network gave no finite numbers.
        """
        tags = self.tags(example, encoding, scores, annotated)
        table = SpanTable.from_windows(encoding.windows, scores.pointed) if scores.pointed else None
        probability = self._probability(tags, table)
        return Prediction(
            id=example.id,
            text=example.text,
            group=example.group,
            gold=tuple(self._gold(example, encoding, probability, annotated)),
            predicted=tuple(self._spans(encoding, tags, table, probability, annotated)),
        )

    def probabilities(self, example: Example, encoding: Encoding, scores: Scores) -> Floats:
        """The probability of each tag at each word, `[words, tags]`, foreign labels included.

        Raises:
            UserError: If the network gave no finite numbers.
        """
        return self.tags(example, encoding, scores, self.labels.names).marginals

    def tags(
        self, example: Example, encoding: Encoding, scores: Scores, annotated: Sequence[str] | None
    ) -> Tags:
        """The distribution over tag sequences.

        Raises:
            UserError: If the network gave no finite numbers.
        """
        logits = merge(encoding, scores.logits, len(self.labels.id2tag))
        if not all(np.isfinite(values).all() for values in (logits, *scores.pointed)):
            raise UserError(
                f"document {example.id}: the model's output is not finite",
                hint="Its training diverged (lower train.learning_rate), or its weights are damaged.",
            )
        logits[:, self._forbidden(annotated)] = -np.inf
        return Independent(log_softmax(logits)) if self.chain is None else Chained(logits, self.chain)

    def _forbidden(self, annotated: Sequence[str] | None) -> npt.NDArray[np.bool_]:
        """Which tags may not be predicted, `[tags]`."""
        known = self.labels.own if annotated is None else annotated
        return np.array([False, *(name not in known for name in self.labels.names for _ in "BI")])

    def _probability(self, tags: Tags, table: SpanTable | None) -> Probability:
        """How probable any span is by what decides: the tagger, the span head, or both beside a chain."""
        if table is None:
            return tags.probability
        return table.probability if self.chain is None else averaged(tags.probability, table.probability)

    def _gold(
        self, example: Example, encoding: Encoding, probability: Probability, annotated: Sequence[str] | None
    ) -> Iterator[GoldSpan]:
        numbers = {name: label for label, name in enumerate(self.labels.names)}
        forbidden = self._forbidden(annotated)[1::2]
        for span in example.spans:
            words, label = exact_words(encoding.words, span), numbers[span.label]
            sure = None if words is None or forbidden[label] else _rounded(probability(*words, label))
            yield GoldSpan(
                start=span.start,
                end=span.end,
                label=span.label,
                tier=self.labels.tiers[span.label],
                probability=sure,
            )

    def _spans(
        self,
        encoding: Encoding,
        tags: Tags,
        table: SpanTable | None,
        probability: Probability,
        annotated: Sequence[str] | None,
    ) -> Iterator[PredictedSpan]:
        found = [ScoredSpan(*span, tags.probability(*span)) for span in tagged_spans(tags.best)]
        if table is not None:
            found = self._pointed(table, found, probability, annotated)
        names, words = self.labels.names, encoding.words
        for first, behind, label, sure in found:
            sequence = np.full(behind - first, 2 * label + 2)
            sequence[0] = 2 * label + 1
            yield PredictedSpan(
                start=int(words[first, 0]),
                end=int(words[behind - 1, 1]),
                label=names[label],
                tier=self.labels.tiers[names[label]],
                confidence=confidence(tags.marginals[np.arange(first, behind), sequence], sure),
            )

    def _pointed(
        self,
        table: SpanTable,
        tagged: list[ScoredSpan],
        probability: Probability,
        annotated: Sequence[str] | None,
    ) -> list[ScoredSpan]:
        """What the span head chooses, or, beside a chain, what both choose together."""
        forbidden = self._forbidden(annotated)[1::2]
        floor = THRESHOLD if self.chain is None else FLOOR
        found = [span for span in table.candidates(floor) if not forbidden[span.label]]
        if self.chain is not None:
            found = combine(tagged, found, probability)
        return nested(found) if self.nested else flat(found)


def exact_words(words: Ints, span: Span) -> tuple[int, int] | None:
    """The first word of a span and the one behind its last; None if an edge is inside a word.

    Args:
        words: Start and end of each word, `[words, 2]`.
        span: Any span of the text.
    """
    first, behind = word_range(words, span)
    if first >= behind or (words[first, 0], words[behind - 1, 1]) != (span.start, span.end):
        return None
    return first, behind


def merge(encoding: Encoding, logits: Sequence[npt.NDArray[np.floating]], tags: int) -> Floats:
    """The logits of each word, from the window that owns it: `[words, tags]`."""
    merged = np.empty((len(encoding.words), tags))
    for window, scores in zip(encoding.windows, logits, strict=True):
        merged[window.words[window.owned]] = scores[window.positions[window.owned]]
    return merged


class Independent:
    """Words tagged one by one by a softmax, under the rules of BIO.

    Args:
        log_probabilities: `[words, tags]`.
    """

    def __init__(self, log_probabilities: Floats) -> None:
        self.best = viterbi(log_probabilities)
        self.marginals = np.exp(log_probabilities)

    def probability(self, first: int, behind: int, label: int) -> float:
        """The product over the words of the span, and over the next word's not going on with it."""
        begin, inside = 2 * label + 1, 2 * label + 2
        found = self.marginals[first, begin] * self.marginals[first + 1 : behind, inside].prod()
        if behind < len(self.marginals):
            found *= 1 - self.marginals[behind, inside]
        return float(found)


class Chained:
    """Words tagged by a linear chain.

    Args:
        emissions: `[words, tags]`.
        chain: What stands between them.
    """

    def __init__(self, emissions: Floats, chain: Chain) -> None:
        lattice = chains.forward_backward(emissions, chain)
        self.best = chains.viterbi(emissions, chain)
        self.marginals = lattice.marginals()
        self.probability = lattice.span_probability


def confidence(probabilities: Floats, span: float) -> Confidence:
    """The confidence of a span.

    Args:
        probabilities: Of the tags that the words have in it, `[words]`.
        span: Of all of it.
    """
    return Confidence(
        words=tuple(_rounded(probability) for probability in probabilities),
        minimum=_rounded(probabilities.min()),
        mean=_rounded(probabilities.mean()),
        product=_rounded(probabilities.prod()),
        span=_rounded(span),
    )


def _rounded(probability: float) -> float:
    """As it is stored; sums of exponentials may exceed 1 by a rounding error."""
    return min(round(float(probability), DIGITS), 1.0)


def viterbi(log_probabilities: Floats) -> Ints:
    """The most probable tag sequence in which every `I-X` follows `B-X` or `I-X`.

    Viterbi (1967) with all allowed transitions equally likely. Since only `I-X` restricts what stands
    before it, each step costs as much as there are tags, not their square.

    Args:
        log_probabilities: `[words, tags]`, tags in the order O, B-1, I-1, B-2, I-2, ...

    Returns:
        The tag of each word, `[words]`.
    """
    length, width = log_probabilities.shape
    back = np.zeros((length, width), dtype=np.int64)
    labels = np.arange(1, width, 2)
    score = np.full(width, -np.inf)
    score[OUTSIDE] = 0.0  # as if an O stood before the text
    for step in range(length):
        best = int(score.argmax())
        stays_inside = score[labels + 1] >= score[labels]
        back[step] = best
        back[step, labels + 1] = np.where(stays_inside, labels + 1, labels)
        inside = np.maximum(score[labels], score[labels + 1])
        score = log_probabilities[step] + score[best]
        score[labels + 1] = log_probabilities[step, labels + 1] + inside
    tags = np.zeros(length, dtype=np.int64)
    tag = int(score.argmax())
    for step in range(length - 1, -1, -1):
        tags[step] = tag
        tag = int(back[step, tag])
    return tags


def tagged_spans(tags: Ints) -> list[tuple[int, int, int]]:
    """The spans of a valid BIO sequence as (first word, behind the last word, label number)."""
    spans = []
    for start in np.flatnonzero(tags % 2 == 1):
        end = start + 1
        while end < len(tags) and tags[end] == tags[start] + 1:
            end += 1
        spans.append((int(start), int(end), int(tags[start]) // 2))
    return spans


def log_softmax(logits: npt.NDArray[np.floating]) -> Floats:
    """Logarithms of the softmax over the last axis, in double precision."""
    shifted = logits.astype(np.float64) - logits.max(axis=-1, keepdims=True)
    result: Floats = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return result
