"""Each backend that a model folder holds: its speed, memory, size and score."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from spanwise import hardware
from spanwise.artifact import HEAD, ONNX
from spanwise.runtime.benchmark.extrapolation import hours_for_many, hours_interval
from spanwise.runtime.benchmark.isolation import in_child
from spanwise.runtime.benchmark.scaling import time_lengths
from spanwise.runtime.benchmark.timing import Clock, Figures, cycled, percentiles, time_batches
from spanwise.schema import Example, Prediction

if TYPE_CHECKING:
    from spanwise.runtime.predictor import Predictor

Score = Callable[[Sequence[Prediction]], float | None]

TORCH = ("torch", "torch-bf16")
WEIGHTS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(TORCH, ("*.safetensors",)),
    **{name: (f"{graph}*", HEAD) for name, graph in ONNX.items()},  # large weights lie beside the graph
}
"""The files of a model folder that hold what a backend computes with."""
STORED = ("torch", "onnx")  # measured wherever they are, beside those asked for


def stored_backends(folder: Path, wanted: Iterable[str] = (), beside: Iterable[str] = STORED) -> list[str]:
    """The backends to measure: those wanted, and of the others those that the folder has files for."""
    there = [name for name in beside if any(folder.glob(WEIGHTS[name][0]))]
    return list(dict.fromkeys([*wanted, *there]))


def model_mb(folder: Path, backend: str) -> float:
    """The size of the weights that a backend computes with, in MB (10^6 bytes)."""
    files = {file for pattern in WEIGHTS[backend] for file in folder.glob(pattern)}
    return sum(file.stat().st_size for file in files) / 1e6


def load_per_core() -> float:
    """How many programs wanted each core in the last minute: above 0, others' work slows what is timed."""
    return os.getloadavg()[0] / (os.cpu_count() or 1)


@dataclass(frozen=True)
class Plan:
    """What is timed, and how often.

    Attributes:
        batch_sizes: Documents handed over at once.
        documents: How many are predicted in a round: the examples in turn, when there are fewer.
        repeats: Rounds.
        lengths: Subwords of the documents that show how time grows with length.
        samples: How often documents are drawn anew for the interval of the time for 10,000.
        level: Of that interval, e.g. 0.95.
        seed: Of the drawing.
    """

    batch_sizes: Sequence[int]
    documents: int
    repeats: int
    lengths: Sequence[int]
    samples: int
    level: float
    seed: int


def benchmark_backends(
    folder: Path,
    backends: Iterable[str],
    examples: Sequence[Example],
    plan: Plan,
    *,
    threads: int | None,
    batch_tokens: int,
    score: Score,
) -> dict[str, Figures]:
    """The figures of each backend, measured one after another, each in a process of its own.

    Args:
        folder: Of the model.
        backends: Their names.
        examples: What they are measured on.
        plan: What is timed.
        threads: CPU threads; None is one per core.
        batch_tokens: Tokens that go through the model at once.
        score: F1 of the predictions for the examples; a function of a module.

    Returns:
        Those of `measure_stored`, by the name of the backend.

    Raises:
        UserError: If there are no examples, or the model cannot be loaded with a backend.
    """
    return {
        name: in_child(
            measure_stored,
            folder,
            name,
            examples,
            plan,
            threads=threads,
            batch_tokens=batch_tokens,
            score=score,
        )
        for name in backends
    }


def measure_stored(
    folder: Path,
    backend: str,
    examples: Sequence[Example],
    plan: Plan,
    *,
    threads: int | None,
    batch_tokens: int,
    score: Score,
) -> Figures:
    """Load a model and measure it; what this process did before is in the memory that it tells.

    Returns:
        Those of `measure`, `f1`, `model_mb`, `peak_rss_mb` and, on a GPU, `peak_gpu_mb`.
    """
    from spanwise.runtime.predictor import Predictor

    if backend in TORCH:
        hardware.set_threads(threads)
    predictor = Predictor.load(folder, batch_tokens=batch_tokens, backend=backend, threads=threads)
    measured = measure(predictor, examples, plan, name=backend)
    f1 = score(list(predictor(examples)))
    memory = {"peak_rss_mb": hardware.peak_rss_mb(), **_peak_gpu_mb()}
    return {**measured, "f1": f1, "model_mb": model_mb(folder, backend), **memory}


def measure(
    predictor: Predictor,
    examples: Sequence[Example],
    plan: Plan,
    *,
    clock: Clock = time.perf_counter,
    name: str = "",
) -> Figures:
    """Time predictions of whole documents.

    Args:
        predictor: What is timed.
        examples: What it is timed on.
        plan: How.
        clock: Tells the time in seconds.
        name: For the progress bars.

    Returns:
        `latency_ms.<batch size>.{p50,p95,p99,timings}`; `documents_per_s` and `tokens_per_s` (subwords) of
        rounds handed over at once; `hours_per_10k_documents` at that rate with `_low` and `_high`
        (`extrapolation.hours_interval`); `lengths` and `length_exponent` (`scaling.time_lengths`).

    Raises:
        UserError: If there are no examples.
    """
    sample = cycled(examples, plan.documents)
    encoder, repeats = predictor.encoder, plan.repeats
    tokens = sum(encoder(example.text).subwords for example in sample)
    sizes = {1, *plan.batch_sizes, plan.documents}
    times = time_batches(predictor, sample, sizes, repeats=repeats, clock=clock, name=f"{name} batches")
    rate = plan.documents / float(np.median(times[plan.documents]))
    hours = hours_for_many(rate)
    low, high = hours_interval(
        hours, times[1], len(examples), samples=plan.samples, level=plan.level, seed=plan.seed
    )
    return {
        "latency_ms": {str(size): percentiles(times[size]) for size in plan.batch_sizes},
        "documents_per_s": rate,
        "tokens_per_s": rate * tokens / plan.documents,
        "hours_per_10k_documents": hours,
        "hours_per_10k_documents_low": low,
        "hours_per_10k_documents_high": high,
        **time_lengths(
            predictor, encoder, examples, plan.lengths, repeats=repeats, clock=clock, name=f"{name} lengths"
        ),
    }


def _peak_gpu_mb() -> Figures:
    """What torch held of the GPU; nothing where it is not in use."""
    torch = sys.modules.get("torch")
    if torch is None or not torch.cuda.is_available():
        return {}
    return {"peak_gpu_mb": torch.cuda.max_memory_allocated() / 1e6}
