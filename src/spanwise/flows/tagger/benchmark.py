"""Time a tagger, backend by backend, and beside Hugging Face's pipeline."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from spanwise import hardware
from spanwise.flows import Benchmarked, Settings, Tables
from spanwise.io import read_jsonl
from spanwise.runtime.benchmark import rows
from spanwise.runtime.benchmark.backends import Plan, benchmark_backends, load_per_core, stored_backends
from spanwise.runtime.benchmark.isolation import in_child
from spanwise.runtime.benchmark.peer import measure_peer
from spanwise.schema import Example
from spanwise.tasks.base import Task


def run(
    splits: Path,
    model: Path,
    *,
    task: Task,
    runtime: Settings,
    generation: Settings,  # noqa: ARG001 - of learners that write
    benchmark: Settings,
    bootstrap: Settings,
    threads: int | None,
    seed: int,
) -> Benchmarked:
    """Time the model on test documents; see `spanwise.flows.Benchmark`."""
    load = load_per_core()
    test = list(read_jsonl(splits / "test.jsonl", Example))
    names = stored_backends(model, [runtime["backend"], *runtime["served"]])
    shared: dict[str, Any] = {"threads": threads, "batch_tokens": runtime["batch_tokens"]}
    asked = {name: value for name, value in benchmark.items() if name != "peer"}
    plan = Plan(**asked, **bootstrap, seed=seed)
    backends = benchmark_backends(model, names, test, plan, **shared, score=task.headline)
    chosen = backends[runtime["backend"]]
    figures = {
        **hardware.describe().model_dump(),
        "load_per_core": load,
        "backend": runtime["backend"],
        "backends": backends,
        **{name: value for name, value in chosen.items() if name.startswith("hours_per_10k_documents")},
        "timed_documents": min(len(test), benchmark["documents"]),
    }
    if benchmark["peer"]["documents"]:
        figures["peer"] = in_child(measure_peer, model, test, backends=names, **shared, **benchmark["peer"])
    return Benchmarked(
        figures,
        Tables(
            rows.BATCH_COLUMNS,
            {"latency": rows.latency_rows(backends), "throughput": rows.throughput_rows(backends)},
        ),
        Tables(rows.LENGTH_COLUMNS, {"scaling": rows.length_rows(backends)}),
    )
