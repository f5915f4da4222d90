"""From a model's output to spans: merged windows, valid BIO sequences, offsets and confidence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from spanwise.chains import Chain, Lattice, forward_backward, viterbi
from spanwise.chains.chain import Bools
from spanwise.chains.sums import span_tags
from spanwise.encoding import OUTSIDE, Encoding, Ints
from spanwise.errors import UserError
from spanwise.io import DIGITS
from spanwise.schema import Example, Labels, Prediction, Span
from spanwise.selection import (
    THRESHOLD,
    Probability,
    ScoredSpans,
    SpanTable,
    averaged,
    combine,
    flat,
    nested,
)

Floats = npt.NDArray[np.float64]

FLOOR = 0.1  # of what a span head proposes to the combiner
BLOCK = 8192  # words decoded in lockstep: 5 MB for each array of 83 tags


class Scores(NamedTuple):
    """What a network says of one document.

    `logits` holds for each window an array `[tokens, tags]`, in which tokens behind the window (padding) are
    passed over; `pointed` holds for each window a span head's scores `[labels, words, words]` by first and
    last word, and nothing where there is no span head.
    """

    logits: Sequence[npt.NDArray[np.floating]]
    pointed: Sequence[npt.NDArray[np.floating]] = ()


class Document(NamedTuple):
    """A text on its way to a prediction."""

    example: Example
    encoding: Encoding
    scores: Scores


class Tags(Protocol):
    """A distribution over the tag sequences of one document."""

    @property
    def best(self) -> Ints:
        """The most probable valid sequence, `[words]`."""

    @property
    def marginals(self) -> Floats:
        """The probability of each tag at each word, `[words, tags]`."""

    def span_probabilities(self, spans: Ints) -> Floats:
        """How probable it is that exactly the words of a span are one of its label.

        Args:
            spans: First word, the one behind the last, and number of the label, `[spans, 3]`.

        Returns:
            `[spans]`.
        """


@dataclass(frozen=True)
class Decoder:
    """Turns what a network says of documents into spans.

    Attributes:
        labels: The tags, and the tier of each label.
        chain: The transitions of a CRF; without them words are tagged independently, but for BIO.
        nested: Whether spans may overlap.
    """

    labels: Labels
    chain: Chain | None = None
    nested: bool = False

    @cached_property
    def _names(self) -> tuple[str, ...]:
        """The labels by number."""
        return self.labels.names

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {name: number for number, name in enumerate(self._names)}

    def __call__(
        self,
        example: Example,
        encoding: Encoding,
        scores: Scores,
        *,
        annotated: Sequence[str] | None = None,
    ) -> Prediction:
        """What a network found in one document: `many` of one."""
        [prediction] = self.many([(example, encoding, scores)], annotated=annotated)
        return prediction

    def many(
        self,
        documents: Sequence[tuple[Example, Encoding, Scores]],
        *,
        annotated: Sequence[str] | None = None,
    ) -> list[Prediction]:
        """What a network found in each document, beside its gold standard and how probable it finds that.

        What comes of a document depends on no other, to the last bit; together they are decoded faster.

        Args:
            documents: Each with its words and windows and what the network says of it.
            annotated: The labels that may be predicted; by default those of the main corpus.

        Returns:
            In their order.

        Raises:
            UserError: If the network gave no finite numbers for one of them.
        """
        barred = self._barred(annotated)
        given = [Document(*document) for document in documents]
        found: dict[int, Prediction] = {}
        for block in blocks([len(document.encoding.words) for document in given]):
            chosen = [given[number] for number in block]
            for number, document, tags in zip(block, chosen, self._tags(chosen, barred), strict=True):
                found[number] = self._prediction(document, tags, barred)
        return [found[number] for number in range(len(given))]

    def probabilities(self, example: Example, encoding: Encoding, scores: Scores) -> Floats:
        """The probability of each tag at each word, `[words, tags]`, foreign labels included.

        Raises:
            UserError: If the network gave no finite numbers.
        """
        [tags] = self._tags([Document(example, encoding, scores)], self._barred(self.labels.names))
        return tags.marginals

    def _barred(self, annotated: Sequence[str] | None) -> Bools:
        """Which labels may not be predicted, `[labels]`."""
        known = self.labels.own if annotated is None else annotated
        return np.array([name not in known for name in self._names], dtype=np.bool_)

    def _tags(self, documents: Sequence[Document], barred: Bools) -> Iterable[Tags]:
        """Each document's distribution over tag sequences."""
        tags = np.append(False, np.repeat(barred, 2))
        emissions = [self._emissions(document, tags) for document in documents]
        if self.chain is None:
            return independent(emissions)
        return chained(emissions, self.chain)

    def _emissions(self, document: Document, barred: Bools) -> Floats:
        """The logits of each word, `-inf` for a barred tag, `[words, tags]`."""
        example, encoding, scores = document
        logits = merge(encoding, scores.logits, len(barred))
        if not all(np.isfinite(values).all() for values in (logits, *scores.pointed)):
            raise UserError(
                f"document {example.id}: the model's output is not finite",
                hint="Its training diverged (lower train.learning_rate), or its weights are damaged.",
            )
        logits[:, barred] = -np.inf
        return logits

    def _prediction(self, document: Document, tags: Tags, barred: Bools) -> Prediction:
        example, encoding, scores = document
        probability: Probability = tags.span_probabilities
        spans = np.array(tagged_spans(tags.best), dtype=np.int64).reshape(-1, 3)
        if scores.pointed:
            table = SpanTable.from_windows(encoding.windows, scores.pointed)
            probability, found = self._pointed(table, tags, spans, barred)
        else:
            found = ScoredSpans(spans, probability(spans))
        # Pydantic makes and checks all records in one call, in half the time that one by one, or
        # `model_construct`, which checks nothing, would take.
        return Prediction.model_validate(
            {
                "id": example.id,
                "text": example.text,
                "group": example.group,
                "gold": self._gold(example.spans, encoding.words, probability, barred),
                "predicted": self._predicted(found, encoding.words, tags.marginals),
                "attributes": example.attributes,
            }
        )

    def _pointed(
        self, table: SpanTable, tags: Tags, tagged: Ints, barred: Bools
    ) -> tuple[Probability, ScoredSpans]:
        """What the span head chooses, or, beside a chain, what both choose together; and who judges spans."""
        probability: Probability = table.probabilities
        found = table.candidates(THRESHOLD if self.chain is None else FLOOR)
        found = found.take(~barred[found.spans[:, 2]])
        if self.chain is not None:
            probability = averaged(tags.span_probabilities, probability)
            found = combine(tagged, found.spans, probability)
        return probability, nested(found) if self.nested else flat(found)

    def _gold(
        self, spans: Sequence[Span], words: Ints, probability: Probability, barred: Bools
    ) -> Iterator[dict[str, Any]]:
        """The fields of each `GoldSpan`."""
        edges = np.array([(span.start, span.end) for span in spans], dtype=np.int64).reshape(-1, 2)
        labels = np.array([self._numbers[span.label] for span in spans], dtype=np.int64)
        inside, exact = exact_words(words, edges)
        known = exact & ~barred[labels]
        sure = np.full(len(spans), None, dtype=object)
        sure[known] = _rounded(probability(np.column_stack([inside, labels])[known]))
        for span, each in zip(spans, sure.tolist(), strict=True):
            yield {
                "start": span.start,
                "end": span.end,
                "label": span.label,
                "tier": self.labels.tiers[span.label],
                "probability": each,
            }

    def _predicted(self, found: ScoredSpans, words: Ints, marginals: Floats) -> Iterator[dict[str, Any]]:
        """The fields of each `PredictedSpan`."""
        first, behind, label = found.spans.T
        names = [self._names[number] for number in label.tolist()]
        columns = (words[first, 0].tolist(), words[behind - 1, 1].tolist(), names)
        for start, end, name, sure in zip(*columns, confidences(marginals, found), strict=True):
            yield {
                "start": start,
                "end": end,
                "label": name,
                "tier": self.labels.tiers[name],
                "confidence": sure,
            }


