"""evaluate: what the model predicts for validation and test, how well, and where it is wrong."""

from __future__ import annotations

from pathlib import Path

from spanwise import console
from spanwise.config import EvaluateParams, load_params
from spanwise.flows import load_evaluate
from spanwise.io import atomic, write_json, write_tables
from spanwise.tasks.base import load_scoring, load_task


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

    ERRORS and ERROR_PLOTS are about the main corpus' test side, and ROBUSTNESS about its documents in other
    forms.
    """
    settings = load_params(params, EvaluateParams)
    from spanwise import hardware

    hardware.set_threads(settings.threads)
    evaluate = load_evaluate(settings.task.learner)
    with atomic(predictions) as folder:
        found = evaluate(
            splits,
            model,
            folder,
            task=load_task(settings.task.kind),
            scoring=load_scoring(settings.task.kind),
            runtime=settings.runtime.model_dump(),
            generation=settings.generation.model_dump(),
            robustness=settings.robustness.model_dump(),
            bootstrap=settings.bootstrap.model_dump(),
            threads=settings.threads,
            seed=settings.seed,
        )
    write_json(metrics, found.figures)
    write_json(errors, found.errors)
    write_json(robustness, found.robustness)
    write_tables(plots, found.types.columns, found.types.rows)
    write_tables(error_plots, found.confusion.columns, found.confusion.rows)


if __name__ == "__main__":
    console.run(main)
