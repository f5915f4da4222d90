"""Thresholds that keep a promise of precision: Learn then Test (Angelopoulos et al. 2021, arXiv 2110.01052).

Each threshold is a null hypothesis, "what it accepts is right less often than asked for". They are tested
from high thresholds to low ones, each at the full error rate, until one is not rejected (fixed-sequence
testing); the last one rejected is returned. The chance that any threshold is rejected wrongly, and so that
the one returned breaks the promise, is at most the error rate.

What the promise rests on:

- Documents to come are exchangeable with those of the validation side, and so is what the same model finds
  in them. The promise is marginal: over all spans and all draws of a validation side, not for each type or
  document.
- For spans (`certify_spans`): the groups of documents are independent, and the validation side shows how
  much the errors of one group resemble each other. That is an estimate, so that the promise is broken in
  about as many cases as it allows, not in as many at most. (In simulations of 15 to 30 documents of 126
  spans with correlated errors, it was in 9 to 12 % where 10 % are allowed, and in 17 to 27 % with spans taken
  for independent.) `certify_groups` needs no such estimate, but more documents.
- No confidence was made in knowledge of whether its span is right. It is therefore taken from calibrations
  fitted without the span's group of documents, as in cross-conformal prediction (Vovk 2015, arXiv
  1208.0806). To the extent that the calibration used later, fitted to all of them, differs from these, and
  that its method and the model's best epoch were chosen on the same documents, the promise is approximate.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from spanwise.metrics.bootstrap import FEWEST_GROUPS
from spanwise.metrics.spans import Flags, Floats, Integers

GRID = np.arange(1000, -1, -1) / 1000
"""The thresholds, from high to low: thousandths, which are fine enough and easily told."""
GROUPS = "groups of documents with predicted spans"
HEADSTART = 3
"""The first threshold keeps so many times the spans that could certify at all: one error is not the end."""


@dataclass(frozen=True)
class Certificate:
    """A threshold that keeps the promise, and the validation spans (or groups) that vouch for it."""

    threshold: float | None
    """None if no threshold could be certified."""
    accepted: int = 0
    """How many spans (groups) with a confidence of at least the threshold there are."""
    risk: float | None = None
    """The share of these spans that is wrong; for groups the mean of their shares."""
    p_value: float | None = None
    """Of the hypothesis that the threshold breaks the promise."""
    design_effect: float | None = None
    """How many spans count for one, as those of a group resemble each other; None for groups."""
    reason: str | None = None
    """Why there is no threshold."""


def certify_spans(
    confidence: Floats, right: Flags, group: Integers, *, target_precision: float, error_rate: float
) -> Certificate:
    """The smallest threshold whose accepted spans are right as often as asked for, but for the error rate.

    With n spans accepted, k of them wrong and a design effect of d, the p-value is
    P(Bin(floor(n / d), 1 - target) <= ceil(k / d)): the exact one of Clopper & Pearson (1934) for as many
    independent spans as these are worth (Korn & Graubard 1998, Survey Methodology 24).

    The first threshold tested is the highest that keeps three times as many spans as would certify if all
    were right, or all there are. That choice looks at no outcome, and costs nothing where precision rises
    with confidence: whether the sequence starts above a threshold is decided by how many spans that keeps.

    Args:
        confidence: Of the validation spans, [spans].
        right: Which are strictly right, [spans].
        group: The number of each span's group of documents, from 0 on without a gap, [spans].
        target_precision: The precision promised.
        error_rate: How often, over validation sides like this one, the promise may be broken.
    """
    fewest = _fewest(target_precision, error_rate)
    if len(right) < fewest:
        return Certificate(None, reason=_too_few(fewest, "predicted validation spans", len(right)))
    groups = int(group.max()) + 1
    if groups < FEWEST_GROUPS:
        return Certificate(None, reason=_too_few(FEWEST_GROUPS, GROUPS, groups))
    order = np.argsort(-confidence, kind="stable")
    kept = np.searchsorted(-confidence[order], -GRID, side="right")
    wrong, group = ~right[order], group[order]
    first = int(np.argmax(kept >= min(HEADSTART * fewest, len(right))))
    certified = None
    for threshold, accepted in zip(GRID[first:].tolist(), kept[first:].tolist(), strict=True):
        errors, effect = int(wrong[:accepted].sum()), design_effect(wrong[:accepted], group[:accepted])
        # What is a whole number of spans is not to be rounded away by the last bit of a float.
        worth = math.ceil(errors / effect - 1e-9), math.floor(accepted / effect + 1e-9)
        p_value = binomial_tail(*worth, 1 - target_precision)
        if p_value > error_rate:
            break
        certified = Certificate(threshold, accepted, errors / accepted, p_value, effect)
    return certified or Certificate(None, reason=_unproven(target_precision, error_rate))


def design_effect(wrong: Flags, group: Integers) -> float:
    """How much more the share of wrong spans varies than it would if spans were independent; at least 1.

    With n_g spans of group g, w_g of them wrong, and the share p of wrong ones among all n, it is
    sum (w_g - p n_g)^2 / (n p (1 - p)): the variance of a ratio over clusters as surveys linearise it, over
    the binomial one (Kish 1965, "Survey Sampling"). 1 where all spans are wrong or none is.

    Args:
        wrong: Which spans are wrong, [spans].
        group: The number of each one's group, [spans].
    """
    spans, errors = len(wrong), int(wrong.sum())
    if errors in {0, spans}:
        return 1.0
    beyond = np.bincount(group, weights=wrong) - errors / spans * np.bincount(group)
    return max(float(beyond @ beyond) / (errors * (1 - errors / spans)), 1.0)


def certify_groups(
    confidence: Floats, right: Flags, group: Integers, *, target_precision: float, error_rate: float
) -> Certificate:
    """The same promise for the mean over groups of documents, of which alone independence is asked.

    The loss of a group is the share of its accepted spans that is wrong, 0 if none is accepted. The p-value
    is that of Hoeffding and Bentkus (Bates et al. 2021, arXiv 2101.02703): with n groups of
    mean loss r and a = 1 - target, min(exp(-n KL(min(r, a), a)), e P(Bin(n, a) <= ceil(n r))).

    Args:
        confidence: Of the validation spans, [spans].
        right: Which are strictly right, [spans].
        group: The number of each span's group of documents, from 0 on without a gap, [spans].
        target_precision: The mean precision promised.
        error_rate: How often the promise may be broken.
    """
    groups = int(group.max(initial=-1)) + 1
    fewest = _fewest(target_precision, error_rate)
    if groups < fewest:
        return Certificate(None, reason=_too_few(fewest, GROUPS, groups))
    certified = None
    for threshold in GRID:
        kept = confidence >= threshold
        accepted = np.bincount(group[kept], minlength=groups)
        risk = float((np.bincount(group[kept & ~right], minlength=groups) / np.maximum(accepted, 1)).mean())
        p_value = hoeffding_bentkus(risk, groups, 1 - target_precision)
        if p_value > error_rate:
            break
        if accepted.any():
            certified = Certificate(float(threshold), int(np.count_nonzero(accepted)), risk, p_value)
    return certified or Certificate(None, reason=_unproven(target_precision, error_rate))


def binomial_tail(most: int, trials: int, chance: float) -> float:
    """P(Bin(trials, chance) <= most)."""
    if most >= trials or chance <= 0:
        return 1.0
    if chance >= 1:
        return 0.0
    successes = np.arange(1, most + 1)
    # The logarithm of each term but the first, less that of the one before it.
    steps = np.log((trials - successes + 1) / successes) + math.log(chance) - math.log1p(-chance)
    logs = trials * math.log1p(-chance) + np.concatenate([[0.0], np.cumsum(steps)])
    return min(float(np.exp(logs).sum()), 1.0)


def hoeffding_bentkus(risk: float, trials: int, limit: float) -> float:
    """The p-value of losses between 0 and 1 having a mean above `limit`; see `certify_groups`."""
    if limit >= 1:
        return 0.0
    low = min(risk, limit)
    divergence = _times_log(low, limit) + _times_log(1 - low, 1 - limit)
    # What is a whole number of losses is not to be rounded up by the last bit of a float.
    bentkus = math.e * binomial_tail(math.ceil(trials * risk - 1e-9), trials, limit)
    return min(math.exp(-trials * divergence), bentkus)


def _times_log(part: float, whole: float) -> float:
    return part * math.log(part / whole) if part > 0 else 0.0


def _fewest(target_precision: float, error_rate: float) -> float:
    """How many must be accepted so that all being right is proof enough: target ** n <= error rate."""
    if target_precision >= 1:
        return math.inf
    if target_precision <= 0:
        return 1
    return max(math.ceil(math.log(error_rate) / math.log(target_precision)), 1)


def _too_few(fewest: float, what: str, there: int) -> str:
    if math.isinf(fewest):
        return "no number of spans proves that every one is right"
    return f"needs {fewest:g} or more {what}, there are {there}"


def _unproven(target_precision: float, error_rate: float) -> str:
    return (
        f"no threshold is proven to reach precision {target_precision:g} at an error rate of {error_rate:g}"
    )
