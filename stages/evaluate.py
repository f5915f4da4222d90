"""evaluate: what the model predicts for validation and test, how well, and where it is wrong."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from spanwise import console
from spanwise.config import EvaluateParams, load_params
from spanwise.io import atomic, read_jsonl, write_json, write_jsonl, write_tables
from spanwise.metrics.errors import CONFUSION_COLUMNS, confusion_rows, error_figures, judge
from spanwise.metrics.evaluation import TYPE_COLUMNS, evaluate, type_rows
from spanwise.metrics.strata import Mention
from spanwise.schema import Example, Prediction
from spanwise.sides import side_path
from spanwise.tasks.base import load_task


def main(
    splits: Path,
    model: Path,
    predictions: Path,
    metrics: Path,
    errors: Path,
    robustness: Path,
    plots: Path,
    error_plots: Path,
    params: console.ParamsFile = Path("params.yaml"),
) -> None:
    """Predict the validation and test side of SPLITS with MODEL; write PREDICTIONS, METRICS and PLOTS.

    Those of further corpora are predicted too, each with the labels that it annotates. ERRORS and ERROR_PLOTS
    are about the main corpus' test side, and ROBUSTNESS about its documents in other forms.
    """
    settings = load_params(params, EvaluateParams)
    from spanwise import hardware
    from spanwise.runtime.predictor import Predictor
    from spanwise.runtime.robustness import measure_robustness
    from spanwise.runtime.sides import evaluate_corpora, evaluate_served

    hardware.set_threads(settings.threads)
    loading: dict[str, Any] = {"batch_tokens": settings.runtime.batch_tokens, "threads": settings.threads}
    predictor = Predictor.load(model, backend=settings.runtime.backend, **loading)
    served: dict[str, Predictor] = {
        name: Predictor.load(model, backend=name, **loading) for name in settings.runtime.served
    }
    headline = load_task(settings.task.kind).headline
    drawing: dict[str, Any] = {**settings.bootstrap.model_dump(), "seed": settings.seed}

    def measure(found: Sequence[Prediction], mentions: Collection[Mention]) -> dict[str, Any]:
        return {**evaluate(found, **drawing, mentions=mentions), "headline": headline(found)}

    with atomic(predictions) as folder:
        figures = evaluate_corpora(predictor, splits, folder, measure)
        figures["backends"] = evaluate_served(served, splits, folder, **drawing)
        found = list(read_jsonl(side_path(folder, "test"), Prediction))
        judgements = judge(found)
        write_jsonl(folder / "errors.jsonl", judgements)
    write_json(metrics, figures)
    write_json(errors, error_figures(found, judgements))
    examples, asked = list(read_jsonl(side_path(splits, "test"), Example)), settings.robustness
    varied = measure_robustness(predictor, examples, found, asked.variants, rate=asked.typo_rate, **drawing)
    write_json(robustness, varied)
    write_tables(plots, TYPE_COLUMNS, {"types": type_rows(figures["test"])})
    write_tables(error_plots, CONFUSION_COLUMNS, {"confusion": confusion_rows(judgements)})


if __name__ == "__main__":
    console.run(main)
