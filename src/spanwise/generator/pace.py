"""How fast a stored generator answers and reads, what it needs, and what its references cost it."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import numpy as np
import torch

from spanwise import hardware
from spanwise.generator.likelihood import mean
from spanwise.generator.quantisation import Quantisation
from spanwise.generator.stored import MANIFEST, Manifest, load
from spanwise.generator.tradeoff import megabytes
from spanwise.generator.writing import Sampling, Writer
from spanwise.io import read_record
from spanwise.runtime.benchmark.backends import Plan
from spanwise.runtime.benchmark.extrapolation import hours_for_many, hours_interval
from spanwise.runtime.benchmark.scaling import exponent
from spanwise.runtime.benchmark.timing import cycled, percentiles, time_batches
from spanwise.schema import Answer, Example, Prediction

Figures = dict[str, Any]


@dataclass
class _Timed:
    """A writer as what is timed: it keeps what it wrote last."""

    writer: Writer
    sampling: Sampling
    seed: int
    written: list[Answer] = field(default_factory=list)

    def __call__(self, examples: Iterable[Example], /) -> Iterator[Prediction]:
        """Answers, as nothing but the time that they take."""
        self.written = list(self.writer.answer(examples, sampling=self.sampling, seed=self.seed))
        yield from ()


def measure_writing(
    folder: Path,
    quantisation: Quantisation | None,
    examples: Sequence[Example],
    plan: Plan,
    *,
    sampling: Sampling,
    threads: int | None,
) -> tuple[Figures, list[str]]:
    """Load a generator and measure it; what this process did before is in the memory that it tells.

    Adapters are put into the weights first, where these are not quantised.

    Args:
        folder: Of the generator.
        quantisation: Of its weights; None is what it was tuned with.
        examples: What it answers.
        plan: What is timed; its lengths are tokens of prompts.
        sampling: How answers are written.
        threads: CPU threads; None is one per core.

    Returns:
        `latency_ms.<batch size>`, `documents_per_s`, `tokens_per_s` (written), `hours_per_10k_documents` with
        `_low` and `_high`, `loss` in nats a token of the references and `perplexity`, `lengths` and
        `length_exponent` (see `_time_reading`), `model_mb` of the weights and `peak_rss_mb`; and the answers
        of the last round.

    Raises:
        UserError: If there are no examples, or the generator cannot be loaded so.
    """
    hardware.set_threads(threads)
    mergeable = quantisation is None and read_record(folder / MANIFEST, Manifest).quantisation == "none"
    writer = load(folder, quantisation=quantisation, merged=mergeable)
    sample = cycled(examples, plan.documents)
    timed = _Timed(writer, sampling, plan.seed)
    sizes = {1, *plan.batch_sizes, plan.documents}
    name = quantisation or "weights as tuned"
    times = time_batches(timed, sample, sizes, repeats=plan.repeats, name=name)
    answers = timed.written  # of the largest batch, which holds all documents
    rate = plan.documents / float(np.median(times[plan.documents]))
    hours = hours_for_many(rate)
    low, high = hours_interval(
        hours, times[1], len(examples), samples=plan.samples, level=plan.level, seed=plan.seed
    )
    cost = mean(writer.losses(sample))
    figures = {
        "latency_ms": {str(size): percentiles(times[size]) for size in plan.batch_sizes},
        "documents_per_s": rate,
        "tokens_per_s": rate * sum(answer.tokens for answer in answers) / plan.documents,
        "hours_per_10k_documents": hours,
        "hours_per_10k_documents_low": low,
        "hours_per_10k_documents_high": high,
        "loss": cost,
        "perplexity": math.exp(cost),
        **_time_reading(writer, sample, plan.lengths, plan.repeats),
        "model_mb": megabytes(writer.model),
        "peak_rss_mb": hardware.peak_rss_mb(),
    }
    return figures, [answer.text for answer in answers]


def _time_reading(writer: Writer, sample: Sequence[Example], lengths: Sequence[int], repeats: int) -> Figures:
    """How long prompts of so many tokens are read, before the first token of an answer is written."""
    tokens = [token for example in sample for token in writer.chat.prompt(example)]
    found: Figures = {}
    for length in sorted(set(lengths)):
        prompt = list(islice(cycle(tokens), length))
        _read(writer, prompt)  # a warm-up that is not counted
        taken = float(np.median([_read(writer, prompt) for _ in range(repeats)]))
        found[str(length)] = {"subwords": length, "ms": taken * 1000, "tokens_per_s": length / taken}
    points = [(each["subwords"], each["ms"]) for each in found.values()]
    return {"lengths": found, "length_exponent": exponent(points)}


@torch.inference_mode()
def _read(writer: Writer, prompt: list[int]) -> float:
    device = next(writer.model.parameters()).device
    start = time.perf_counter()
    logits = writer.model(input_ids=torch.tensor([prompt], device=device), logits_to_keep=1).logits
    logits.cpu()  # a GPU is done only when its result is here
    return time.perf_counter() - start
