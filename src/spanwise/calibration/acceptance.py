"""What accepting spans without review means, with intervals over groups of documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from spanwise.calibration.features import feature_values
from spanwise.calibration.record import Calibration, apply
from spanwise.metrics.bootstrap import ratio_interval, resample
from spanwise.metrics.confidence import share, threshold_table
from spanwise.metrics.spans import Flags, Floats, Integers, SpanTable, tabulate
from spanwise.schema import Prediction

Block = dict[str, Any]

FEW = 10  # accepted spans; of fewer the precision is a matter of chance


@dataclass(frozen=True)
class Bootstrap:
    """How intervals are drawn: see `metrics.bootstrap`."""

    samples: int
    """How often the groups of documents are drawn anew."""
    level: float
    """The share of the draws between the bounds, e.g. 0.95."""
    seed: int


class Rate(NamedTuple):
    """A share with its interval; None where there is nothing to share, or fewer than five groups do."""

    value: float | None
    low: float | None
    high: float | None

    def named(self, name: str) -> Block:
        """As it is written: `<name>`, `<name>_low` and `<name>_high`."""
        return {name: self.value, f"{name}_low": self.low, f"{name}_high": self.high}


@dataclass(frozen=True)
class Side:
    """The predictions of one side of the split, and what is known of their spans."""

    predictions: Sequence[Prediction]
    table: SpanTable
    raw: Floats
    """[predicted spans], like the three below."""
    confidence: Floats

    @property
    def right(self) -> Flags:
        """Which of them are strictly right."""
        return self.table.matches.predicted

    @property
    def document(self) -> Integers:
        """The number of each one's document."""
        return self.table.predicted[:, 0]

    def accepted(self, threshold: float | None) -> Flags:
        """Which are accepted from a confidence on; None accepts nothing."""
        return np.zeros_like(self.right) if threshold is None else self.confidence >= threshold

    def of_type(self, label: str) -> tuple[Flags, Flags]:
        """Which spans have a label, [predicted spans] and [gold spans]."""
        names = np.array(self.table.labels, dtype=np.str_)
        of_predicted, of_gold = (
            names[rows[:, 1]] == label for rows in (self.table.predicted, self.table.gold)
        )
        return of_predicted, of_gold

    def by_group(self, predicted: NDArray[Any]) -> Floats:
        """Sums over the predicted spans of each group: [predicted spans, n] gives [groups, n]."""
        return self._summed(predicted, self.table.predicted)

    def gold_by_group(self, gold: NDArray[Any]) -> Floats:
        """The same for gold spans: [gold spans, n] gives [groups, n]."""
        return self._summed(gold, self.table.gold)

    def _summed(self, values: NDArray[Any], rows: Integers) -> Floats:
        sums = np.zeros((self.table.groups, values.shape[1]))
        np.add.at(sums, self.table.group[rows[:, 0]], values)
        return sums


def take_side(
    predictions: Sequence[Prediction], calibration: Calibration, *, held_out: Floats | None = None
) -> Side:
    """Predictions, one per document, with their confidence before and after calibration.

    That after it is `held_out`, [spans], for the documents that the calibration was fitted to.
    """
    return Side(
        predictions,
        tabulate(predictions),
        raw=feature_values(predictions, calibration.feature),
        confidence=apply(calibration, predictions) if held_out is None else held_out,
    )


def rates(part: Floats, whole: Floats, bootstrap: Bootstrap) -> list[Rate]:
    """Shares of what is counted per group, [groups, n] both: n of them, drawn together."""
    drawn = resample(part, whole, samples=bootstrap.samples, seed=bootstrap.seed)
    found = []
    for column, (parts, wholes) in enumerate(zip(*(each.T for each in drawn), strict=True)):
        holders = int(np.count_nonzero(whole[:, column]))
        bounds = ratio_interval(parts, wholes, holders=holders, level=bootstrap.level)
        found.append(Rate(share(float(part[:, column].sum()), float(whole[:, column].sum())), *bounds))
    return found


def acceptance(side: Side, accepted: Flags, bootstrap: Bootstrap, *, label: str | None = None) -> Block:
    """What accepting some of the spans without review would mean.

    Args:
        side: All of them.
        accepted: Which are accepted, [predicted spans].
        bootstrap: For the intervals.
        label: Only spans of this type are looked at, if one is named.

    Returns:
        `precision` (accepted and right / accepted), `share` (accepted and right / gold) and `coverage`
        (accepted / predicted), each with `<name>_low` and `<name>_high`.
    """
    offered, wanted = (np.ones(len(rows), dtype=np.bool_) for rows in (side.table.predicted, side.table.gold))
    if label is not None:
        offered, wanted = side.of_type(label)
    taken = accepted & offered
    counts = side.by_group(np.stack([taken & side.right, taken, offered], axis=1))
    gold = side.gold_by_group(wanted[:, np.newaxis])
    part = counts[:, [0, 0, 1]]
    whole = np.stack([counts[:, 1], gold[:, 0], counts[:, 2]], axis=1)
    named = zip(("precision", "share", "coverage"), rates(part, whole, bootstrap), strict=True)
    return {key: value for name, rate in named for key, value in rate.named(name).items()}


def threshold_intervals(side: Side, thresholds: Sequence[float], bootstrap: Bootstrap) -> list[Block]:
    """The rows of `metrics.confidence.threshold_table` with `precision_low` and `precision_high`."""
    kept = side.confidence[:, np.newaxis] >= np.asarray(thresholds)
    hits = kept & side.right[:, np.newaxis]
    precision = rates(side.by_group(hits), side.by_group(kept), bootstrap)
    rows = threshold_table(side.confidence, side.right, gold=len(side.table.gold), thresholds=thresholds)
    return [{**row, **rate.named("precision")} for row, rate in zip(rows, precision, strict=True)]


def risk_by_type(side: Side, accepted: Flags, bootstrap: Bootstrap) -> Mapping[str, Block]:
    """How much of what is accepted without review is wrong, by type.

    Returns:
        For each type that was predicted how many of its spans are `accepted`, how many of these are
        `false_positives`, its `precision` with interval, and `rank`: 1 for the type that lets most errors
        pass, of equal ones the least precise, and last those of which nothing is accepted. Types with fewer
        than ten accepted spans are marked `few`: their precision says little, whatever its interval.
    """
    labels = np.arange(len(side.table.labels))
    of_label = side.table.predicted[:, 1, np.newaxis] == labels
    taken = of_label & accepted[:, np.newaxis]
    hits = taken & side.right[:, np.newaxis]
    precision = rates(side.by_group(hits), side.by_group(taken), bootstrap)
    risks: dict[str, Block] = {
        name: {
            "accepted": int(taken[:, index].sum()),
            "false_positives": int(taken[:, index].sum() - hits[:, index].sum()),
            **precision[index].named("precision"),
            "few": bool(taken[:, index].sum() < FEW),
        }
        for index, name in enumerate(side.table.labels)
        if of_label[:, index].any()
    }

    def danger(name: str) -> tuple[float, float, str]:
        nothing, precision = 2.0, risks[name]["precision"]
        return -risks[name]["false_positives"], nothing if precision is None else precision, name

    order = sorted(risks, key=danger)
    return {name: {**risks[name], "rank": rank} for rank, name in enumerate(order, start=1)}
