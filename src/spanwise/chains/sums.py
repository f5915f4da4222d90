"""All tag sequences of a document, summed: the probabilities of its tags and spans."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from spanwise.chains.chain import Chain, Floats, require_possible
from spanwise.chains.lockstep import Lockstep, times
from spanwise.encoding import Ints

LOWEST = -1e300  # instead of -inf where all is forbidden: a difference of the two would be no number
UNDERFLOW = 1e-200  # sums below it have lost what they were made of


@dataclass(frozen=True)
class Lattice:
    """All tag sequences of one document, summed.

    Attributes:
        emissions: `[words, tags]`.
        chain: What stands between them.
        marginals: The probability of each tag at each word, `[words, tags]`.
        beta: Log of the summed sequences behind each word, given its tag, `[words, tags]`.
        log_partition: Log of the sum over all sequences.
    """

    emissions: Floats
    chain: Chain
    marginals: Floats
    beta: Floats
    log_partition: float

    def span_probabilities(self, spans: Ints) -> Floats:
        """The probability that exactly the words of a span are one of its label, `[spans]`.

        That is, of all sequences with B at its first word, I at the others, and no I of the label right
        behind them (Culotta & McCallum 2004, "Confidence estimation for information extraction", HLT-NAACL).
        Given the emissions, the tags of a linear chain are a Markov chain: the probability is that of the B,
        times those of each further word's going on with the span, times that of the next word's not doing so.

        Args:
            spans: First word, the one behind the last, and number of the label, `[spans, 3]`.
        """
        if not len(spans):
            return np.zeros(0)
        words, tags, starts = span_tags(spans)
        factors = self._onward(words - 1, np.roll(tags, 1), words, tags)
        factors[starts] = self.marginals[words[starts], tags[starts]]
        found = np.multiply.reduceat(factors, starts)
        inner = np.flatnonzero(spans[:, 1] < len(self.emissions))
        behind, inside = spans[inner, 1], 2 * spans[inner, 2] + 2
        last = tags[np.append(starts[1:], len(tags))[inner] - 1]
        found[inner] *= 1 - self._onward(behind - 1, last, behind, inside)
        return found

    def _onward(self, words: Ints, tags: Ints, next_words: Ints, next_tags: Ints) -> Floats:
        """The probability of a tag at the next word, given that of a word; all `[n]`."""
        ahead = self.chain.transitions[tags, next_tags] + self.emissions[next_words, next_tags]
        # What nothing may follow has itself no probability.
        given = np.maximum(self.beta[words, tags], LOWEST)
        onward: Floats = np.exp(np.minimum(ahead + self.beta[next_words, next_tags] - given, 0.0))
        return onward


def forward_backward(documents: Sequence[Floats], chain: Chain) -> list[Lattice]:
    """Sum over all tag sequences of each document, once for all probabilities that are asked for.

    With sums that are normalised at each word (Rabiner 1989, section V.A), a product of a vector and a matrix
    a word. Where scores lie so far apart that such sums underflow, in log space, which takes longer.

    Args:
        documents: The emissions of each, `[words, tags]`.
        chain: What stands between them.

    Raises:
        UserError: If the chain forbids every sequence of a document.
    """
    lattices = []
    for emissions, scaled in zip(documents, _scaled(documents, chain), strict=True):
        marginals, beta = scaled or _in_log_space(emissions, chain)
        log_partition = 0.0
        if len(emissions):
            log_partition = float(_log_sum_exp(chain.start + emissions[0] + beta[0], axis=0))
        lattices.append(Lattice(emissions, chain, marginals, beta, log_partition))
    return lattices


def _scaled(documents: Sequence[Floats], chain: Chain) -> list[tuple[Floats, Floats] | None]:
    """Marginals and beta of each document's `Lattice`; None where a sum underflows."""
    lockstep = Lockstep.of(documents)
    # In place where it can be: fresh memory costs more than the arithmetic.
    likelihood = lockstep.pack(documents)
    top = np.maximum(likelihood.max(axis=1, keepdims=True), LOWEST)
    highest = max(chain.transitions.max(), LOWEST)
    likelihood -= top
    np.exp(likelihood, out=likelihood)
    moves = np.exp(chain.transitions - highest)
    # A document whose sums underflow goes on in what is no number: in its own rows alone.
    with np.errstate(divide="ignore", invalid="ignore"):
        ahead, rises = _forward(lockstep, likelihood, moves, np.exp(chain.start))
        behind, falls = _backward(lockstep, likelihood, moves, np.exp(chain.end))
        marginals = np.multiply(ahead, behind, out=ahead)
        both = marginals.sum(axis=1, keepdims=True)
        sound = (np.minimum(np.minimum(rises, falls), both) > UNDERFLOW)[:, 0]
        marginals /= both
        beta, lost = np.log(behind, out=behind), np.log(falls)
    found: list[tuple[Floats, Floats] | None] = []
    for rows in lockstep.rows:
        # What each word and all behind it were divided by.
        steps = lost[rows]
        steps[:-1] += top[rows[1:]] + highest
        level = np.cumsum(steps[::-1])[::-1, None]
        found.append((marginals[rows], beta[rows] + level) if sound[rows].all() else None)
    return found


