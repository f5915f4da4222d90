"""evaluate: what the model predicts for validation and test, and how well."""

from __future__ import annotations

from pathlib import Path

from spanwise import console
from spanwise.config import EvaluateParams, load_params
from spanwise.io import atomic, read_jsonl, write_csv, write_json, write_jsonl
from spanwise.metrics.evaluation import TYPE_COLUMNS, evaluate, type_rows
from spanwise.schema import Example
from spanwise.tasks.base import load_task


def main(
    splits: Path,
    model: Path,
    predictions: Path,
    metrics: Path,
    plots: Path,
    params: console.ParamsFile = Path("params.yaml"),
) -> None:
    """Predict the validation and test side of SPLITS with MODEL; write PREDICTIONS, METRICS and PLOTS."""
    settings = load_params(params, EvaluateParams)
    from spanwise import hardware
    from spanwise.runtime.predictor import Predictor

    hardware.set_threads(settings.threads)
    predictor = Predictor.load(model, batch_tokens=settings.runtime.batch_tokens)
    headline = load_task(settings.task.kind).headline
    figures = {}
    for side in ("validation", "test"):
        found = list(predictor(read_jsonl(splits / f"{side}.jsonl", Example)))
        write_jsonl(predictions / f"{side}.jsonl", found)
        scores = evaluate(found, **settings.bootstrap.model_dump(), seed=settings.seed)
        figures[side] = {**scores, "headline": headline(found)}
    write_json(metrics, figures)
    with atomic(plots) as folder:
        write_csv(folder / "types.csv", TYPE_COLUMNS, type_rows(figures["test"]))


if __name__ == "__main__":
    console.run(main)
