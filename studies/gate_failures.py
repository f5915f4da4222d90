"""gate_failures: made-up prompts by the thousand, each compressed, and what of them is lost.

    python studies/gate_failures.py figures.json --prompts 10000

The compressor mends what its gates find before it answers, so that gates alone would count little but prompts
that stayed whole. What was planted into a prompt is looked for as well, by its place.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer

from spanwise import console
from spanwise.io import write_json
from studies.made_prompts import Made, made

CHUNK = 20  # prompts that a process takes at once


class Found(NamedTuple):
    """What became of one prompt.

    Attributes:
        language: Of its prose.
        before: Its tokens.
        after: Those that are left.
        shortfall: Those above the target.
        failures: Gate and kind of each failure, `length` included.
        lost: Planted pieces that are gone.
        planted: How many there were.
    """

    language: str
    before: int
    after: int
    shortfall: int
    failures: tuple[str, ...]
    lost: int
    planted: int


def main(
    figures: Annotated[Path, typer.Argument(help="The JSON to write.")],
    prompts: Annotated[int, typer.Option(min=1, help="How many.")] = 2000,
    rate: Annotated[float, typer.Option(min=0.01, max=1, help="The share of tokens asked for.")] = 0.62,
    tokenizer: Annotated[str, typer.Option(help="As `spanwise compress` takes it.")] = "words",
    workers: Annotated[int, typer.Option(min=1, help="Processes.")] = 1,
    seed: Annotated[int, typer.Option(help="Of the prompts.")] = 13,
) -> None:
    """Compress made-up prompts and write FIGURES: ratio, gate failures and planted pieces lost."""
    started = time.perf_counter()
    work = partial(examine, rate=rate, tokenizer=tokenizer, seed=seed)
    if workers == 1:
        found = [work(number) for number in range(prompts)]
    else:
        with ProcessPoolExecutor(workers) as pool:
            found = list(pool.map(work, range(prompts), chunksize=CHUNK))
    told = {
        "prompts": prompts,
        "rate": rate,
        "tokenizer": tokenizer,
        "seed": seed,
        "seconds": round(time.perf_counter() - started),
        "at_fault": [number for number, each in enumerate(found) if each.failures or each.lost],
        "all": summary(found),
        "languages": {
            name: summary([each for each in found if each.language == name])
            for name in sorted({each.language for each in found})
        },
    }
    write_json(figures, told)
    typer.echo(line(told))


def examine(number: int, *, rate: float, tokenizer: str, seed: int) -> Found:
    """Make up the prompt of this number, compress it, and look for what is lost."""
    from spanwise.tasks.compression.budget import load_tokenizer
    from spanwise.tasks.compression.compressor import Compressor, gates
    from spanwise.tasks.compression.equivalence.gates import check

    counted = load_tokenizer(tokenizer)
    prompt = made(number, seed)
    short = Compressor(tokenizer=counted, check=gates).compress(prompt.text, rate=rate)
    failures = check(prompt.text, short.text, count=counted.count)
    return Found(
        prompt.language,
        short.before,
        short.after,
        short.shortfall,
        tuple(f"{each.gate}: {each.kind}" for each in failures),
        lost(prompt, short.kept or ()),
        len(prompt.planted),
    )


def lost(prompt: Made, kept: Sequence[tuple[int, int]]) -> int:
    """How many planted pieces are not wholly within what was kept, in characters."""
    stays = bytearray(len(prompt.text))
    for start, end in kept:
        stays[start:end] = b"\1" * (end - start)
    return sum(not all(stays[start:end]) for start, end in prompt.planted)


def summary(found: Sequence[Found]) -> dict[str, Any]:
    """Counts of prompts, and the mean of their ratios."""
    reasons = Counter(reason for each in found for reason in each.failures)
    return {
        "prompts": len(found),
        "mean_ratio": round(sum(each.after / each.before for each in found) / len(found), 4),
        "tokens_left": round(sum(each.after for each in found) / sum(each.before for each in found), 4),
        "over_target": sum(each.shortfall > 0 for each in found),
        "gate_failures": sum(bool(each.failures) for each in found),
        "reasons": dict(sorted(reasons.items())),
        "planted": sum(each.planted for each in found),
        "planted_lost": sum(each.lost for each in found),
    }


def line(told: dict[str, Any]) -> str:
    """The figures of all prompts in one line."""
    figures = told["all"]
    return (
        f"{figures['prompts']:,} prompts at rate {told['rate']}: mean ratio {figures['mean_ratio']:.3f}, "
        f"{figures['gate_failures']} with a gate failure, {figures['planted_lost']} of "
        f"{figures['planted']:,} planted pieces lost, {figures['over_target']} over the target"
    )


if __name__ == "__main__":
    console.run(main)
