"""How much worse a model gets on documents that say the same in another form."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from spanwise.encoding import WORD
from spanwise.metrics.bootstrap import ratio_interval, resample
from spanwise.metrics.paired import compare_counts
from spanwise.metrics.spans import SpanCounts, count
from spanwise.perturbation import Perturbed, Variant, perturb
from spanwise.runtime.predictor import Predictor
from spanwise.schema import Example, Prediction

Figures = dict[str, Any]

UNCHANGED = "unchanged"


def measure_robustness(
    predictor: Predictor,
    examples: Sequence[Example],
    baseline: Sequence[Prediction],
    variants: Sequence[Variant],
    *,
    rate: float,
    samples: int,
    level: float,
    seed: int,
) -> Figures:
    """Predict each variant of the documents and compare it with the documents as they are.

    Args:
        predictor: The model.
        examples: The documents.
        baseline: What the model predicts for them, in their order.
        variants: Which forms; see `spanwise.perturbation.perturb`.
        rate: For `typos`, the probability that a word of four or more letters gets one.
        samples: How often the groups of documents are drawn anew for the intervals.
        level: The level of the intervals, e.g. 0.95.
        seed: Of what is drawn, for variants and intervals. Each variant is drawn once: what another draw of
            its edits would have changed is not in the intervals.

    Returns:
        For each variant, and for `unchanged`: strict micro `f1`, `f1_low`, `f1_high`; `difference` to the
        unchanged documents with `difference_low`, `difference_high` and `p_value`, paired by groups of
        documents (`spanwise.metrics.paired`); `documents` and `changed_documents`, `words` and
        `changed_words`, the number of `edits`, and of `edits_left_out` as they would have cut a span. Bounds
        and p-value are None where fewer than five groups hold a gold span.

    Raises:
        ValueError: If `baseline` is not about `examples`.
    """
    if [example.id for example in examples] != [prediction.id for prediction in baseline]:
        raise ValueError("the baseline predicts other documents, or in another order")
    before = count(baseline)

    def figures(found: Sequence[Prediction], edited: Sequence[Perturbed]) -> Figures:
        return {
            **_compared(before, count(found), samples=samples, level=level, seed=seed),
            "documents": len(examples),
            "changed_documents": sum(bool(each.edits) for each in edited),
            "words": sum(len(WORD.findall(example.text)) for example in examples),
            "changed_words": sum(each.changed_words for each in edited),
            "edits": sum(len(each.edits) for each in edited),
            "edits_left_out": sum(each.left_out for each in edited),
        }

    measured = {UNCHANGED: figures(baseline, [])}
    for variant in variants:
        edited = [perturb(example, variant, rate=rate, seed=seed) for example in examples]
        measured[variant] = figures(list(predictor(each.example for each in edited)), edited)
    return measured


def _compared(before: SpanCounts, after: SpanCounts, *, samples: int, level: float, seed: int) -> Figures:
    """The F1 of `after` and what it differs by, both from the same draws."""
    found = compare_counts(before, after, samples=samples, level=level, seed=seed)
    parts = [2 * after.true_positives.sum(axis=-1), (after.predicted + after.gold).sum(axis=-1)]
    (drawn,) = resample(np.stack(parts, axis=-1), samples=samples, seed=seed)
    holders = int(np.count_nonzero(after.gold.any(axis=-1)))
    low, high = ratio_interval(drawn[:, 0], drawn[:, 1], holders=holders, level=level)
    return {
        "f1": found.candidate_f1,
        "f1_low": low,
        "f1_high": high,
        "difference": found.difference,
        "difference_low": found.low,
        "difference_high": found.high,
        "p_value": found.p_value,
    }