def _forward(lockstep: Lockstep, likelihood: Floats, moves: Floats, start: Floats) -> tuple[Floats, Floats]:
    """The summed sequences up to each word by their tag there, and what they are divided by."""
    sums, scales = np.empty_like(likelihood), np.empty((len(likelihood), 1))

    first = start * likelihood[lockstep.firsts]
    scales[lockstep.firsts] = scale = first.sum(axis=1, keepdims=True)
    sums[lockstep.firsts] = first / scale
    for before, now in lockstep.steps:
        values = times(sums[before], moves) * likelihood[now]
        scales[now] = scale = values.sum(axis=1, keepdims=True)
        np.divide(values, scale, out=sums[now])
    return sums, scales


def _backward(lockstep: Lockstep, likelihood: Floats, moves: Floats, end: Floats) -> tuple[Floats, Floats]:
    """The summed sequences behind each word by its tag, `[rows, tags]`, and what they are divided by."""
    back = np.ascontiguousarray(moves.T)
    sums, scales = np.empty_like(likelihood), np.empty((len(likelihood), 1))
    scales[lockstep.lasts] = end.sum()
    sums[lockstep.lasts] = end / end.sum()
    for before, now in reversed(lockstep.steps):
        values = times(sums[now] * likelihood[now], back)
        scales[before] = scale = values.sum(axis=1, keepdims=True)
        np.divide(values, scale, out=sums[before])
    return sums, scales


def _in_log_space(emissions: Floats, chain: Chain) -> tuple[Floats, Floats]:
    """Marginals and beta of a `Lattice`."""
    words = len(emissions)
    alpha, beta = np.empty_like(emissions), np.empty_like(emissions)
    alpha[0] = chain.start + emissions[0]
    for step in range(1, words):
        alpha[step] = _log_sum_exp(alpha[step - 1][:, None] + chain.transitions, axis=0) + emissions[step]
    beta[-1] = chain.end
    for step in range(words - 2, -1, -1):
        beta[step] = _log_sum_exp(chain.transitions + (emissions[step + 1] + beta[step + 1]), axis=1)
    log_partition = _log_sum_exp(alpha[-1] + chain.end, axis=0)
    require_possible(log_partition)
    # Rounding may bring what is certain above 1.
    return np.minimum(np.exp(alpha + beta - log_partition), 1.0), beta


def span_tags(spans: Ints) -> tuple[Ints, Ints, Ints]:
    """The words of spans, one span behind another, and the tags that make the span of them.

    Args:
        spans: First word, the one behind the last, and number of the label, `[spans, 3]`.

    Returns:
        Words and tags, `[words]`, and where in them each span begins, `[spans]`.
    """
    first, behind, label = spans.T
    lengths = behind - first
    starts = np.cumsum(lengths) - lengths
    words = np.arange(lengths.sum()) + np.repeat(first - starts, lengths)
    tags = np.repeat(2 * label + 2, lengths)
    tags[starts] -= 1
    return words, tags, starts


def _log_sum_exp(scores: Floats, axis: int) -> Floats:
    """Log of the sum of exponentials; -inf where there is nothing to sum."""
    top = scores.max(axis=axis)
    top = np.where(np.isneginf(top), 0.0, top)
    with np.errstate(divide="ignore"):
        total: Floats = np.log(np.exp(scores - np.expand_dims(top, axis)).sum(axis=axis)) + top
    return total
