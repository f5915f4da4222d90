"""Predictions for the sides that `tier-split` wrote, of the main corpus and of the further ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from spanwise.io import read_jsonl, write_jsonl
from spanwise.runtime.predictor import Predictor
from spanwise.schema import Example, Prediction

Figures = dict[str, Any]
Measure = Callable[[Sequence[Prediction]], Figures]

AUXILIARIES = "auxiliaries"


def evaluate_corpora(predictor: Predictor, splits: Path, predictions: Path, measure: Measure) -> Figures:
    """Predict the validation and test side of each corpus, write what was found, and measure it.

    A further corpus is predicted with the labels that it annotates: of the others its gold standard says
    nothing.

    Args:
        predictor: The model; its labels name the further corpora.
        splits: The folder of the sides; those of further corpora are in `auxiliaries/NAME/` there.
        predictions: The folder to write to, in the same layout.
        measure: Gives the figures of one side.

    Returns:
        The figures of each side, and under `auxiliaries`, if there are any, those of each further corpus.

    Raises:
        UserError: If a side is missing or malformed.
    """
    figures = _evaluate(predictor, splits, predictions, measure, None)
    further = {
        name: _evaluate(
            predictor, splits / AUXILIARIES / name, predictions / AUXILIARIES / name, measure, annotated
        )
        for name, annotated in predictor.labels.auxiliaries.items()
    }
    return {**figures, AUXILIARIES: further} if further else figures


def _evaluate(
    predictor: Predictor,
    splits: Path,
    predictions: Path,
    measure: Measure,
    annotated: Sequence[str] | None,
) -> Figures:
    figures = {}
    for side in ("validation", "test"):
        found = list(predictor(read_jsonl(splits / f"{side}.jsonl", Example), annotated=annotated))
        write_jsonl(predictions / f"{side}.jsonl", found)
        figures[side] = measure(found)
    return figures
