"""Time a generator: as it was tuned and, on a CPU, with its products in integers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from spanwise import hardware
from spanwise.flows import Benchmarked, Settings, Tables
from spanwise.generator.pace import measure_writing
from spanwise.generator.quantisation import Quantisation
from spanwise.generator.writing import Sampling
from spanwise.runtime.benchmark import rows
from spanwise.runtime.benchmark.backends import Plan, load_per_core
from spanwise.runtime.benchmark.isolation import in_child
from spanwise.sides import read_side
from spanwise.tasks.base import Task

MAIN = "torch"
HOURS = "hours_per_10k_documents"


def run(
    splits: Path,
    model: Path,
    *,
    task: Task,  # noqa: ARG001 - quality is the loss of references, which no task is asked for
    runtime: Settings,  # noqa: ARG001 - of learners that tag
    generation: Settings,
    benchmark: Settings,
    bootstrap: Settings,
    threads: int | None,
    seed: int,
) -> Benchmarked:
    """Time answers to test examples; see `spanwise.flows.Benchmark`.

    Beside the speed of a backend stand the `loss` of the references and the share of answers that are the
    `same` as those of the main one.
    """
    load = load_per_core()
    test = read_side(splits, "test")
    asked = {name: value for name, value in benchmark.items() if name != "peer"}
    plan = Plan(**asked, **bootstrap, seed=seed)
    backends: dict[str, Any] = {}
    texts: dict[str, list[str]] = {}
    for name, kind in _kinds().items():
        backends[name], texts[name] = in_child(
            measure_writing, model, kind, test, plan, sampling=Sampling(**generation), threads=threads
        )
        alike = [own == main for own, main in zip(texts[name], texts[MAIN], strict=True)]
        backends[name]["same"] = sum(alike) / len(alike)
    figures = {
        **hardware.describe().model_dump(),
        "load_per_core": load,
        "backend": MAIN,
        "backends": backends,
        **{name: value for name, value in backends[MAIN].items() if name.startswith(HOURS)},
        "timed_documents": min(len(test), plan.documents),
    }
    return Benchmarked(
        figures,
        Tables(
            rows.BATCH_COLUMNS,
            {"latency": rows.latency_rows(backends), "throughput": rows.throughput_rows(backends)},
        ),
        Tables(rows.LENGTH_COLUMNS, {"reading": rows.length_rows(backends)}),
    )


def _kinds() -> dict[str, Quantisation | None]:
    """What is timed, by the name of the backend."""
    if torch.cuda.is_available():
        return {MAIN: None}
    return {MAIN: None, "torch-int8": "int8-dynamic"}
