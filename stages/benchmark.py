"""benchmark: how fast the model predicts, what it needs, and how it stands beside Hugging Face's pipeline."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from spanwise import console
from spanwise.config import BenchmarkParams, load_params
from spanwise.io import atomic, read_jsonl, write_csv, write_json
from spanwise.schema import Example
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
    from spanwise.runtime.benchmark import rows
    from spanwise.runtime.benchmark.backends import Plan, benchmark_backends, load_per_core, stored_backends
    from spanwise.runtime.benchmark.isolation import in_child
    from spanwise.runtime.benchmark.peer import measure_peer

    load = load_per_core()
    hardware.set_threads(settings.threads)
    test = list(read_jsonl(splits / "test.jsonl", Example))
    runtime, asked = settings.runtime, settings.benchmark
    names = stored_backends(model, [runtime.backend, *runtime.served])
    shared: dict[str, Any] = {"threads": settings.threads, "batch_tokens": runtime.batch_tokens}
    plan = Plan(**asked.model_dump(exclude={"peer"}), **settings.bootstrap.model_dump(), seed=settings.seed)
    headline = load_task(settings.task.kind).headline
    backends = benchmark_backends(model, names, test, plan, **shared, score=headline)
    chosen = backends[runtime.backend]
    figures = {
        **hardware.describe().model_dump(),
        "load_per_core": load,
        "backend": runtime.backend,
        "backends": backends,
        **{name: value for name, value in chosen.items() if name.startswith("hours_per_10k_documents")},
        "timed_documents": min(len(test), asked.documents),
    }
    if asked.peer.documents:
        peer = asked.peer.model_dump()
        figures["peer"] = in_child(measure_peer, model, test, backends=names, **shared, **peer)
    write_json(metrics, figures)
    with atomic(plots) as folder:
        write_csv(folder / "latency.csv", rows.BATCH_COLUMNS, rows.latency_rows(backends))
        write_csv(folder / "throughput.csv", rows.BATCH_COLUMNS, rows.throughput_rows(backends))
    with atomic(length_plots) as folder:
        write_csv(folder / "scaling.csv", rows.LENGTH_COLUMNS, rows.length_rows(backends))


if __name__ == "__main__":
    console.run(main)
