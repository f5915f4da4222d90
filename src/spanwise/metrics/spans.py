"""Strict entity scores: an entity is right when its start, end and label are those of the gold standard.

The figures equal seqeval's (`mode="strict"`, scheme IOB2, `zero_division=0`): precision, recall and F1 are
0 where nothing was predicted or nothing is there to be found.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from spanwise.schema import Prediction, Span

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Matches:
    """Which spans have their equal on the other side, in the order of the documents and their spans.

    Spans are paired one to one: of two equal predictions, one gold span makes the first right, and the
    second stays wrong.
    """

    gold: Flags
    """[gold spans] whether each was found."""
    predicted: Flags
    """[predicted spans] whether each is right."""


@dataclass(frozen=True)
class SpanTable:
    """The spans of a corpus as numbers, for all that counts them; spans are in the order of `Matches`."""

    labels: tuple[str, ...]
    """Sorted by name."""
    gold: Integers
    """[gold spans, 4] document, label, start and end, by number."""
    predicted: Integers
    """[predicted spans, 4]"""
    group: Integers
    """[documents] the number of each document's group, by first appearance."""

    @property
    def groups(self) -> int:
        """How many there are."""
        return int(self.group.max(initial=-1)) + 1

    @cached_property
    def matches(self) -> Matches:
        """Which spans are found, and which right."""
        return pair(self.gold, self.predicted)


@dataclass(frozen=True)
class SpanCounts:
    """How many spans are right, predicted and gold, per group of documents (or sum of groups) and label."""

    labels: tuple[str, ...]
    """Or the names of other classes that spans fall in."""
    true_positives: Floats
    """[groups, labels], like the two below: whole numbers, held as floats for fast and exact sums."""
    predicted: Floats
    gold: Floats

    @property
    def present(self) -> Flags:
        """[groups, labels] whether a label occurs, in the gold standard or the prediction."""
        return (self.predicted + self.gold) > 0

    def total(self) -> SpanCounts:
        """The counts of all groups together, [labels]."""
        return SpanCounts(
            self.labels, *(counts.sum(axis=0) for counts in (self.true_positives, self.predicted, self.gold))
        )

    def completed(self, whole: SpanCounts) -> SpanCounts:
        """The same, where a label that a draw lacks has the counts of `whole`, [labels]."""
        return SpanCounts(
            self.labels,
            np.where(self.present, self.true_positives, whole.true_positives),
            np.where(self.present, self.predicted, whole.predicted),
            np.where(self.present, self.gold, whole.gold),
        )

    def select(self, labels: Collection[str]) -> SpanCounts:
        """The counts of some of the labels."""
        columns = [index for index, label in enumerate(self.labels) if label in labels]
        return SpanCounts(
            tuple(self.labels[index] for index in columns),
            self.true_positives[..., columns],
            self.predicted[..., columns],
            self.gold[..., columns],
        )


@dataclass(frozen=True)
class Rates:
    """Precision, recall and F1, of one shape."""

    precision: Floats
    recall: Floats
    f1: Floats


def match(predictions: Sequence[Prediction]) -> Matches:
    """Pair each document's gold and predicted spans."""
    return tabulate(predictions).matches


def group_numbers(predictions: Sequence[Prediction]) -> Integers:
    """The number of each document's group, by first appearance, [documents]."""
    numbers: dict[str, int] = {}
    each = [numbers.setdefault(prediction.group, len(numbers)) for prediction in predictions]
    return np.array(each, dtype=np.int64)


def tabulate(predictions: Sequence[Prediction]) -> SpanTable:
    """The spans of the documents as numbers."""
    gold = [prediction.gold for prediction in predictions]
    predicted = [prediction.predicted for prediction in predictions]
    labels = tuple(sorted({span.label for span in chain(*gold, *predicted)}))
    index = {label: number for number, label in enumerate(labels)}
    return SpanTable(labels, _rows(gold, index), _rows(predicted, index), group_numbers(predictions))


def pair(gold: Integers, predicted: Integers) -> Matches:
    """Pair equal rows, [spans, n], one to one."""
    of_gold, of_predicted = np.split(_identities(np.concatenate([gold, predicted])), [len(gold)])
    return Matches(gold=_paired(of_gold, of_predicted), predicted=_paired(of_predicted, of_gold))


def count(predictions: Sequence[Prediction]) -> SpanCounts:
    """Count right, predicted and gold spans, [groups, labels].

    The groups come by first appearance; the labels are sorted by name.
    """
    return count_labels(tabulate(predictions))