def blocks(lengths: Sequence[int], budget: int = BLOCK) -> Iterator[list[int]]:
    """Numbers of documents of like length, longest first, to be decoded in lockstep.

    Args:
        lengths: Words of each document.
        budget: Words of a block; a document of more goes alone.
    """
    block: list[int] = []
    room = budget
    for number in sorted(range(len(lengths)), key=lambda number: -lengths[number]):
        if block and lengths[number] > room:
            yield block
            block, room = [], budget
        block.append(number)
        room -= lengths[number]
    if block:
        yield block


def exact_words(words: Ints, edges: Ints) -> tuple[Ints, Bools]:
    """The first word of each span and the one behind its last, and whether its edges are edges of words.

    Args:
        words: Start and end of each word, `[words, 2]`.
        edges: Start and end of each span, `[spans, 2]`.

    Returns:
        `[spans, 2]`, of no meaning where an edge is inside a word; and which are not so, `[spans]`.
    """
    first = np.searchsorted(words[:, 0], edges[:, 0])
    last = np.searchsorted(words[:, 1], edges[:, 1])
    starts, ends = np.append(words[:, 0], -1), np.append(words[:, 1], -1)  # of a word that no span has
    exact = (first <= last) & (starts[first] == edges[:, 0]) & (ends[last] == edges[:, 1])
    return np.column_stack([first, last + 1]), exact


