"""A/B: two compressors on the same prompts. A paired bootstrap for intervals, a sign-flip test for p-values.

The groups are drawn once for both (Efron & Tibshirani 1993, chapter 13). The p-value is that of a permutation
test which lets the two change places in whole groups (Good 2005, chapter 3), one counted more on both sides
(Phipson & Smyth 2010, arXiv 1603.05766).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from spanwise.errors import UserError
from spanwise.metrics.bootstrap import FEWEST_GROUPS, Bounds, Floats, draw, interval
from spanwise.tasks.compression.equivalence.gates import Count
from spanwise.tasks.compression.equivalence.judging import Judge

Compress = Callable[[str], str]
FIGURES = ("ratio", "gates_passed", "score", "accepted")


@dataclass(frozen=True)
class Prompt:
    """One text to shorten.

    Attributes:
        text: What is shortened.
        group: Prompts that resemble each other, such as parts of one document, share it.
    """

    text: str
    group: str


@dataclass(frozen=True)
class Difference:
    """One figure of both compressors, a mean over prompts.

    Attributes:
        first: Of the one.
        second: Of the other.
        difference: Second less first.
        low: The lower bound of the difference; this and the next two are None below five groups.
        high: The upper bound.
        p_value: Two-sided, of the two being the same.
    """

    first: float
    second: float
    difference: float
    low: float | None
    high: float | None
    p_value: float | None


@dataclass(frozen=True)
class Trial:
    """What came of an A/B test.

    Attributes:
        prompts: How many.
        differences: For each of `FIGURES`: length as a share of the source's tokens, and means of 0 or 1 for
            whether gates were passed and the judge accepted, and of the judge's score.
        quality: The judge's own errors, to be printed beside.
    """

    prompts: int
    differences: dict[str, Difference]
    quality: dict[str, Any]


def outcomes(prompts: Sequence[Prompt], outputs: Sequence[str], *, judge: Judge, count: Count) -> Floats:
    """The figures of one compressor's outputs, [prompts, figures].

    Raises:
        UserError: If there are not as many outputs as prompts.
    """
    if len(prompts) != len(outputs):
        raise UserError(f"{len(outputs)} outputs for {len(prompts)} prompts")
    rows = []
    for prompt, output in zip(prompts, outputs, strict=True):
        said = judge(prompt.text, output)
        ratio = count(output) / max(count(prompt.text), 1)
        rows.append((ratio, float(not said.failures), said.score, float(said.accepted)))
    return np.array(rows, dtype=np.float64).reshape(len(rows), len(FIGURES))


def compare(
    prompts: Sequence[Prompt],
    first: Compress,
    second: Compress,
    *,
    judge: Judge,
    count: Count,
    samples: int,
    level: float,
    seed: int,
) -> Trial:
    """Let two compressors shorten the same prompts, and say which is better in what.

    Args:
        prompts: Neither compressor should have learnt from them.
        first: The one.
        second: The other.
        judge: Of both.
        count: Of tokens.
        samples: Draws of groups, and of permutations.
        level: Of the intervals, e.g. 0.95.
        seed: Of the drawing.

    Raises:
        UserError: If there is no prompt.
    """
    if not prompts:
        raise UserError("no prompts to compare compressors on")
    one, other = (
        outcomes(prompts, [compress(prompt.text) for prompt in prompts], judge=judge, count=count)
        for compress in (first, second)
    )
    groups = [prompt.group for prompt in prompts]
    differences = paired(one, other, groups, samples=samples, level=level, seed=seed)
    return Trial(len(prompts), dict(zip(FIGURES, differences, strict=True)), judge.quality)


def paired(
    first: Floats, second: Floats, groups: Sequence[str], *, samples: int, level: float, seed: int
) -> list[Difference]:
    """Compare figures of the same prompts, each [prompts, figures]; see `compare`."""
    _, places = np.unique(groups, return_inverse=True)
    number = int(places.max()) + 1
    sums = np.zeros((number, first.shape[1]))
    np.add.at(sums, places, second - first)
    sizes = np.bincount(places, minlength=number).astype(np.float64)
    total = sums.sum(axis=0) / sizes.sum()
    drawn = np.concatenate(
        [(block @ sums) / (block @ sizes)[:, None] for block in draw(number, samples=samples, seed=seed)]
    )
    signs = np.random.default_rng(seed).choice((-1.0, 1.0), size=(samples, number))
    flipped = signs @ sums / sizes.sum()
    extreme = (np.abs(flipped) >= np.abs(total) - 1e-12).sum(axis=0)
    bounds: list[Bounds] = [(None, None)] * len(total)
    chances: list[float | None] = [None] * len(total)
    if number >= FEWEST_GROUPS:
        bounds = [interval(column, level=level) for column in drawn.T]
        chances = [(float(count) + 1) / (samples + 1) for count in extreme]
    means = zip(first.mean(axis=0).tolist(), second.mean(axis=0).tolist(), total.tolist(), strict=True)
    return [
        Difference(*three, low, high, chance)
        for three, (low, high), chance in zip(means, bounds, chances, strict=True)
    ]
