"""benchmark: how fast the model predicts, and what it needs."""

from __future__ import annotations

from pathlib import Path

from spanwise import console
from spanwise.config import BenchmarkParams, load_params
from spanwise.io import atomic, read_jsonl, write_csv, write_json
from spanwise.schema import Example
from spanwise.tasks.base import load_task


def main(
    splits: Path, model: Path, metrics: Path, plots: Path, params: console.ParamsFile = Path("params.yaml")
) -> None:
    """Time MODEL on the test side of SPLITS; write METRICS and PLOTS."""
    settings = load_params(params, BenchmarkParams)
    from spanwise import hardware
    from spanwise.runtime.benchmark import latency_rows, measure, model_mb
    from spanwise.runtime.predictor import Predictor

    hardware.set_threads(settings.threads)
    test = list(read_jsonl(splits / "test.jsonl", Example))
    predictor = Predictor.load(model, batch_tokens=settings.runtime.batch_tokens)
    measured = {
        **measure(predictor, test, **settings.benchmark.model_dump()),
        "model_mb": model_mb(model),
        "peak_rss_mb": hardware.peak_rss_mb(),
        "f1": load_task(settings.task.kind).headline(list(predictor(test))),
    }
    figures = {
        **hardware.describe().model_dump(),
        "backends": {settings.runtime.backend: measured},
        "hours_per_10k_documents": 10_000 / measured["documents_per_s"] / 3600,
    }
    write_json(metrics, figures)
    with atomic(plots) as folder:
        write_csv(folder / "latency.csv", ("batch_size", "value", "series"), latency_rows(measured))


if __name__ == "__main__":
    console.run(main)
