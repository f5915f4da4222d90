"""Strict counts of spans by what they are: seen in training or not, of one word or several, by length.

A stratum is a property of the span itself, its label and its text, whichever side it stands on. So a
predicted span is in a stratum whether it is right or wrong, a right one is in that of the gold span that it
equals, and precision, recall and F1 of a stratum are the strict ones over the spans in it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

import numpy as np

from spanwise.encoding import WORD
from spanwise.metrics.spans import Integers, SpanCounts, SpanTable, count_classes
from spanwise.schema import Example, Prediction, Span

Mention = tuple[str, str]
"""A label and a text, its case folded and its white space collapsed."""

LENGTHS = ("1", "2", "3", "4-5", "6+")
LONGEST = (1, 2, 3, 5)  # tokens of each of these but the last


def mentions(examples: Iterable[Example]) -> frozenset[Mention]:
    """What the gold spans of a training side mention."""
    return frozenset(
        mention(span.label, example.text[span.start : span.end])
        for example in examples
        for span in example.spans
    )


def mention(label: str, text: str) -> Mention:
    """The label and the text of a span as they are compared with those of others."""
    return label, " ".join(text.casefold().split())


def tokens(text: str) -> int:
    """How many words of `spanwise.encoding` the text of a span holds; one at least."""
    return max(len(WORD.findall(text)), 1)


def count(
    predictions: Sequence[Prediction], table: SpanTable, *, seen: Collection[Mention] | None
) -> dict[str, SpanCounts]:
    """Count right, predicted and gold spans by strata, [groups, strata].

    Args:
        predictions: One per document.
        table: Their spans.
        seen: The mentions of the training side; None where there is none.

    Returns:
        `mention` (`seen`, `unseen`; not without `seen`), `tokens` (`single`, `multi`) and `length` (in
        tokens, see `tokens`).
    """
    surfaces: dict[Mention, int] = {}  # few beside the spans, as most come often
    gold = _number(predictions, [prediction.gold for prediction in predictions], surfaces)
    predicted = _number(predictions, [prediction.predicted for prediction in predictions], surfaces)

    def by(names: tuple[str, ...], stratum: Integers) -> SpanCounts:
        return count_classes(table, names, gold=stratum[gold], predicted=stratum[predicted])

    sizes = np.array([tokens(text) for _, text in surfaces], dtype=np.int64)
    counts = {
        "tokens": by(("single", "multi"), (sizes > 1).astype(np.int64)),
        "length": by(LENGTHS, np.searchsorted(LONGEST, sizes)),
    }
    if seen is not None:
        unseen = np.array([mention(*surface) not in seen for surface in surfaces], dtype=np.int64)
        counts["mention"] = by(("seen", "unseen"), unseen)
    return counts


def _number(
    predictions: Sequence[Prediction], sides: Sequence[Sequence[Span]], surfaces: dict[Mention, int]
) -> Integers:
    """The number of each span's label and text, [spans]; new ones are entered in `surfaces`."""
    numbers = [
        surfaces.setdefault((span.label, prediction.text[span.start : span.end]), len(surfaces))
        for prediction, spans in zip(predictions, sides, strict=True)
        for span in spans
    ]
    return np.array(numbers, dtype=np.int64)
