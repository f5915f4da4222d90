"""benchmark: how fast the model predicts, what it needs, and how it stands beside others."""

from __future__ import annotations

from pathlib import Path

from spanwise import console
from spanwise.config import BenchmarkParams, load_params
from spanwise.flows import load_benchmark
from spanwise.io import write_json, write_tables
from spanwise.tasks.base import load_task


def main(
    splits: Path,
    model: Path,
    metrics: Path,
    plots: Path,
    length_plots: Path,
    params: console.ParamsFile = Path("params.yaml"),
) -> None:
    """Time MODEL on the test side of SPLITS; write METRICS, PLOTS and, by length, LENGTH_PLOTS."""
    settings = load_params(params, BenchmarkParams)
    from spanwise import hardware

    hardware.set_threads(settings.threads)
    benchmark = load_benchmark(settings.task.learner)
    found = benchmark(
        splits,
        model,
        task=load_task(settings.task.kind),
        runtime=settings.runtime.model_dump(),
        generation=settings.generation.model_dump(),
        benchmark=settings.benchmark.model_dump(),
        bootstrap=settings.bootstrap.model_dump(),
        threads=settings.threads,
        seed=settings.seed,
    )
    write_json(metrics, found.figures)
    write_tables(plots, found.batches.columns, found.batches.rows)
    write_tables(length_plots, found.lengths.columns, found.lengths.rows)


if __name__ == "__main__":
    console.run(main)
