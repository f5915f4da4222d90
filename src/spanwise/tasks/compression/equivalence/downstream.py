"""Downstream equivalence: one model answers both prompts, and its answers are compared.

Where the shorter prompt says the same, the model should answer the same. Any two answers of one model
resemble each other, so the answers to other prompts stand beside: what counts is how far agreement is above.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from spanwise.errors import UserError
from spanwise.metrics.bootstrap import FEWEST_GROUPS, Bounds, Floats, interval, resample
from spanwise.tasks.compression.equivalence.coverage import Embed
from spanwise.tasks.compression.equivalence.negations import cues
from spanwise.tasks.compression.equivalence.numbers import quantities

Ask = Callable[[Sequence[str]], Sequence[str]]
"""Prompts -> the answer to each."""
MEASURES = ("same", "chrf", "facts", "similarity")


class Agreement(NamedTuple):
    """One figure of how far answers agree, a mean over prompts, each from 0 to 1.

    Attributes:
        both: Of the answers to a prompt and its shorter form.
        low: The lower bound of it; None below five groups.
        high: The upper bound.
        others: Of the answers to a prompt and to the shorter form of another one.
    """

    both: float
    low: float | None
    high: float | None
    others: float


@dataclass(frozen=True)
class Comparison:
    """What came of it.

    Attributes:
        prompts: How many.
        empty: To how many either answer was empty; they count as they are.
        agreements: By name. `same`: the answers are letter for letter the same. `chrf`: chrF of the second
            against the first (Popović 2015). `facts`: the same numbers with their units, and the same
            negations and conditions. `similarity`: the cosine of embeddings, which sees neither; only where
            there is an embedding.
        answers: Of each prompt, to it and to its shorter form.
    """

    prompts: int
    empty: int
    agreements: dict[str, Agreement]
    answers: tuple[tuple[str, str], ...]


def downstream(
    prompts: Sequence[str],
    shorter: Sequence[str],
    groups: Sequence[str],
    *,
    ask: Ask,
    instruction: str,
    embed: Embed | None,
    samples: int,
    level: float,
    seed: int,
) -> Comparison:
    """Have a model answer all prompts and their shorter forms, and compare.

    Args:
        prompts: As they were.
        shorter: The form of each that is judged.
        groups: Prompts that resemble each other share one.
        ask: The model; the same question must give the same answer.
        instruction: What stands before each, and is not shortened.
        embed: For `similarity`.
        samples: Draws of groups.
        level: Of the intervals.
        seed: Of the draws.

    Raises:
        UserError: If there are fewer than two prompts, or sacrebleu is not installed.
    """
    if len(prompts) < 2:
        raise UserError("answers are compared over two prompts and more")
    asked = [f"{instruction}\n\n{text}" for text in (*prompts, *shorter)]
    answers = list(ask(asked))
    first, second = answers[: len(prompts)], answers[len(prompts) :]
    both = _agreement(first, second, embed)
    others = _agreement(first, [*second[1:], second[0]], embed)
    names = MEASURES if embed else MEASURES[:-1]
    bounds = _bounds(both, groups, samples=samples, level=level, seed=seed)
    means = zip(names, both.mean(axis=0).tolist(), bounds, others.mean(axis=0).tolist(), strict=True)
    return Comparison(
        prompts=len(prompts),
        empty=sum(not (one.strip() and other.strip()) for one, other in zip(first, second, strict=True)),
        agreements={name: Agreement(mean, low, high, other) for name, mean, (low, high), other in means},
        answers=tuple(zip(first, second, strict=True)),
    )


def same_facts(first: str, second: str) -> bool:
    """Whether two texts have the same numbers with their units, and the same cues, in whatever order."""
    return _facts(first) == _facts(second)


def _facts(text: str) -> tuple[list[tuple[str, str]], list[str]]:
    numbers = sorted((quantity.value, quantity.unit or "") for quantity in quantities(text))
    return numbers, sorted(cue.name for cue in cues(text))


def _agreement(first: Sequence[str], second: Sequence[str], embed: Embed | None) -> Floats:
    """Each figure of each pair of answers, [prompts, figures]."""
    pairs = list(zip(first, second, strict=True))
    columns = [
        [float(one == other) for one, other in pairs],
        [_chrf(one, other) for one, other in pairs],
        [float(same_facts(one, other)) for one, other in pairs],
    ]
    if embed is not None:
        left, right = embed(first), embed(second)
        columns.append((left * right).sum(axis=1).clip(0, 1).tolist())
    return np.array(columns, dtype=np.float64).T


def _chrf(reference: str, answer: str) -> float:
    try:
        from sacrebleu import sentence_chrf
    except ImportError:
        raise UserError(
            "comparing answers takes sacrebleu", hint="pip install 'spanwise[generate]'"
        ) from None
    return float(sentence_chrf(answer, [reference]).score) / 100


def _bounds(values: Floats, groups: Sequence[str], *, samples: int, level: float, seed: int) -> list[Bounds]:
    """The interval of each mean over groups that are drawn with replacement."""
    _, places = np.unique(groups, return_inverse=True)
    number = int(places.max()) + 1
    if number < FEWEST_GROUPS:
        return [(None, None)] * values.shape[1]
    sums = np.zeros((number, values.shape[1] + 1))
    np.add.at(sums, places, np.column_stack([values, np.ones(len(values))]))
    [drawn] = resample(sums, samples=samples, seed=seed)
    return [interval(column / drawn[:, -1], level=level) for column in drawn[:, :-1].T]
