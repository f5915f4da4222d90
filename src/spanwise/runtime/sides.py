"""Predictions for the sides that `tier-split` wrote: of all corpora, and by all backends that may serve."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from spanwise.io import read_jsonl, write_jsonl
from spanwise.metrics.paired import compare
from spanwise.metrics.strata import Mention, mentions
from spanwise.runtime.predictor import Predictor
from spanwise.schema import Example, Prediction
from spanwise.sides import AUXILIARIES, EVALUATED, auxiliary_folder, backend_folder, side_path

Figures = dict[str, Any]
Measure = Callable[[Sequence[Prediction], Collection[Mention]], Figures]


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


def evaluate_served(
    predictors: Mapping[str, Predictor],
    splits: Path,
    predictions: Path,
    *,
    samples: int,
    level: float,
    seed: int,
) -> Figures:
    """Predict the main corpus with further backends, write what they find, and compare it.

    Args:
        predictors: One for each backend that may serve, by its name.
        splits: The folder of the sides.
        predictions: The folder that holds what the main backend found (`evaluate_corpora`), to write to.
        samples: How often the groups of documents are drawn anew for the intervals.
        level: The level of the intervals, e.g. 0.95.
        seed: Of the drawing.

    Returns:
        `<backend>.<side>`: strict micro `f1`, and its `difference` to the main backend with
        `difference_low`, `difference_high` and `p_value`, paired by groups of documents
        (`spanwise.metrics.paired`).

    Raises:
        UserError: If a side is missing or malformed.
    """
    figures: Figures = {}
    for name, predictor in predictors.items():
        figures[name] = {}
        for side in EVALUATED:
            main = list(read_jsonl(side_path(predictions, side), Prediction))
            found = list(predictor(read_jsonl(side_path(splits, side), Example)))
            write_jsonl(side_path(backend_folder(predictions, name), side), found)
            compared = compare(main, found, samples=samples, level=level, seed=seed)
            figures[name][side] = {
                "f1": compared.candidate_f1,
                "difference": compared.difference,
                "difference_low": compared.low,
                "difference_high": compared.high,
                "p_value": compared.p_value,
            }
    return figures


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
