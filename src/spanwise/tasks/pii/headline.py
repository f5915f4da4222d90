"""The task's one number."""

from __future__ import annotations

from collections.abc import Sequence

from spanwise.schema import Prediction, Span

BETA = 2.0  # a missed identifier weighs more than a word masked in vain


def masked_f2(predictions: Sequence[Prediction]) -> float:
    """F-beta of masked characters with beta = 2 (van Rijsbergen 1979): recall counts four times as much.

    Labels do not matter: what is masked under another label is masked.
    """
    right = found = wanted = 0
    for prediction in predictions:
        gold = _characters(prediction.gold)
        masked = _characters(prediction.predicted)
        right += len(gold & masked)
        found += len(masked)
        wanted += len(gold)
    weight = BETA**2
    return (1 + weight) * right / (weight * wanted + found) if wanted + found else 0.0


def _characters(spans: Sequence[Span]) -> set[int]:
    return {place for span in spans for place in range(span.start, span.end)}
