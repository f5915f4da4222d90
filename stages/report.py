"""Put the figures of all stages into a page for people, its digest, a model card and further documents."""

from __future__ import annotations

from pathlib import Path

from spanwise.config import ReportParams, load_params
from spanwise.console import ParamsFile, run
from spanwise.flows import load_report


def report(
    metrics: Path,
    plots: Path,
    predictions: Path,
    labels: Path,
    calibration: Path,
    output: Path,
    params: ParamsFile = Path("params.yaml"),
) -> None:
    """Write the report into OUTPUT: an HTML page, and Markdown for pull requests and the Hub."""
    settings = load_params(params, ReportParams)
    tell = load_report(settings.task.learner)
    tell(
        output,
        metrics=metrics,
        plots=plots,
        predictions=predictions,
        labels=labels,
        calibration=calibration,
        title=settings.report.title,
        task=settings.task.name,
        corpus=settings.corpus.name,
        unlabelled=settings.corpus.unlabelled,
        level=settings.bootstrap.level,
        examples=settings.report.examples,
        seed=settings.seed,
    )


if __name__ == "__main__":
    run(report)
