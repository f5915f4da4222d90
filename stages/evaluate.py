"""evaluate: what the model predicts for validation and test, and how well."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from spanwise import console
from spanwise.config import EvaluateParams, load_params
from spanwise.io import atomic, write_csv, write_json
from spanwise.metrics.evaluation import TYPE_COLUMNS, evaluate, type_rows
from spanwise.schema import Prediction
from spanwise.tasks.base import load_task


def main(
    splits: Path,
    model: Path,
    predictions: Path,
    metrics: Path,
    plots: Path,
    params: console.ParamsFile = Path("params.yaml"),
) -> None:
    """Predict the validation and test side of SPLITS with MODEL; write PREDICTIONS, METRICS and PLOTS.

    Those of further corpora are predicted too, each with the labels that it annotates.
    """
    settings = load_params(params, EvaluateParams)
    from spanwise import hardware
    from spanwise.runtime.predictor import Predictor
    from spanwise.runtime.sides import evaluate_corpora

    hardware.set_threads(settings.threads)
    predictor = Predictor.load(model, batch_tokens=settings.runtime.batch_tokens)
    headline = load_task(settings.task.kind).headline

    def measure(found: Sequence[Prediction]) -> dict[str, Any]:
        scores = evaluate(found, **settings.bootstrap.model_dump(), seed=settings.seed)
        return {**scores, "headline": headline(found)}

    with atomic(predictions) as folder:
        figures = evaluate_corpora(predictor, splits, folder, measure)
    write_json(metrics, figures)
    with atomic(plots) as folder:
        write_csv(folder / "types.csv", TYPE_COLUMNS, type_rows(figures["test"]))


if __name__ == "__main__":
    console.run(main)