def merge(encoding: Encoding, logits: Sequence[npt.NDArray[np.floating]], tags: int) -> Floats:
    """The logits of each word, from the window that owns it: `[words, tags]`."""
    merged = np.empty((len(encoding.words), tags))
    for window, scores in zip(encoding.windows, logits, strict=True):
        merged[window.words[window.owned]] = scores[window.positions[window.owned]]
    return merged


@dataclass(frozen=True)
class Independent:
    """Words tagged one by one by a softmax, under the rules of BIO; fields as of `Tags`."""

    best: Ints
    marginals: Floats

    def span_probabilities(self, spans: Ints) -> Floats:
        """The product over the words of a span, and over the next word's not going on with it, `[spans]`."""
        if not len(spans):
            return np.zeros(0)
        words, tags, starts = span_tags(spans)
        found: Floats = np.multiply.reduceat(self.marginals[words, tags], starts)
        behind, inside = spans[:, 1], 2 * spans[:, 2] + 2
        inner = behind < len(self.marginals)
        found[inner] *= 1 - self.marginals[behind[inner], inside[inner]]
        return found


@dataclass(frozen=True)
class Chained:
    """Words tagged by a linear chain; fields as of `Tags`."""

    best: Ints
    lattice: Lattice

    @property
    def marginals(self) -> Floats:
        """By forward-backward, `[words, tags]`."""
        return self.lattice.marginals

    def span_probabilities(self, spans: Ints) -> Floats:
        """By constrained forward-backward, `[spans]`."""
        return self.lattice.span_probabilities(spans)


def independent(emissions: Sequence[Floats]) -> Iterator[Independent]:
    """The distribution over each document's tags without a chain; emissions are `[words, tags]`."""
    logs = [log_softmax(each) for each in emissions]
    bio = Chain.bio(logs[0].shape[1] // 2)
    for best, each in zip(viterbi(logs, bio), logs, strict=True):
        yield Independent(best, np.exp(each))


def chained(emissions: Sequence[Floats], chain: Chain) -> Iterator[Chained]:
    """The distribution over each document's tags with a chain; emissions are `[words, tags]`."""
    lattices = forward_backward(emissions, chain)
    for best, lattice in zip(viterbi(emissions, chain), lattices, strict=True):
        yield Chained(best, lattice)


def confidences(marginals: Floats, found: ScoredSpans) -> Iterator[dict[str, Any]]:
    """The fields of the `Confidence` of each span.

    Args:
        marginals: The probability of each tag at each word, `[words, tags]`.
        found: The spans.
    """
    if not len(found.spans):
        return
    words, tags, starts = span_tags(found.spans)
    each = marginals[words, tags]
    lengths = np.diff(starts, append=len(words))
    figures = (
        np.minimum.reduceat(each, starts),
        np.add.reduceat(each, starts) / lengths,
        np.multiply.reduceat(each, starts),
        found.probability,
    )
    rounded = _rounded(each).tolist()
    columns = zip(starts.tolist(), lengths.tolist(), *(_rounded(f).tolist() for f in figures), strict=True)
    for start, length, minimum, mean, product, span in columns:
        yield {
            "words": rounded[start : start + length],
            "minimum": minimum,
            "mean": mean,
            "product": product,
            "span": span,
        }


def _rounded(probabilities: Floats) -> Floats:
    """As they are stored; sums of exponentials may exceed 1 by a rounding error."""
    rounded: Floats = np.minimum(np.round(probabilities, DIGITS), 1.0)
    return rounded


def tagged_spans(tags: Ints) -> list[tuple[int, int, int]]:
    """The spans of a valid BIO sequence as (first word, behind the last word, label number).

    In a window the sequence may begin inside of a span, which is left out.
    """
    starts = np.flatnonzero(tags % 2 == 1)
    # A span ends where the next word is not inside of one, or begins one.
    goes_on = np.append(tags[1:] % 2 == 0, False) & np.append(tags[1:] != OUTSIDE, False)
    ends = np.flatnonzero((tags != OUTSIDE) & ~goes_on) + 1
    ends = ends[len(ends) - len(starts) :]
    return list(zip(starts.tolist(), ends.tolist(), (tags[starts] // 2).tolist(), strict=True))


def log_softmax(logits: npt.NDArray[np.floating]) -> Floats:
    """Logarithms of the softmax over the last axis, in double precision."""
    shifted = logits.astype(np.float64) - logits.max(axis=-1, keepdims=True)
    result: Floats = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return result
