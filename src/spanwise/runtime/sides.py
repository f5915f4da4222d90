"""Predictions for the sides that `tier-split` wrote, of the main corpus and of the further ones."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Any

from spanwise.io import read_jsonl, write_jsonl
from spanwise.metrics.strata import Mention, mentions
from spanwise.runtime.predictor import Predictor
from spanwise.schema import Example, Prediction, SplitName
from spanwise.sides import AUXILIARIES, auxiliary_folder, side_path

Figures = dict[str, Any]
Measure = Callable[[Sequence[Prediction], Collection[Mention]], Figures]

EVALUATED: tuple[SplitName, ...] = ("validation", "test")


def evaluate_corpora(predictor: Predictor, splits: Path, predictions: Path, measure: Measure) -> Figures:
    """Predict the validation and test side of each corpus, write what was found, and measure it.

    A further corpus is predicted with the labels that it annotates: of the others its gold standard says
    nothing.

    Args:
        predictor: The model; its labels name the further corpora.
        splits: The folder of the sides; those of further corpora are in folders of their own
            there (`spanwise.sides`).
        predictions: The folder to write to, in the same layout.
        measure: Gives the figures of one side, for what it finds and the mentions that its corpus trains on.

    Returns:
        The figures of each side, and under `auxiliaries`, if there are any, those of each further corpus.

    Raises:
        UserError: If a side is missing or malformed.
    """
    figures = _evaluate(predictor, splits, predictions, measure, None)
    further = {
        name: _evaluate(
            predictor, auxiliary_folder(splits, name), auxiliary_folder(predictions, name), measure, annotated
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
    figures: Figures = {}
    known = mentions(read_jsonl(side_path(splits, "train"), Example))
    for side in EVALUATED:
        found = list(predictor(read_jsonl(side_path(splits, side), Example), annotated=annotated))
        write_jsonl(side_path(predictions, side), found)
        figures[side] = measure(found, known)
    return figures
