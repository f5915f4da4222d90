"""What a linear chain adds to the emissions, and the rules of BIO."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from spanwise.encoding import Ints
from spanwise.errors import UserError

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

SLACK = 1e-12  # of a score: far above its rounding error


@dataclass(frozen=True)
class Chain:
    """What a linear chain adds to the emissions; `-inf` forbids.

    Attributes:
        transitions: The score of each tag (column) behind each tag (row), `[tags, tags]`.
        start: Of each tag at the first word, `[tags]`.
        end: Of each tag at the last word, `[tags]`.
    """

    transitions: Floats
    start: Floats
    end: Floats

    @classmethod
    def bio(cls, labels: int) -> Chain:
        """The rules of BIO, which like no valid sequence better than another."""
        permitted, first = bio_constraints(labels)
        transitions, start = (np.where(allowed, 0.0, -np.inf) for allowed in (permitted, first))
        return cls(transitions, start, np.zeros_like(start))

    @cached_property
    def moves(self) -> Moves:
        """The transitions as `viterbi` takes them."""
        return Moves.of(self.transitions)


@dataclass(frozen=True)
class Moves:
    """Transitions by what they lead to: few tags lead to `I-X`, all of them to `O` and `B-X`.

    Attributes:
        few: Tags to which at most two tags lead, `[few]`.
        sources: These two, `[2, few]`.
        into_few: The score of each such move, `[2, few]`.
        others: The tags to which more lead, `[others]`.
        into_others: The score of each move to one of them, `[tags, others]`.
        spread: How far the scores of two moves into one of the others lie apart at most. A tag that lies
            further behind the best one is on no best sequence through any of them.
    """

    few: Ints
    sources: Ints
    into_few: Floats
    others: Ints
    into_others: Floats
    spread: float

    @classmethod
    def of(cls, transitions: Floats) -> Moves:
        """The moves that a matrix `[tags, tags]` scores."""
        permitted = ~np.isneginf(transitions)
        has_few = permitted.sum(axis=0) <= 2
        few, others = np.flatnonzero(has_few), np.flatnonzero(~has_few)
        sources = np.argsort(~permitted[:, few], axis=0, kind="stable")[:2]
        into_others = np.ascontiguousarray(transitions[:, others])
        spread = (into_others.max(axis=0) - into_others.min(axis=0)).max(initial=0.0)
        return cls(few, sources, transitions[sources, few], others, into_others, float(spread))

    def best(self, scores: Floats) -> Floats:
        """The score of the best move to each tag, given those of the tags before, `[documents, tags]`."""
        found = np.empty_like(scores)
        found[:, self.few] = (scores.take(self.sources, axis=1) + self.into_few).max(axis=1)
        if len(self.others):
            top = scores.max(axis=1, keepdims=True)
            followed = np.flatnonzero(scores >= top - self.spread - SLACK * np.abs(top))
            document, tag = np.divmod(followed, scores.shape[1])
            through = self.into_others.take(tag, axis=0) + scores.take(followed)[:, None]
            firsts = np.searchsorted(document, np.arange(len(scores)))
            found[:, self.others] = np.maximum.reduceat(through, firsts, axis=0)
        return found


def bio_constraints(labels: int) -> tuple[Bools, Bools]:
    """The moves that a BIO sequence may make: `I-X` only behind `B-X` or `I-X`, and never first.

    Args:
        labels: How many there are; tags stand in the order O, B-1, I-1, B-2, I-2, ...

    Returns:
        Which tag (column) may follow which (row), `[tags, tags]`, and which may stand first, `[tags]`.
    """
    tags = 2 * labels + 1
    inside = np.arange(2, tags, 2)
    transitions, start = np.ones((tags, tags), dtype=np.bool_), np.ones(tags, dtype=np.bool_)
    start[inside] = False
    transitions[:, inside] = False
    transitions[inside - 1, inside] = transitions[inside, inside] = True
    return transitions, start


def require_possible(scores: Floats) -> None:
    """Make sure that some sequence has a score.

    Args:
        scores: Of the best sequences, or of all.

    Raises:
        UserError: If the chain forbids every one of a document.
    """
    if np.isneginf(scores).any():
        raise UserError("the chain of tags forbids every sequence for this document")
