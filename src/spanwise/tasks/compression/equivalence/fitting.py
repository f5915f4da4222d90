"""Fitting the judge to probes, and scoring each probe by a judge that saw nothing of its prompt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spanwise.errors import UserError
from spanwise.metrics.bootstrap import Floats
from spanwise.tasks.compression.equivalence.corruption import Probe
from spanwise.tasks.compression.equivalence.coverage import Embed, Rarity
from spanwise.tasks.compression.equivalence.gates import check
from spanwise.tasks.compression.equivalence.judging import Embedding, JudgeRecord, Mapped
from spanwise.tasks.compression.equivalence.plausibility import Plausibility, fit_plausibility
from spanwise.tasks.compression.equivalence.quality import Scored, measure, threshold_of
from spanwise.tasks.compression.equivalence.signals import Signals

Flags = NDArray[np.bool_]

FOLDS = 10
STRENGTH = 1.0  # C of the logistic reading


@dataclass(frozen=True)
class Fitted:
    """A judge, and the out-of-prompt scores that its quality was measured on.

    Attributes:
        record: The judge fitted to all prompts.
        extractive: Scores where outputs must be subsequences.
        any: Scores without that gate.
    """

    record: JudgeRecord
    extractive: Scored
    any: Scored


def fit_judge(
    probes: Sequence[Probe],
    embed: Embed,
    *,
    embedding: Embedding,
    samples: int = 1000,
    level: float = 0.95,
    seed: int = 13,
) -> Fitted:
    """Fit a judge, and measure it.

    The reading of the signals is fitted to what it will decide: faithful probes and foreseen mistakes that
    pass the gates. Kinds that are not foreseen have no part in any fit. Each probe is scored by a reading
    fitted without its prompt (leave one prompt out), on signals whose plausibility is of the other folds of
    prompts. Rarity alone is of all sources: it counts words and knows no verdict.

    Args:
        probes: Of at least `FOLDS` prompts.
        embed: What embeds clauses.
        embedding: What it is called.
        samples: Draws of prompts for the intervals.
        level: Of the intervals.
        seed: Of the drawing.

    Raises:
        UserError: If there are too few prompts, or scikit-learn, rapidfuzz or py3langid is not installed.
    """
    prompts = list(dict.fromkeys(probe.prompt for probe in probes))
    if len(prompts) < FOLDS:
        raise UserError(f"{len(prompts)} prompts, where a judge takes {FOLDS} at least")
    rarity = Rarity.of(dict.fromkeys(probe.source for probe in probes))
    fold = {prompt: index % FOLDS for index, prompt in enumerate(prompts)}
    signals = _signals(probes, fold, rarity, embed)
    gates = [check(probe.source, probe.output) for probe in probes]
    loose = np.array([not [each for each in failures if each.gate != "subsequence"] for failures in gates])
    strict = np.array([not failures for failures in gates])
    fitted = strict & np.array([probe.foreseen for probe in probes])
    scores = _left_out(probes, signals, fitted)
    extractive, anything = Scored(probes, scores * strict), Scored(probes, scores * loose)
    drawing: dict[str, Any] = {"samples": samples, "level": level, "seed": seed}
    plausibility = _plausibility(probes)
    record = JudgeRecord(
        embedding=embedding,
        mapped=_read(probes, signals, fitted),
        threshold=threshold_of(extractive),
        documents=rarity.documents,
        frequencies=dict(rarity.frequencies),
        intercept=plausibility.intercept,
        weights=dict(plausibility.weights),
        quality={"extractive": measure(extractive, **drawing), "any": measure(anything, **drawing)},
    )
    return Fitted(record, extractive, anything)


def _plausibility(probes: Sequence[Probe]) -> Plausibility:
    return fit_plausibility((probe.source, probe.output) for probe in probes if probe.faithful)


def _signals(probes: Sequence[Probe], fold: dict[str, int], rarity: Rarity, embed: Embed) -> Floats:
    """The signals of each probe by what the other folds taught, [probes, signals]."""
    found: dict[int, list[float]] = {}
    for number in range(FOLDS):
        others = [probe for probe in probes if fold[probe.prompt] != number]
        signals = Signals(rarity, _plausibility(others), embed)
        for index, probe in enumerate(probes):
            if fold[probe.prompt] == number:
                found[index] = signals(probe.source, probe.output)
    return np.array([found[index] for index in range(len(probes))])


def _left_out(probes: Sequence[Probe], signals: Floats, fitted: Flags) -> Floats:
    """The score of each probe by a reading fitted without its prompt, [probes]."""
    scores = np.zeros(len(probes))
    for prompt in dict.fromkeys(probe.prompt for probe in probes):
        own = np.array([probe.prompt == prompt for probe in probes])
        reading = _read(probes, signals, fitted & ~own)
        scores[own] = [reading(row.tolist()) for row in signals[own]]
    return scores


def _read(probes: Sequence[Probe], signals: Floats, fitted: Flags) -> Mapped:
    try:
        from sklearn.linear_model import LogisticRegression
    except ImportError:
        raise UserError("fitting a judge takes scikit-learn", hint="pip install 'spanwise[train]'") from None
    chosen, truth = signals[fitted], np.array([probe.faithful for probe in probes])[fitted]
    if len(set(truth)) < 2:
        raise UserError("nothing to fit: the gates must let faithful and corrupted probes pass")
    means, scales = chosen.mean(axis=0), np.maximum(chosen.std(axis=0), 1e-6)
    model = LogisticRegression(C=STRENGTH, class_weight="balanced").fit((chosen - means) / scales, truth)
    return Mapped(
        intercept=round(float(model.intercept_[0]), 6),
        weights=_rounded(model.coef_[0]),
        means=_rounded(means),
        scales=_rounded(scales),
    )


def _rounded(values: Floats) -> tuple[float, ...]:
    return tuple(round(float(value), 6) for value in values)
