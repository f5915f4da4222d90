"""Choosing among scored spans: from the scores of a span head, window by window, to the spans of a document.

Spans are told in words of the document, half-open, and carry the number of their label.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from spanwise.encoding import Ints, Window

Floats = npt.NDArray[np.float64]
Probability = Callable[[int, int, int], float]
"""Of the span from a first word to behind a last word with a label number, whether or not a head chose it."""

THRESHOLD = 0.5
"""Spans below it are not chosen: the loss of the span head has its threshold there (see `heads.pointer`)."""

NOWHERE = -1  # the owner of a span that no window holds whole


class ScoredSpan(NamedTuple):
    """Words `first` to `behind` (half-open), a label number, and how probable a head finds them."""

    first: int
    behind: int
    label: int
    probability: float


@dataclass(frozen=True)
class SpanTable:
    """What a span head says of the spans of one document.

    A span that several windows hold whole has the score of the one that gives it most context, as words have
    in `encoding.owning_window`: the most words on the side where it shows fewest, the edges of the document
    cutting nothing off, the first window on a tie. A span that no window holds whole has none.

    Attributes:
        bounds: First word of each window and the one behind its last, `[windows, 2]`.
        scores: For each window its scores by label, first and last word (inclusive), `[labels, words,
            words]`; words behind the window (padding) are passed over. A probability is the sigmoid of one.
    """

    bounds: Ints
    scores: Sequence[npt.NDArray[np.floating]]

    @classmethod
    def from_windows(cls, windows: Sequence[Window], scores: Sequence[npt.NDArray[np.floating]]) -> SpanTable:
        """The table of a document that went through the model in these windows."""
        return cls(word_bounds(windows), scores)

    def candidates(self, floor: float) -> list[ScoredSpan]:
        """All spans of at least a probability, sorted by first word, falling length and label.

        Args:
            floor: Above 0 and below 1.
        """
        least = math.log(floor / (1 - floor))
        found = []
        for number, ((start, end), scores) in enumerate(zip(self.bounds, self.scores, strict=True)):
            inside = scores[:, : end - start, : end - start]
            label, first, last = np.nonzero(np.triu(inside >= least))
            spans = np.stack([first + start, last + 1 + start], axis=1)
            own = owners(spans, self.bounds) == number
            probability = _sigmoid(inside[label, first, last])
            found += [
                ScoredSpan(word, behind, name, sure)
                for (word, behind), name, sure in zip(
                    spans[own].tolist(), label[own].tolist(), probability[own].tolist(), strict=True
                )
            ]
        return sorted(found, key=_place)

    def probability(self, first: int, behind: int, label: int) -> float:
        """Of one span; 0 where no window holds it whole."""
        number = int(owners(np.array([[first, behind]]), self.bounds)[0])
        if number == NOWHERE:
            return 0.0
        start = self.bounds[number, 0]
        return float(_sigmoid(self.scores[number][label, first - start, behind - 1 - start]))


def word_bounds(windows: Sequence[Window]) -> Ints:
    """First word of each window and the one behind its last, `[windows, 2]`; 0 and 0 where it has none."""
    bounds = [(w.words[0], w.words[-1] + 1) if len(w.words) else (0, 0) for w in windows]
    return np.array(bounds, dtype=np.int64).reshape(-1, 2)


def owners(spans: Ints, bounds: Ints) -> Ints:
    """The number of the window that each span is taken from, `NOWHERE` if none holds it whole, `[spans]`.

    Args:
        spans: First word, and behind the last, `[spans, 2]`.
        bounds: The same of each window, `[windows, 2]`.
    """
    left = (spans[:, :1] - bounds[:, 0]).astype(np.float64)
    right = (bounds[:, 1] - spans[:, 1:]).astype(np.float64)
    outside = (left < 0) | (right < 0)
    # What is left or right of the whole document is missing from no window.
    left[:, :1] = np.inf
    right[:, -1:] = np.inf
    context = np.where(outside, NOWHERE, np.minimum(left, right))
    nowhere = np.full((len(spans), 1), NOWHERE)
    best: Ints = np.argmax(np.concatenate([nowhere, context], axis=1), axis=1) - 1
    return best


def reachable(first: int, behind: int, windows: Sequence[Window]) -> bool:
    """Whether some window holds the words `first` to `behind` whole; a span head cannot find others."""
    return bool(owners(np.array([[first, behind]]), word_bounds(windows))[0] != NOWHERE)


def flat(spans: Iterable[ScoredSpan]) -> list[ScoredSpan]:
    """Spans of at least `THRESHOLD` without a common word: the most probable first, then what fits beside it.

    On a tie the longer span goes first, then the earlier one, then the lower label number, whatever the order
    in which they come.

    Returns:
        In the order of the text.
    """
    ranked = sorted(_probable(spans), key=_rank)
    taken = np.zeros(max((span.behind for span in ranked), default=0), dtype=np.bool_)
    kept = []
    for span in ranked:
        if not taken[span.first : span.behind].any():
            taken[span.first : span.behind] = True
            kept.append(span)
    return sorted(kept, key=_place)


def nested(spans: Iterable[ScoredSpan]) -> list[ScoredSpan]:
    """All spans of at least `THRESHOLD`, once each; of two with the same words and label the more probable.

    Nothing else is ruled out, since people annotate all of it: spans inside others, spans with the same words
    and several labels, and spans that cross.

    Returns:
        Sorted by first word, falling length and label.
    """
    kept: dict[tuple[int, int, int], ScoredSpan] = {}
    for span in sorted(_probable(spans), key=_rank):
        kept.setdefault(span[:3], span)
    return sorted(kept.values(), key=_place)


def averaged(tagger: Probability, pointer: Probability) -> Probability:
    """The mean of what a tagger and a span head give to exactly one span."""

    def probability(first: int, behind: int, label: int) -> float:
        return (tagger(first, behind, label) + pointer(first, behind, label)) / 2

    return probability


def combine(
    tagged: Iterable[ScoredSpan], pointed: Iterable[ScoredSpan], probability: Probability
) -> list[ScoredSpan]:
    """The spans of a tagger and of a span head, each as probable as both together find it.

    Sequence tagging and span prediction err on different spans, and one judges well what the other proposes
    (Fu et al. 2021, "SpanNER", arXiv 2106.00641; Verma et al. 2023, arXiv 2305.19120). There a trained model
    scores the candidates; here the two heads do, which share an encoder.

    Args:
        tagged: What the tagger proposes; only words and labels are read, as of `pointed`.
        pointed: What the span head proposes. A span both find improbable is not worth proposing, but one that
            the span head alone puts below one half may still be chosen: take a low floor.
        probability: Of any span by both heads, `averaged`.

    Returns:
        Each candidate once, sorted by first word, falling length and label; `flat` or `nested` chooses.
    """
    candidates = dict.fromkeys(span[:3] for span in (*tagged, *pointed))
    return sorted((ScoredSpan(*key, probability(*key)) for key in candidates), key=_place)


def _probable(spans: Iterable[ScoredSpan]) -> list[ScoredSpan]:
    return [span for span in spans if span.probability >= THRESHOLD]


def _rank(span: ScoredSpan) -> tuple[float, int, int, int]:
    """The place of a span among those that compete for its words."""
    return -span.probability, span.first - span.behind, span.first, span.label


def _place(span: ScoredSpan) -> tuple[int, int, int]:
    """The place of a span in the text."""
    return span.first, -span.behind, span.label


def _sigmoid(scores: npt.NDArray[np.floating]) -> Floats:
    # Scores below -700 would overflow, and have no probability to speak of.
    result: Floats = 1 / (1 + np.exp(-np.maximum(scores.astype(np.float64), -700.0)))
    return result
