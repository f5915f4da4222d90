"""The four schemes of SemEval-2013 task 9.1, after MUC (Segura-Bedmar et al. 2013, ACL Anthology S13-2056).

A predicted span answers at most one gold span. Against it the answer is

| scheme | correct | else, where the two overlap |
|---|---|---|
| strict | same boundaries and label | incorrect |
| exact | same boundaries | incorrect |
| partial | same boundaries | partial, worth a half |
| type | same label, and an overlap | incorrect |

A gold span without an answer is missed, a predicted one that answers none spurious. `possible` is the number
of gold spans, `actual` that of predicted ones, and with credit = correct + partial / 2

    precision = credit / actual, recall = credit / possible, F1 = 2 credit / (actual + possible).

Who answers whom is not in the paper. Here equal spans (in `exact` and `partial` those of equal boundaries)
are paired first; then each predicted span, in the order of the text, takes the first free gold span that it
overlaps; in `type` the free one of its own label with the closest boundaries, in characters, if there is any.

Where no two spans of one side overlap, the counts are those of nervaluate 1.2.1 for spans in the order of the
text. They differ on purpose where nervaluate's

- depend on the order in which spans are listed (its issues 40 and 84): here they never do;
- let an earlier span take a gold span that a later one equals, where spans of one side overlap (40);
- overlook an overlap of less than 1 % of the gold span (`min_overlap_percentage`, 105): here every shared
  character is one;
- take ends for inclusive: half-open offsets, given as they are, make neighbours overlap.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from spanwise.metrics.bootstrap import ratio_interval, resample
from spanwise.metrics.spans import Flags, Floats, Integers, Matches, SpanTable, pair

Scheme = Literal["strict", "exact", "partial", "type"]
SCHEMES: tuple[Scheme, ...] = ("strict", "exact", "partial", "type")
LABEL, BOUNDARIES = 1, slice(2, 4)  # columns of a SpanTable


@dataclass(frozen=True)
class Answers:
    """What became of the predicted spans under one scheme."""

    correct: Flags
    """[predicted spans]"""
    inexact: Flags
    """[predicted spans] those that answer a gold span otherwise: partial in that scheme, else incorrect."""


@dataclass(frozen=True)
class Overlaps:
    """The pairs of a gold and a predicted span that share a character."""

    predicted: Integers
    """[overlaps] the number of the predicted span."""
    gold: Integers
    """[overlaps] the number of the gold span."""
    turn: Integers
    """[overlaps] how many predicted spans choose before this one among gold spans that it might choose."""


def score(table: SpanTable, *, samples: int, level: float, seed: int) -> dict[Scheme, dict[str, Any]]:
    """The scores of a corpus under each scheme.

    Args:
        table: Its spans.
        samples: How often the groups of documents are drawn anew for the intervals.
        level: The level of the intervals, e.g. 0.95.
        seed: Of the drawing.

    Returns:
        For each scheme `precision`, `recall`, `f1`, `f1_low`, `f1_high`, `correct`, `incorrect`, `partial`,
        `missed`, `spurious`, `possible` and `actual`. The bounds are None where there is no gold span or
        fewer than five groups hold a span.
    """
    found = answers(table)
    possible, actual = (table.group[rows[:, 0]] for rows in (table.gold, table.predicted))

    def per_group(group: Integers) -> Floats:
        return np.bincount(group, minlength=table.groups).astype(np.float64)

    def credit(scheme: Scheme) -> Floats:
        answer = found[scheme]
        inexact = per_group(actual[answer.inexact]) if scheme == "partial" else 0.0
        return per_group(actual[answer.correct]) + inexact / 2

    spans = per_group(possible) + per_group(actual)
    earned = np.stack([credit(scheme) for scheme in SCHEMES], axis=1)
    drawn, drawn_spans = resample(earned, spans[:, None], samples=samples, seed=seed)
    holders = int(np.count_nonzero(spans)) if len(possible) else 0
    scores: dict[Scheme, dict[str, Any]] = {}
    for scheme, part in zip(SCHEMES, drawn.T, strict=True):
        low, high = ratio_interval(2 * part, drawn_spans[:, 0], holders=holders, level=level)
        scores[scheme] = {**figures(found[scheme], scheme, len(possible)), "f1_low": low, "f1_high": high}
    return scores


def figures(found: Answers, scheme: Scheme, possible: int) -> dict[str, Any]:
    """The counts of one scheme and the rates that follow from them; 0 where there is nothing to share."""
    correct, inexact, actual = int(found.correct.sum()), int(found.inexact.sum()), len(found.correct)
    partial = inexact if scheme == "partial" else 0
    credit = correct + partial / 2
    return {
        "precision": credit / max(actual, 1),
        "recall": credit / max(possible, 1),
        "f1": 2 * credit / max(actual + possible, 1),
        "correct": correct,
        "incorrect": inexact - partial,
        "partial": partial,
        "missed": possible - correct - inexact,
        "spurious": actual - correct - inexact,
        "possible": possible,
        "actual": actual,
    }


def answers(table: SpanTable) -> dict[Scheme, Answers]:
    """What became of each predicted span under each scheme, in the order of the table."""
    of_gold, of_predicted = _order(table.gold), _order(table.predicted)
    gold, predicted = table.gold[of_gold], table.predicted[of_predicted]
    overlaps = _overlaps(gold, predicted)
    one, other = gold[overlaps.gold], predicted[overlaps.predicted]
    same_label = one[:, LABEL] == other[:, LABEL]
    distance = np.abs(one[:, BOUNDARIES] - other[:, BOUNDARIES]).sum(axis=1)
    first = np.zeros_like(distance)
    closest = np.where(same_label, distance, distance.max(initial=0) + 1)

    equal = Matches(table.matches.gold[of_gold], table.matches.predicted[of_predicted])
    aligned = pair(*(np.delete(rows, LABEL, axis=1) for rows in (gold, predicted)))
    by_label = _choose(overlaps, equal, closest)

    def listed(flags: Flags) -> Flags:
        return flags[np.argsort(of_predicted)]

    def chosen(those: Integers) -> Flags:
        return listed(np.bincount(overlaps.predicted[those], minlength=len(predicted)) > 0)

    right, same_boundaries = table.matches.predicted, listed(aligned.predicted)
    inexact = chosen(_choose(overlaps, aligned, first))
    return {
        "strict": Answers(right, chosen(_choose(overlaps, equal, first))),
        "exact": Answers(same_boundaries, inexact),
        "partial": Answers(same_boundaries, inexact),
        "type": Answers(
            right | chosen(by_label[same_label[by_label]]), chosen(by_label[~same_label[by_label]])
        ),
    }


def _order(rows: Integers) -> Integers:
    """Where the spans stand that come first by document, start, end and label, however they are listed."""
    document, label, start, end = rows.T
    return np.lexsort((label, end, start, document))


def _overlaps(gold: Integers, predicted: Integers) -> Overlaps:
    """All overlaps of spans in order; without searching all pairs, and also where a side overlaps itself."""
    # Documents are laid one behind the other, so that one axis tells all spans apart.
    length = max(rows[:, 3].max(initial=0) for rows in (gold, predicted)) + 1
    start, end = gold[:, :1].T * length + gold[:, BOUNDARIES].T
    found_start, found_end = predicted[:, :1].T * length + predicted[:, BOUNDARIES].T
    # Of two that overlap, one starts within the other; if they start together, take the gold one for it.
    later_gold = _ranges(np.searchsorted(start, found_start), np.searchsorted(start, found_end))
    later_found = _ranges(
        np.searchsorted(found_start, start, side="right"), np.searchsorted(found_start, end)
    )
    of_predicted = np.concatenate([later_gold[0], later_found[1]])
    of_gold = np.concatenate([later_gold[1], later_found[0]])
    turns = _turns(np.concatenate([found_start, start]), np.concatenate([found_end, end]), len(predicted))
    return Overlaps(of_predicted, of_gold, turns[of_predicted])


def _ranges(first: Integers, behind: Integers) -> tuple[Integers, Integers]:
    """For each i the numbers from `first[i]` up to `behind[i]`: as i, repeated, and these numbers."""
    sizes = np.maximum(behind - first, 0)
    owner = np.repeat(np.arange(len(sizes)), sizes)
    within = np.arange(len(owner)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return owner, first[owner] + within


def _turns(start: Integers, end: Integers, predicted: int) -> Integers:
    """For each predicted span how many others come before it in its cluster, [predicted spans].

    A cluster is a stretch of text that spans cover without a gap: none of it can answer a span of another, so
    that all clusters take their turns at once.

    Args:
        start: Of the predicted spans, in order, then of the gold ones.
        end: The same.
        predicted: How many are predicted.
    """
    order = np.argsort(start, kind="stable")
    covered = np.maximum.accumulate(end[order])
    opens = np.ones(len(order), dtype=np.bool_)
    opens[1:] = start[order][1:] >= covered[:-1]
    cluster = np.empty(len(order), dtype=np.int64)
    cluster[order] = np.cumsum(opens)
    of_predicted = cluster[:predicted]
    return np.arange(predicted) - np.searchsorted(of_predicted, of_predicted)


def _choose(overlaps: Overlaps, paired: Matches, preference: Integers) -> Integers:
    """The overlaps in which a predicted span takes a gold one, one by one in the order of the text.

    Args:
        overlaps: All of them.
        paired: Which spans are out of it, as they have their partner.
        preference: Of each overlap: a span takes the free gold span with the least, the first of equals.
    """
    free, asking = ~paired.gold, ~paired.predicted
    between = np.flatnonzero(free[overlaps.gold] & asking[overlaps.predicted])
    keys = (overlaps.gold, preference, overlaps.predicted, overlaps.turn)
    order = between[np.lexsort([key[between] for key in keys])]
    chosen = []
    for turn in np.split(order, np.flatnonzero(np.diff(overlaps.turn[order])) + 1):
        left = turn[free[overlaps.gold[turn]]]
        taken = left[np.unique(overlaps.predicted[left], return_index=True)[1]]
        free[overlaps.gold[taken]] = False
        chosen.append(taken)
    return np.concatenate(chosen)
