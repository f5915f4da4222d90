"""The loss of a tagger that puts a softmax over the tags of each token.

Every loss is a sum over tokens: divided by the tagged tokens of the whole update, k micro-batches of n
windows then come to the same as one batch of k * n. Tokens whose label is `IGNORED` (padding, special tokens,
all but a word's first subword) are cut out before anything is computed, so that nothing about them matters.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic.dataclasses import dataclass
from torch import Tensor
from torch.nn import functional

from spanwise.decoding import tagged_spans
from spanwise.encoding import IGNORED, OUTSIDE, Ints
from spanwise.errors import UserError


@dataclass(frozen=True)
class LossRecipe:
    """What is done to plain cross-entropy; 0 leaves each out.

    Attributes:
        label_smoothing: The share of each target that is spread over all tags (Szegedy et al. 2016,
            arXiv 1512.00567, section 7).
        boundary_smoothing: The share of each gold span that goes to spans with one boundary moved by a word
            (Zhu & Li 2022, arXiv 2204.12031, carried over to tags); see `boundary_targets`.
        focal_gamma: The power of (1 - p) that a token's loss is multiplied by, where p is the probability of
            its gold tag (Lin et al. 2017, arXiv 1708.02002, equation 4).
        r_drop: The weight of `r_drop` (Liang et al. 2021, arXiv 2106.14448: alpha).
    """

    label_smoothing: float
    boundary_smoothing: float
    focal_gamma: float
    r_drop: float


def check(recipe: LossRecipe) -> None:
    """Refuse what does not go together.

    Focal loss takes the loss away from a token that is nearly certain; smoothing is a loss on certainty. Both
    at once have no agreed meaning. Everything else combines: smoothed boundaries are smoothed over all tags
    in turn, class weights and the focal factor multiply, and `r_drop` and `distillation` are added to the
    result.

    Raises:
        UserError: For focal loss with smoothing, and for boundary smoothing above one half.
    """
    if recipe.focal_gamma and (recipe.label_smoothing or recipe.boundary_smoothing):
        raise UserError(
            "train.loss.focal_gamma goes with neither label_smoothing nor boundary_smoothing",
            hint="Set focal_gamma, or both of the others, to 0.",
        )
    if recipe.boundary_smoothing > 0.5:
        raise UserError(
            f"train.loss.boundary_smoothing is {recipe.boundary_smoothing}: it must be at most one half, "
            "since a word between two spans gives it to both"
        )


def gold_loss(
    logits: Tensor,
    labels: Tensor,
    *,
    recipe: LossRecipe,
    weights: Tensor | None = None,
    unannotated: Tensor | None = None,
) -> Tensor:
    """Cross-entropy with the gold tags, summed over the tagged tokens.

    A corpus that does not annotate a label says `O` where that label may well be. In its windows `O` stands
    for the set of `O` and all tags of such labels: their probabilities are added up, and the loss is -log of
    the sum, the marginal likelihood of what is annotated (Greenberg et al. 2018, EMNLP, "Marginal
    Likelihood Training of BiLSTM-CRF for Biomedical Named Entity Recognition from Disjoint Label Sets", here
    without their CRF). Whatever else the recipe asks for sees that set as the one tag `O`: label smoothing
    spreads over the set and the annotated tags, the focal factor takes the probability of the set, and a
    boundary moved inwards leaves the set behind.

    Args:
        logits: `[windows, tokens, tags]`, of any precision; computed in float32.
        labels: `[windows, tokens]`, `IGNORED` where nothing is tagged.
        recipe: What is done to cross-entropy.
        weights: Of tags, `[tags]`; a token's loss, smoothing included, is multiplied by that of its gold tag.
            The sum is not divided by the batch's weights, which would give each batch another measure.
        unannotated: The tags that each window's corpus does not annotate, bool `[windows, tags]`; never `O`.

    Raises:
        ValueError: If a gold tag is one that its corpus does not annotate.
    """
    tagged = labels != IGNORED
    gold = labels[tagged]
    log_probabilities = logits[tagged].float().log_softmax(dim=-1)
    known = torch.ones_like(log_probabilities, dtype=torch.bool)
    if unannotated is not None:
        known = ~unannotated[tagged.nonzero()[:, 0]]
        if not known.gather(1, gold[:, None]).all():
            raise ValueError("a gold tag is among those that its window's corpus does not annotate")
        log_probabilities = _merged_into_outside(log_probabilities, known)
    losses = -(_targets(labels, known, recipe) * log_probabilities).sum(dim=-1)
    if recipe.focal_gamma:
        losses = losses * _focal_factor(log_probabilities.gather(1, gold[:, None])[:, 0], recipe.focal_gamma)
    if weights is not None:
        losses = losses * weights[gold]
    return losses.sum()


def boundary_targets(labels: Tensor, tags: int, epsilon: float) -> Tensor:
    """Distributions over tags that leave the boundaries of gold spans a little open.

    Boundary smoothing (Zhu & Li 2022, arXiv 2204.12031, with distance 1) moves a share epsilon of a span's
    probability to the spans around it. Here it goes in equal parts to the taggings of the window that have
    the span's start or end moved by one word, and each token gets the tags that it has in them. A moved span
    stays within the window's words, is never empty, and takes no word of another span; where nothing can be
    moved, all stays with the gold tags. Nothing is known of what lies beyond a window: the end of a span that
    reaches its last word stays, and so does all of a span that began before its first.

    Args:
        labels: `[windows, tokens]`, `IGNORED` where nothing is tagged.
        tags: How many there are, in the order O, B-1, I-1, B-2, I-2, ...
        epsilon: Between 0 and 0.5.

    Returns:
        Float32 `[windows, tokens, tags]`; sums to 1 at tagged tokens, and is 0 elsewhere.
    """
    gold = labels.cpu().numpy()
    targets = np.zeros((*gold.shape, tags), dtype=np.float32)
    for row, target in zip(gold, targets, strict=True):
        words = np.flatnonzero(row != IGNORED)
        target[words] = _smoothed(row[words], tags, epsilon)
    return torch.from_numpy(targets).to(labels.device)


def r_drop(first: Tensor, second: Tensor, labels: Tensor) -> Tensor:
    """How much two forward passes with different dropout disagree, summed over the tagged tokens.

    (KL(p || q) + KL(q || p)) / 2, the L_KL of Liang et al. 2021, arXiv 2106.14448, section 2. Their loss is
    that of both passes added up (in their published code the mean of both), plus alpha (`LossRecipe.r_drop`)
    times this. Both passes get gradients.

    Args:
        first: Logits, `[windows, tokens, tags]`.
        second: Logits of the same windows, `[windows, tokens, tags]`.
        labels: `[windows, tokens]`, `IGNORED` where nothing is tagged.
    """
    tagged = labels != IGNORED
    log_p = first[tagged].float().log_softmax(dim=-1)
    log_q = second[tagged].float().log_softmax(dim=-1)
    return ((log_p.exp() - log_q.exp()) * (log_p - log_q)).sum() / 2  # both divergences in one sum


def distillation(logits: Tensor, probabilities: Tensor, taught: Tensor, temperature: float) -> Tensor:
    """How far a student is from its teacher: T^2 * KL(teacher || student), both at temperature T, summed.

    Hinton et al. 2015, arXiv 1503.02531, section 2; T^2 keeps the size of the gradients the same for every T.

    Args:
        logits: The student's, `[windows, tokens, tags]`.
        probabilities: The teacher's at temperature 1, `[windows, tokens, tags]`; at T they are p^(1/T),
            normalised.
        taught: The tokens to learn from, bool `[windows, tokens]`.
        temperature: T; above 1 it makes more of the differences between improbable tags.
    """
    student = (logits[taught].float() / temperature).log_softmax(dim=-1)
    tempered = probabilities[taught].float() ** (1 / temperature)
    teacher = tempered / tempered.sum(dim=-1, keepdim=True)
    return temperature**2 * functional.kl_div(student, teacher, reduction="sum")


def _merged_into_outside(log_probabilities: Tensor, known: Tensor) -> Tensor:
    """The tags that are not known counted as `O`, `[tokens, tags]`; 0 is left in their own places.

    Targets are 0 there, and the 0 keeps their product finite, as minus infinity would not.
    """
    in_set = ~known
    in_set[:, OUTSIDE] = True
    outside = log_probabilities.masked_fill(~in_set, -torch.inf).logsumexp(dim=-1, keepdim=True)
    return torch.cat([outside, log_probabilities.masked_fill(in_set, 0.0)[:, OUTSIDE + 1 :]], dim=1)


def _targets(labels: Tensor, known: Tensor, recipe: LossRecipe) -> Tensor:
    """What the tagged tokens should be, `[tagged, tags]`, given the tags known of them, `[tagged, tags]`."""
    tagged, tags = labels != IGNORED, known.shape[1]
    if recipe.boundary_smoothing:
        targets = boundary_targets(labels, tags, recipe.boundary_smoothing)[tagged]
    else:
        targets = functional.one_hot(labels[tagged], tags).float()
    uniform = known / known.sum(dim=1, keepdim=True)
    return torch.lerp(targets, uniform, recipe.label_smoothing)


def _focal_factor(log_probabilities: Tensor, gamma: float) -> Tensor:
    """(1 - p)^gamma of each token's gold tag, `[tokens]`."""
    # At p = 1 the slope of a power below 1 is infinite, and its product with a loss of 0 no number.
    missing = (-log_probabilities.expm1()).clamp_min(torch.finfo(log_probabilities.dtype).tiny)
    return missing**gamma


def _smoothed(words: Ints, tags: int, epsilon: float) -> NDArray[np.float64]:
    """The smoothed targets of a window's words, `[words, tags]`, from their gold tags `[words]`."""
    targets = np.eye(tags)[words]
    for first, behind, label in tagged_spans(words):
        moves = list(_moves(words, first, behind, 2 * label + 1))
        for move in moves:
            for word, tag in move.items():
                targets[word, words[word]] -= epsilon / len(moves)
                targets[word, tag] += epsilon / len(moves)
    return targets


def _moves(words: Ints, first: int, behind: int, begin: int) -> Iterator[dict[int, int]]:
    """What changes, word by word, when one boundary of the span `first:behind` moves by a word."""
    inside, several = begin + 1, behind - first > 1
    if first > 0 and words[first - 1] == OUTSIDE:
        yield {first - 1: begin, first: inside}
    if several:
        yield {first: OUTSIDE, first + 1: begin}
    if behind < len(words):
        if words[behind] == OUTSIDE:
            yield {behind: inside}
        if several:
            yield {behind - 1: OUTSIDE}
