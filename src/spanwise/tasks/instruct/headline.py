"""The one number of a side: mean chrF."""

from __future__ import annotations

from collections.abc import Sequence

from spanwise.schema import Prediction
from spanwise.tasks.instruct.overlap import chrf


def headline(predictions: Sequence[Prediction]) -> float:
    """Mean chrF of the answers, 0 to 1; 0 of none.

    It is defined for every answer, unlike coverage; it falls for what is missing and for padding; and it
    counts characters, so that inflected French needs neither stemmer nor tokenizer.

    Raises:
        UserError: If sacrebleu is not installed.
        ValueError: If a prediction is one of spans.
    """
    found = [_chrf(prediction) for prediction in predictions]
    return sum(found) / len(found) if found else 0.0


def _chrf(prediction: Prediction) -> float:
    if prediction.answer is None or prediction.reference is None:
        raise ValueError(f"{prediction.id}: no answer beside a reference")
    return chrf(prediction.answer.text, prediction.reference)
