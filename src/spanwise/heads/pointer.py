"""A span head: one score for each span and label, so that spans may nest, cross and share their bounds.

Efficient GlobalPointer (Su et al. 2022, "Global Pointer: Novel Efficient Span-based Approach for Named Entity
Recognition", arXiv 2208.03054).
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

MASKED = -60.0
"""The score of what is no span: e^-60 for each is nothing beside the 1 in the loss. Exponentials below e^-87
are smaller than what float32 holds in full, and take CPUs several times as long."""

PRIOR = 0.01
"""The probability that an untrained head gives to a span, about (Lin et al. 2017, arXiv 1708.02002, 4.1)."""

NEIGHBOURS = ((0, 0, -1, 0), (0, 0, 1, 0), (0, 0, 0, -1), (0, 0, 0, 1))
"""From a row (window, label, first, last) to those whose bounds are one word off."""


class GlobalPointer(nn.Module):
    """Scores all spans of a window for all labels.

    Whether words `i` to `j` are an entity at all is scored by one query and one key for all labels,
    `q_i . k_j / sqrt(head_size)`, turned by rotary positions; which label it has by biases for its first
    and its last word, `u_label . [q_i; k_i] + v_label . [q_j; k_j]`. The query and key there are not turned.

    Args:
        hidden_size: Of the encoder's output.
        labels: How many there are.
        head_size: Of query and key, even.
    """

    def __init__(self, hidden_size: int, labels: int, head_size: int = 64) -> None:
        super().__init__()
        self.projection = nn.Linear(hidden_size, 2 * head_size)
        self.edges = nn.Linear(2 * head_size, 2 * labels)
        # Otherwise half of all spans would be found until a head with a small learning rate unlearns them.
        nn.init.constant_(self.edges.bias, math.log(PRIOR / (1 - PRIOR)) / 2)

    def scores(self, hidden: Tensor, mask: Tensor) -> Tensor:
        """The score of each span, in float32 whatever the precision around it.

        Args:
            hidden: The encoder's output at the first subword of each word, `[windows, words, hidden_size]`.
            mask: Which of the words are there, `[windows, words]`, bool; none behind one that is not.

        Returns:
            `[windows, labels, words, words]`, by first and last word, the last one inclusive; `MASKED` where
            a span would end before its start or behind the window.
        """
        with torch.autocast(hidden.device.type, enabled=False):
            both = self.projection(hidden.float())
            query, key = both.chunk(2, dim=-1)
            of_span = rotate(query) @ rotate(key).transpose(1, 2) / math.sqrt(query.shape[-1])
            of_first, of_last = self.edges(both).transpose(1, 2).chunk(2, dim=1)
            scores: Tensor = of_span[:, None] + of_first[..., :, None]
            # In place: with 41 labels and 180 words, each copy of a batch of 8 windows takes 42 MB.
            scores += of_last[..., None, :]
            return scores.masked_fill_(~_spans_of(mask)[:, None], MASKED)

    @staticmethod
    def loss(
        scores: Tensor,
        spans: Tensor,
        mask: Tensor,
        *,
        boundary_smoothing: float,
        unannotated: Tensor | None = None,
    ) -> Tensor:
        """The multi-label categorical cross-entropy, summed over windows and labels.

        For one window and label, `log(1 + sum_neg e^s) + log(1 + sum_pos e^-s)` (Su et al. 2022);
        with boundary smoothing its form for soft targets, where each span counts among the negative ones
        with weight `1 - target` and among the positive ones with weight `target` (Su 2022,
        https://kexue.fm/archives/9064). See `smoothed_targets` for the targets.

        Args:
            scores: What `scores` gave, `[windows, labels, words, words]`.
            spans: Gold spans that stand whole in a window, in rows of window, label, first and last word
                (inclusive), `[n, 4]`; one that is written twice counts once.
            mask: As for `scores`.
            boundary_smoothing: The mass that a gold span gives to its neighbours, 0 to 1.
            unannotated: Labels that are left out of the loss of a window, since nobody looked for them there,
                `[windows, labels]`, bool.
        """
        with torch.autocast(scores.device.type, enabled=False):
            rows, targets = smoothed_targets(spans, mask, boundary_smoothing)
            at = rows.unbind(1)
            scores = scores.float()
            # Few targets are above 0: all other spans are negative ones with their full weight.
            weighted = scores.index_put(at, torch.log1p(-targets).clamp(min=MASKED), accumulate=True)
            negative = functional.softplus(weighted.flatten(2).logsumexp(dim=2))
            groups = at[0] * scores.shape[1] + at[1]
            positive = _log_one_plus_sum(targets.log() - scores[at], groups, negative.numel())
            losses = negative + positive.view_as(negative)
            return (losses if unannotated is None else losses.masked_fill(unannotated, 0.0)).sum()


def probabilities(scores: Tensor) -> Tensor:
    """The sigmoid of the scores, of their shape.

    The loss has its threshold at a score of 0, here 0.5. What is above grows with the score and lies between
    0 and 1, but is yet to be calibrated: the loss weighs the spans of a window against each other, so that
    nothing makes a share of 0.9 of the spans with 0.9 right.
    """
    return torch.sigmoid(scores)


def smoothed_targets(spans: Tensor, mask: Tensor, epsilon: float) -> tuple[Tensor, Tensor]:
    """Gold spans with some of their mass on the spans next to them.

    Boundary smoothing (Zhu & Li 2022, arXiv 2204.12031) with distance 1: each of the four spans with one
    bound one word off gets a quarter of epsilon. What would go to a span that is none, at an edge of the
    window or for an entity of one word, stays with the gold span. Targets from several gold spans add up.

    Args:
        spans: Rows of window, label, first and last word, `[n, 4]`.
        mask: Which words are there, `[windows, words]`.
        epsilon: The mass that is given away, 0 to 1.

    Returns:
        Sorted rows without repetition, `[m, 4]`, and the target of each, 0 to 1, `[m]`.
    """
    gold = torch.unique(spans, dim=0)
    near = gold[:, None] + torch.tensor(NEIGHBOURS, device=gold.device)
    first, last = near[..., 2], near[..., 3]
    is_span = (first >= 0) & (first <= last) & (last < mask.sum(dim=1)[gold[:, 0], None])
    given = is_span.float() * (epsilon / len(NEIGHBOURS))
    rows = torch.cat([gold, near[is_span]])
    mass = torch.cat([1 - given.sum(dim=1), given[is_span]])
    rows, place = torch.unique(rows, dim=0, return_inverse=True)
    targets = mass.new_zeros(len(rows)).index_add_(0, place, mass)
    return rows, targets.clamp(max=1.0)  # rounding


def rotate(vectors: Tensor) -> Tensor:
    """Turn each vector by its position, so that products of two depend on their distance alone.

    Rotary positions (Su et al. 2021, "RoFormer", arXiv 2104.09864, section 3.4.2): the two numbers of pair
    `i` of `size / 2` are turned by the angle `position * 10000^(-2 i / size)`.

    Args:
        vectors: `[..., words, size]`, size even.
    """
    words, size = vectors.shape[-2:]
    positions = torch.arange(words, device=vectors.device, dtype=torch.float32)
    pairs = torch.arange(0, size, 2, device=vectors.device, dtype=torch.float32)
    angles = torch.outer(positions, 10000.0 ** (-pairs / size))
    sine, cosine = angles.sin().to(vectors.dtype), angles.cos().to(vectors.dtype)
    even, odd = vectors[..., 0::2], vectors[..., 1::2]
    return torch.stack([even * cosine - odd * sine, odd * cosine + even * sine], dim=-1).flatten(-2)


def _spans_of(mask: Tensor) -> Tensor:
    """Which pairs of first and last word are spans, `[windows, words, words]`."""
    words = mask.shape[1]
    ordered = torch.ones(words, words, dtype=torch.bool, device=mask.device).triu()
    return mask[:, :, None] & mask[:, None, :] & ordered


def _log_one_plus_sum(values: Tensor, groups: Tensor, number: int) -> Tensor:
    """`log(1 + sum e^value)` over the values of each group, `[number]`; 0 for a group without values."""
    largest = values.new_zeros(number).scatter_reduce(0, groups, values.detach(), "amax")
    sums = torch.exp(-largest).index_add(0, groups, torch.exp(values - largest[groups]))
    return largest + sums.log()
