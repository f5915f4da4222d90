"""The figures of one split with intervals: strict over all, per tier, type and stratum; SemEval's schemes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import chain
from typing import Any

import numpy as np

from spanwise.errors import UserError
from spanwise.metrics import semeval, strata
from spanwise.metrics.bootstrap import FEWEST_GROUPS, interval, resample
from spanwise.metrics.spans import Rates, SpanCounts, count_labels, macro, micro, tabulate, weighted
from spanwise.schema import GoldSpan, PredictedSpan, Prediction

Block = dict[str, Any]

TYPE_COLUMNS = ("label", "f1", "low", "high", "support", "tier")


def evaluate(
    predictions: Sequence[Prediction],
    *,
    samples: int,
    level: float,
    seed: int,
    mentions: Collection[strata.Mention] | None = None,
) -> Block:
    """Score one split.

    Args:
        predictions: One per document, each span with its tier.
        samples: How often the groups of documents are drawn anew for the intervals.
        level: The level of the intervals, e.g. 0.95.
        seed: Of the drawing.
        mentions: Those of the training side, see `strata.mentions`; None where there is none.

    Returns:
        `headline` (micro-F1), `documents`, `groups` (of documents), `spans` (gold), and scores of precision,
        recall, f1, f1_low, f1_high and support (gold spans) under `strict.{micro,macro,weighted}`,
        `tiers.<tier>` (micro over its types; also `types`, how many of them occur, and `macro_f1`),
        `types.<type>` (also `tier`) and `strata.{mention,tokens,length}.<stratum>` (micro; `mention` where
        `mentions` are given); under `semeval.<scheme>` what `semeval.score` returns. Types without a gold or
        predicted span are not listed.

        Bounds are None where there is no gold span or fewer than five groups hold the types in question;
        draws without any of them are passed over. The macro average is over the same types in each draw: one
        that a draw lacks keeps its rate of all documents, as leaving it out would favour the frequent ones.

    Raises:
        UserError: If one label stands in two tiers.
    """
    tiers = tiers_of(predictions)
    table = tabulate(predictions)
    counts, by_stratum = count_labels(table), strata.count(predictions, table, seen=mentions)
    drawn, *drawn_strata = _resampled([counts, *by_stratum.values()], samples=samples, seed=seed)

    def scores(labels: Sequence[str], average: Callable[[SpanCounts], Rates]) -> Block:
        return _scores(counts.select(labels), drawn.select(labels), average, level)

    strict = {
        "micro": scores(counts.labels, micro),
        "macro": _scores(counts, drawn.completed(counts.total()), macro, level),
        # Needs no completing: a type weighs its drawn gold spans, which on average are all it has.
        "weighted": scores(counts.labels, weighted),
    }
    return {
        "headline": strict["micro"]["f1"],
        "documents": len(predictions),
        "groups": len(counts.gold),
        "spans": strict["micro"]["support"],
        "strict": strict,
        "semeval": semeval.score(table, samples=samples, level=level, seed=seed),
        "tiers": {
            tier: {
                "types": len(labels),
                **scores(labels, micro),
                "macro_f1": float(macro(counts.select(labels).total()).f1),
            }
            for tier, labels in _members(tiers).items()
        },
        "types": {label: {**scores([label], micro), "tier": tiers[label]} for label in counts.labels},
        "strata": {
            name: {
                stratum: _scores(of.select([stratum]), drawn_of.select([stratum]), micro, level)
                for stratum in of.labels
            }
            for (name, of), drawn_of in zip(by_stratum.items(), drawn_strata, strict=True)
        },
    }


def type_rows(evaluated: Block) -> list[tuple[str, float, float | None, float | None, int, str]]:
    """What `evaluate` says of the types as rows under `TYPE_COLUMNS`, those with most gold spans first."""
    rows = [
        (label, figures["f1"], figures["f1_low"], figures["f1_high"], figures["support"], figures["tier"])
        for label, figures in evaluated["types"].items()
    ]
    return sorted(rows, key=lambda row: (-row[4], row[0]))


def tiers_of(predictions: Sequence[Prediction]) -> dict[str, str]:
    """The tier of each label that occurs, sorted by label.

    Raises:
        UserError: If one label stands in two tiers.
    """
    tiers: dict[str, str] = {}
    for prediction in predictions:
        spans: chain[GoldSpan | PredictedSpan] = chain(prediction.gold, prediction.predicted)
        for span in spans:
            if tiers.setdefault(span.label, span.tier) != span.tier:
                raise UserError(
                    f"document {prediction.id}: {span.label} stands in two tiers, "
                    f"{tiers[span.label]} and {span.tier}",
                    hint="Gold and predicted spans take their tiers from the same labels.json.",
                )
    return dict(sorted(tiers.items()))


def _members(tiers: Mapping[str, str]) -> dict[str, list[str]]:
    """The labels of each tier."""
    return {
        tier: [label for label, of in tiers.items() if of == tier] for tier in sorted(set(tiers.values()))
    }


def _resampled(counts: Sequence[SpanCounts], *, samples: int, seed: int) -> list[SpanCounts]:
    """Each of the counts in the same draws of groups with replacement, [samples, labels]."""
    tables = chain.from_iterable((each.true_positives, each.predicted, each.gold) for each in counts)
    sums = resample(*tables, samples=samples, seed=seed)
    return [SpanCounts(each.labels, *sums[3 * i : 3 * i + 3]) for i, each in enumerate(counts)]


def _scores(
    counts: SpanCounts, drawn: SpanCounts, average: Callable[[SpanCounts], Rates], level: float
) -> Block:
    """The scores of some labels together: [groups, labels] and what was drawn of it, [samples, labels]."""
    rates = average(counts.total())
    support = int(counts.gold.sum())
    holders = np.count_nonzero(counts.present.any(axis=-1))
    low, high = None, None
    if support and holders >= FEWEST_GROUPS:
        values = np.where(drawn.present.any(axis=-1), average(drawn).f1, np.nan)
        low, high = interval(values, level=level)
    return {
        "precision": float(rates.precision),
        "recall": float(rates.recall),
        "f1": float(rates.f1),
        "f1_low": low,
        "f1_high": high,
        "support": support,
    }
