"""Choosing among scored spans: from the scores of a span head, window by window, to the spans of a document.

Spans are told in words of the document, half-open, and carry the number of their label.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from spanwise.encoding import Ints, Window

Floats = npt.NDArray[np.float64]
Probability = Callable[[Ints], Floats]
"""Of each of some spans `[spans, 3]`, whether or not a head chose it: `[spans]`."""

THRESHOLD = 0.5
"""Spans below it are not chosen: the loss of the span head has its threshold there (see `heads.pointer`)."""

NOWHERE = -1  # the owner of a span that no window holds whole


class ScoredSpans(NamedTuple):
    """Spans of a document, and how probable a head finds them.

    `spans` holds first word, the one behind the last, and number of the label, `[spans, 3]`; `probability` is
    `[spans]`.
    """

    spans: Ints
    probability: Floats

    def take(self, chosen: npt.NDArray[np.bool_] | Ints) -> ScoredSpans:
        """Some of them: by a flag each, or by their numbers."""
        return ScoredSpans(self.spans[chosen], self.probability[chosen])


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

    def candidates(self, floor: float) -> ScoredSpans:
        """All spans of at least a probability, sorted by first word, falling length and label.

        Args:
            floor: Above 0 and below 1.
        """
        least = math.log(floor / (1 - floor))
        spans, scored = [np.zeros((0, 3), dtype=np.int64)], [np.zeros(0)]
        for number, ((start, end), scores) in enumerate(zip(self.bounds, self.scores, strict=True)):
            inside = scores[:, : end - start, : end - start]
            # Several times as fast as `nonzero` of three axes.
            label, first, last = np.unravel_index(np.flatnonzero(inside >= least), inside.shape)
            found = np.column_stack([first + start, last + 1 + start, label])
            own = (first <= last) & (owners(found[:, :2], self.bounds) == number)
            spans.append(found[own])
            scored.append(inside[label[own], first[own], last[own]])
        found = np.concatenate(spans)
        return ScoredSpans(found, _sigmoid(np.concatenate(scored))).take(_placed(found))

    def probabilities(self, spans: Ints) -> Floats:
        """Of each of `[spans, 3]`; 0 where no window holds it whole."""
        found = np.zeros(len(spans))
        owner = owners(spans[:, :2], self.bounds)
        for number in np.unique(owner[owner != NOWHERE]):
            own = owner == number
            first, behind, label = spans[own].T
            start = self.bounds[number, 0]
            found[own] = _sigmoid(self.scores[number][label, first - start, behind - 1 - start])
        return found


def word_bounds(windows: Sequence[Window]) -> Ints:
    """First word of each window and the one behind its last, `[windows, 2]`, rising.

    A window inside of one long word has none: both are then the word behind the window before.
    """
    bounds = np.zeros((len(windows), 2), dtype=np.int64)
    behind = 0
    for number, window in enumerate(windows):
        first, behind = (window.words[0], window.words[-1] + 1) if len(window.words) else (behind, behind)
        bounds[number] = first, behind
    return bounds


def owners(spans: Ints, bounds: Ints) -> Ints:
    """The number of the window that each span is taken from, `NOWHERE` if none holds it whole, `[spans]`.

    Args:
        spans: First word, and behind the last, `[spans, 2]`.
        bounds: The same of each window, rising, `[windows, 2]`.
    """
    first, behind = spans.T
    # The windows that hold a span whole are neighbours; there are two or three, however long the text.
    candidate = np.searchsorted(bounds[:, 1], behind, side="left")
    last = np.searchsorted(bounds[:, 0], first, side="right") - 1
    owner, most = np.full(len(spans), NOWHERE), np.full(len(spans), -1.0)
    while (held := np.flatnonzero(candidate <= last)).size:
        number = candidate[held]
        # What is left or right of the whole document is missing from no window.
        left = np.where(number == 0, np.inf, first[held] - bounds[number, 0])
        right = np.where(number == len(bounds) - 1, np.inf, bounds[number, 1] - behind[held])
        context = np.minimum(left, right)
        better = held[context > most[held]]
        owner[better] = candidate[better]
        most[held] = np.maximum(most[held], context)
        candidate[held] += 1
    return owner


def reachable(first: int, behind: int, windows: Sequence[Window]) -> bool:
    """Whether some window holds the words `first` to `behind` whole; a span head cannot find others."""
    return bool(owners(np.array([[first, behind]]), word_bounds(windows))[0] != NOWHERE)


def flat(found: ScoredSpans) -> ScoredSpans:
    """Spans of at least `THRESHOLD` without a common word: the most probable first, then what fits beside it.

    On a tie the longer span goes first, then the earlier one, then the lower label number, whatever the order
    in which they come.

    Returns:
        In the order of the text.
    """
    ranked = _ranked(found)
    taken = bytearray(int(ranked.spans[:, 1].max(initial=0)))
    kept = []
    for number, (first, behind, _) in enumerate(ranked.spans.tolist()):
        if 1 not in taken[first:behind]:
            taken[first:behind] = b"\x01" * (behind - first)
            kept.append(number)
    chosen = ranked.take(np.array(kept, dtype=np.int64))
    return chosen.take(_placed(chosen.spans))


def nested(found: ScoredSpans) -> ScoredSpans:
    """All spans of at least `THRESHOLD`, once each; of two with the same words and label the more probable.

    Nothing else is ruled out, since people annotate all of it: spans inside others, spans with the same words
    and several labels, and spans that cross.

    Returns:
        Sorted by first word, falling length and label.
    """
    ranked = _ranked(found)
    return ranked.take(_distinct(ranked.spans))


def averaged(tagger: Probability, pointer: Probability) -> Probability:
    """The mean of what a tagger and a span head give to exactly one span."""
    return lambda spans: (tagger(spans) + pointer(spans)) / 2


def combine(tagged: Ints, pointed: Ints, probability: Probability) -> ScoredSpans:
    """The spans of a tagger and of a span head, each as probable as both together find it.

    Sequence tagging and span prediction err on different spans, and one judges well what the other proposes
    (Fu et al. 2021, "SpanNER", arXiv 2106.00641; Verma et al. 2023, arXiv 2305.19120). There a trained model
    scores the candidates; here the two heads do, which share an encoder.

    Args:
        tagged: What the tagger proposes, `[spans, 3]`.
        pointed: What the span head proposes, `[spans, 3]`. A span that both find improbable is not worth
            proposing, but one that the span head puts below one half may be chosen: take a low floor.
        probability: Of any span by both heads, `averaged`.

    Returns:
        Each candidate once, sorted by first word, falling length and label; `flat` or `nested` chooses.
    """
    candidates = np.concatenate([tagged, pointed])
    candidates = candidates[_distinct(candidates)]
    return ScoredSpans(candidates, probability(candidates))


def _ranked(found: ScoredSpans) -> ScoredSpans:
    """Those of at least `THRESHOLD` by their place among spans that compete for words."""
    probable = found.take(found.probability >= THRESHOLD)
    first, behind, label = probable.spans.T
    return probable.take(np.lexsort((label, first, first - behind, -probable.probability)))


def _placed(spans: Ints) -> Ints:
    """The numbers of spans in the order of the text; equal ones stay in theirs."""
    first, behind, label = spans.T
    return np.lexsort((label, -behind, first))


def _distinct(spans: Ints) -> Ints:
    """The numbers of spans in the order of the text, of equal ones the first."""
    placed = _placed(spans)
    in_order = spans[placed]
    new = np.ones(len(spans), dtype=np.bool_)
    new[1:] = (in_order[1:] != in_order[:-1]).any(axis=1)
    return placed[new]


def _sigmoid(scores: npt.NDArray[np.floating]) -> Floats:
    # Scores below -700 would overflow, and have no probability to speak of.
    result: Floats = 1 / (1 + np.exp(-np.maximum(scores.astype(np.float64), -700.0)))
    return result