def count_labels(table: SpanTable) -> SpanCounts:
    """The same, of spans already tabulated."""
    return count_classes(table, table.labels, gold=table.gold[:, 1], predicted=table.predicted[:, 1])


def count_classes(
    table: SpanTable, names: tuple[str, ...], *, gold: Integers, predicted: Integers
) -> SpanCounts:
    """Count spans by a class of their own instead of the label, [groups, classes].

    Args:
        table: The spans.
        names: The classes.
        gold: The number of each gold span's class, [gold spans].
        predicted: And of each predicted span's; equal spans must be of one class.
    """
    right = table.matches.predicted
    shape = (table.groups, len(names))
    wanted = _tally(table.group[table.gold[:, 0]], gold, shape)
    group = table.group[table.predicted[:, 0]]
    true_positives, found = (_tally(group[kept], predicted[kept], shape) for kept in (right, slice(None)))
    return SpanCounts(names, true_positives, found, wanted)


def per_label(counts: SpanCounts) -> Rates:
    """The rates of each label, of the shape of the counts."""
    return _rates(counts.true_positives, counts.predicted, counts.gold)


def micro(counts: SpanCounts) -> Rates:
    """The rates over all spans, whatever their label; the axis of the labels goes."""
    return _rates(counts.true_positives.sum(axis=-1), counts.predicted.sum(axis=-1), counts.gold.sum(axis=-1))


def macro(counts: SpanCounts) -> Rates:
    """The mean rates of the labels that occur, in the gold standard or the prediction."""
    return _average(per_label(counts), counts.present.astype(np.float64))


def weighted(counts: SpanCounts) -> Rates:
    """The mean rates of the labels, weighted by their gold spans."""
    return _average(per_label(counts), counts.gold)


def micro_f1(predictions: Sequence[Prediction]) -> float:
    """The strict micro-averaged F1, 0 to 1: the headline of entity recognition."""
    right = int(match(predictions).predicted.sum())
    spans = sum(len(prediction.gold) + len(prediction.predicted) for prediction in predictions)
    return 2 * right / spans if spans else 0.0


def _rows(documents: Sequence[Sequence[Span]], index: Mapping[str, int]) -> Integers:
    """[spans, 4]: document, label, start and end of each span."""
    spans = list(chain.from_iterable(documents))
    columns = np.empty((4, len(spans)), dtype=np.int64)
    columns[0] = np.repeat(np.arange(len(documents)), [len(each) for each in documents])
    columns[1] = [index[span.label] for span in spans]
    columns[2] = [span.start for span in spans]
    columns[3] = [span.end for span in spans]
    return columns.T


def _identities(rows: Integers) -> Integers:
    """A number for each row, the same for equal rows."""
    order = np.lexsort(rows.T)  # several times faster than np.unique(axis=0)
    in_order = rows[order]
    new = np.ones(len(rows), dtype=np.bool_)
    new[1:] = (in_order[1:] != in_order[:-1]).any(axis=1)
    numbers = np.empty(len(rows), dtype=np.int64)
    numbers[order] = np.cumsum(new)
    return numbers


def _paired(spans: Integers, others: Integers) -> Flags:
    """Which of the numbers `spans` find a partner of their own in `others`, the first ones first."""
    order = np.argsort(spans, kind="stable")
    in_order = spans[order]
    occurrence = np.empty_like(spans)
    occurrence[order] = np.arange(len(spans)) - np.searchsorted(in_order, in_order)
    available = np.bincount(others, minlength=int(spans.max(initial=-1)) + 1)
    return np.asarray(occurrence < available[spans])


def _tally(group: Integers, of: Integers, shape: tuple[int, int]) -> Floats:
    """How many spans fall on each group and class, of that `shape`."""
    groups, classes = shape
    return np.bincount(group * classes + of, minlength=groups * classes).reshape(shape).astype(np.float64)


def _rates(true_positives: Floats, predicted: Floats, gold: Floats) -> Rates:
    return Rates(
        precision=_divide(true_positives, predicted),
        recall=_divide(true_positives, gold),
        f1=_divide(2 * true_positives, predicted + gold),
    )


def _average(rates: Rates, weights: Floats) -> Rates:
    """The means over the last axis."""
    total = weights.sum(axis=-1)
    precision, recall, f1 = (
        _divide((values * weights).sum(axis=-1), total)
        for values in (rates.precision, rates.recall, rates.f1)
    )
    return Rates(precision, recall, f1)


def _divide(numerator: Floats, denominator: Floats) -> Floats:
    """The quotient, 0 where the denominator is 0."""
    return np.asarray(numerator / np.where(denominator > 0, denominator, 1.0))
