"""Named entity recognition: spans of text with a type each."""

from __future__ import annotations

from spanwise import readers
from spanwise.metrics.spans import micro_f1
from spanwise.schema import PredictedSpan, Prediction
from spanwise.splits.tiers import tier_of_label
from spanwise.tasks.base import Task


def entities(prediction: Prediction) -> tuple[PredictedSpan, ...]:
    """The entities found, in the order of the text."""
    return prediction.predicted


TASK = Task(read=readers.read, tier=tier_of_label, headline=micro_f1, assemble=entities)
