"""How the same words are annotated elsewhere in the gold standard."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from spanwise.encoding import WORD
from spanwise.schema import GoldSpan, Prediction, Record, Span

Key = tuple[str, ...]
"""The words of a mention, whatever their case and the space between them."""


class Elsewhere(Record):
    """The other places where the same words stand.

    `labels` counts those annotated at exactly these bounds, the most frequent label first; `unannotated`
    counts those that overlap no annotation. Places inside or across other annotations do not count.
    """

    labels: dict[str, int]
    unannotated: int


@dataclass(frozen=True)
class Place:
    """Where the words of a mention stand, and the labels that are annotated there; empty if there is none."""

    document: str
    start: int
    end: int
    labels: tuple[str, ...]


class Concordance:
    """The places of some mentions in all documents.

    Args:
        predictions: One per document; what was predicted is not looked at.
        mentions: The texts of the mentions.
    """

    def __init__(self, predictions: Sequence[Prediction], mentions: Collection[str]) -> None:
        wanted = {key for key in map(words_of, mentions) if key}
        lengths = sorted({len(key) for key in wanted})
        self.places: dict[Key, list[Place]] = defaultdict(list)
        for prediction in predictions:
            words = [(match[0].casefold(), *match.span()) for match in WORD.finditer(prediction.text)]
            texts = [word for word, _, _ in words]
            for length in lengths:
                for first in range(len(words) - length + 1):
                    key = tuple(texts[first : first + length])
                    if key in wanted:
                        bounds = words[first][1], words[first + length - 1][2]
                        self.places[key] += _place(prediction, *bounds)

    def elsewhere(self, document: str, span: Span, text: str) -> Elsewhere:
        """How the words of a span are annotated at all other places.

        Args:
            document: The id of the span's document.
            span: Where it is: this place does not count.
            text: Its text.
        """
        own = document, span.start, span.end
        others = [
            place
            for place in self.places.get(words_of(text), [])
            if (place.document, place.start, place.end) != own
        ]
        labels = Counter(label for place in others for label in place.labels)
        ordered = sorted(labels.items(), key=lambda item: (-item[1], item[0]))
        return Elsewhere(labels=dict(ordered), unannotated=sum(not place.labels for place in others))


def words_of(text: str) -> Key:
    """The words of a mention as they are compared."""
    return tuple(word.casefold() for word in WORD.findall(text))


def _place(prediction: Prediction, start: int, end: int) -> Iterator[Place]:
    """The place between two offsets, unless it is a part of an annotation or crosses one."""
    touching: list[GoldSpan] = [span for span in prediction.gold if span.start < end and start < span.end]
    labels = tuple(span.label for span in touching if (span.start, span.end) == (start, end))
    if labels or not touching:
        yield Place(prediction.id, start, end, labels)
