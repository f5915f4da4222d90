"""The task's figures in the pipeline: what a model's spans alone would mask."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from spanwise.schema import Prediction
from spanwise.tasks.base import Scoring
from spanwise.tasks.pii.labels import LABELS
from spanwise.tasks.pii.levels import LEVELS, masked_labels
from spanwise.tasks.pii.scores import Audit, score


def masking_scores(
    predictions: Sequence[Prediction], *, samples: int, level: float, seed: int
) -> dict[str, Any]:
    """What the predicted spans, without rules and propagation, would mask at each level of masking.

    Args:
        predictions: One a document.
        samples: How often groups of documents are drawn.
        level: Of the intervals, e.g. 0.95.
        seed: Of the draws.
    """
    figures: dict[str, Any] = {}
    for masking in LEVELS:
        labels = masked_labels(masking)
        audits = [
            Audit(
                each.text,
                tuple(span for span in each.gold if span.label in LABELS),
                tuple(sorted((s.start, s.end) for s in each.predicted if s.label in labels)),
                each.group,
                {},
            )
            for each in predictions
        ]
        figures[masking] = score(audits, masking, samples=samples, confidence=level, seed=seed)
    return figures


SCORING = Scoring(score=masking_scores)
