"""Linear-chain conditional random fields: the best tags, and exact probabilities of tags and of spans.

Lafferty, McCallum & Pereira (2001), "Conditional random fields". A sequence of tags scores the sum of its
start, emission, transition and end scores; its probability is the softmax over all sequences. Everything is
computed in log space and double precision (Rabiner 1989, "A tutorial on hidden Markov models", section III).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from spanwise.encoding import Ints
from spanwise.errors import UserError

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

LOWEST = -1e300  # instead of -inf where all is forbidden: a difference of the two would be no number
UNDERFLOW = 1e-200  # sums below it have lost what they were made of


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


@dataclass(frozen=True)
class Lattice:
    """All tag sequences of one document, summed from both ends.

    Attributes:
        emissions: `[words, tags]`.
        chain: What stands between them.
        alpha: Log of the summed sequences up to each word that end in each tag there, `[words, tags]`.
        beta: Log of the summed sequences behind each word, given its tag, `[words, tags]`.
        log_partition: Log of the sum over all sequences.
    """

    emissions: Floats
    chain: Chain
    alpha: Floats
    beta: Floats
    log_partition: float

    def marginals(self) -> Floats:
        """The probability of each tag at each word, `[words, tags]`."""
        # Rounding may bring what is certain above 1.
        marginals: Floats = np.minimum(np.exp(self.alpha + self.beta - self.log_partition), 1.0)
        return marginals

    def span_probability(self, first: int, behind: int, label: int) -> float:
        """The probability that exactly these words are one span of this label.

        That is, of all sequences with B at the first word, I at the others, and no I of the label right
        behind them: constrained forward-backward (Culotta & McCallum 2004, "Confidence estimation for
        information extraction", HLT-NAACL).

        Args:
            first: The first word.
            behind: The word behind the last, so at least `first + 1`.
            label: The number of the label.
        """
        inside = 2 * label + 2
        tags = np.full(behind - first, inside)
        tags[0] = inside - 1
        score = self.alpha[first, tags[0]] + self.emissions[first + 1 : behind, inside].sum()
        score += self.chain.transitions[tags[:-1], tags[1:]].sum()
        if behind == len(self.emissions):
            score += self.chain.end[tags[-1]]
        else:
            follow = self.chain.transitions[tags[-1]] + self.emissions[behind] + self.beta[behind]
            score += _log_sum_exp(np.delete(follow, inside), axis=0)
        return min(float(np.exp(score - self.log_partition)), 1.0)


def forward_backward(emissions: Floats, chain: Chain) -> Lattice:
    """Sum over all tag sequences of a document, once for all probabilities that are asked for.

    With sums that are normalised at each word (Rabiner 1989, section V.A), a product of a vector and a matrix
    a word. Where scores lie so far apart that such sums underflow, in log space, which takes longer.

    Args:
        emissions: `[words, tags]`.
        chain: What stands between them.

    Raises:
        UserError: If the chain forbids every sequence.
    """
    if not len(emissions):
        return Lattice(emissions, chain, np.zeros_like(emissions), np.zeros_like(emissions), 0.0)
    alpha, beta = _scaled(emissions, chain) or _in_log_space(emissions, chain)
    log_partition = float(_log_sum_exp(alpha[-1] + chain.end, axis=0))
    _require_possible(log_partition)
    return Lattice(emissions, chain, alpha, beta, log_partition)


def _scaled(emissions: Floats, chain: Chain) -> tuple[Floats, Floats] | None:
    """Alpha and beta of a `Lattice`; None if a sum underflows."""
    words = len(emissions)
    top = np.maximum(emissions.max(axis=1), LOWEST)
    highest = max(chain.transitions.max(), LOWEST)
    likelihood, moves = np.exp(emissions - top[:, None]), np.exp(chain.transitions - highest)
    ahead, behind = np.empty_like(emissions), np.empty_like(emissions)
    scales, falls = np.empty(words), np.empty(words)
    state, rest = np.exp(chain.start) * likelihood[0], np.exp(chain.end)
    for step in range(words):
        if step:
            state = (state @ moves) * likelihood[step]
            rest = moves @ (rest * likelihood[-step])
        scales[step], falls[-1 - step] = state.sum(), rest.sum()
        if not (scales[step] > UNDERFLOW and falls[-1 - step] > UNDERFLOW):
            return None
        state, rest = state / scales[step], rest / falls[-1 - step]
        ahead[step], behind[-1 - step] = state, rest
    with np.errstate(divide="ignore"):
        alpha = np.log(ahead) + (np.cumsum(np.log(scales) + top) + highest * np.arange(words))[:, None]
        past = np.append((top + highest)[1:], 0.0)[::-1]
        beta = np.log(behind) + np.cumsum(np.log(falls[::-1]) + np.append(0.0, past[1:]))[::-1][:, None]
    return alpha, beta


def _in_log_space(emissions: Floats, chain: Chain) -> tuple[Floats, Floats]:
    """Alpha and beta of a `Lattice`."""
    words = len(emissions)
    alpha, beta = np.empty_like(emissions), np.empty_like(emissions)
    alpha[0] = chain.start + emissions[0]
    for step in range(1, words):
        alpha[step] = _log_sum_exp(alpha[step - 1][:, None] + chain.transitions, axis=0) + emissions[step]
    beta[-1] = chain.end
    for step in range(words - 2, -1, -1):
        beta[step] = _log_sum_exp(chain.transitions + (emissions[step + 1] + beta[step + 1]), axis=1)
    return alpha, beta


def viterbi(emissions: Floats, chain: Chain) -> Ints:
    """The most probable tag sequence, `[words]`; of equals the one with the lowest tags, from the end.

    Args:
        emissions: `[words, tags]`.
        chain: What stands between them.

    Raises:
        UserError: If the chain forbids every sequence.
    """
    words, width = emissions.shape
    tags = np.zeros(words, dtype=np.int64)
    if not words:
        return tags
    into = np.ascontiguousarray(chain.transitions.T)
    back = np.zeros((words, width), dtype=np.int64)
    score = chain.start + emissions[0]
    for step in range(1, words):
        through = into + score
        back[step] = through.argmax(axis=1)
        score = through[np.arange(width), back[step]] + emissions[step]
    score = score + chain.end
    tags[-1] = score.argmax()
    _require_possible(score[tags[-1]])
    for step in range(words - 1, 0, -1):
        tags[step - 1] = back[step, tags[step]]
    return tags


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


def _log_sum_exp(scores: Floats, axis: int) -> Floats:
    """Log of the sum of exponentials; -inf where there is nothing to sum."""
    top = scores.max(axis=axis)
    top = np.where(np.isneginf(top), 0.0, top)
    with np.errstate(divide="ignore"):
        total: Floats = np.log(np.exp(scores - np.expand_dims(top, axis)).sum(axis=axis)) + top
    return total


def _require_possible(score: float) -> None:
    if np.isneginf(score):
        raise UserError("the chain of tags forbids every sequence for this document")
