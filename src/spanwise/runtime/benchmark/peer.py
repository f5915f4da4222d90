"""The predictor beside Hugging Face's pipeline, in turn.

Both hold the same weights, in one process with the same threads. Each round runs every setting of the
pipeline and every backend of the predictor; what is told is the ratio of their times within a round.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from itertools import chain, zip_longest
from pathlib import Path
from typing import Any

import numpy as np

from spanwise import hardware
from spanwise.artifact import WINDOWS, Windows
from spanwise.io import read_record
from spanwise.runtime.benchmark.pipeline import HALF, STORED, Peer, Run, Setting, count_dropped, settings_of
from spanwise.runtime.benchmark.timing import Clock, Figures, Predicts, alternate, cycled, exhaust
from spanwise.schema import Example

Times = Mapping[str, Sequence[float]]
Named = tuple[str, Callable[[Sequence[Example]], Iterable[object]]]

NAME = "hf-pipeline"
WARM_UP = 2  # documents before the rounds, for each setting and backend


def measure_peer(
    folder: Path,
    examples: Sequence[Example],
    *,
    backends: Sequence[str],
    threads: int | None,
    batch_tokens: int,
    documents: int,
    repeats: int,
    batch_sizes: Sequence[int],
    clock: Clock = time.perf_counter,
) -> Figures:
    """Run the pipeline and the predictor in turn.

    Args:
        folder: Of the model.
        examples: What both predict.
        backends: Of the predictor.
        threads: CPU threads of torch and of ONNX Runtime; None is one per core.
        batch_tokens: Tokens that the predictor lets through the model at once.
        documents: How many of the examples are taken, if there are as many; none twice.
        repeats: Rounds.
        batch_sizes: Of the pipeline.
        clock: Tells the time in seconds.

    Returns:
        What was measured on what, `compare`'s ratios, and what is dropped: by the pipeline as it is by
        itself, under `truncating` (`pipeline.count_dropped`), and `tokens_dropped_by_us`.

    Raises:
        UserError: If there are no examples, or the model cannot be loaded with a backend.
    """
    import transformers

    from spanwise.runtime.predictor import Predictor

    sample = cycled(examples, min(documents, len(examples) or 1))
    hardware.set_threads(threads)
    predictors = {
        name: Predictor.load(folder, batch_tokens=batch_tokens, backend=name, threads=threads)
        for name in backends
    }
    peer = Peer(folder)
    whole, truncating = settings_of(read_record(folder / WINDOWS, Windows), peer.limit, batch_sizes)
    theirs = {str(each): peer.prepare(each) for each in [*whole, truncating]}
    single = {_single(name): partial(_one_by_one, own) for name, own in predictors.items()}
    arms = [*_merged([*theirs.items()], [*predictors.items(), *single.items()])]
    for _, arm in arms:
        exhaust(arm(sample[:WARM_UP]))
    runs: dict[str, Run] = {name: partial(arm, sample) for name, arm in arms}
    times = alternate(runs, rounds=repeats, clock=clock, name=f"{NAME} in turn")
    first = predictors[backends[0]]
    lost = count_dropped(peer.tokenizer(), peer.limit, first(sample))
    figures = compare(times, whole, truncating, backends, len(sample))
    return {
        **figures,
        "name": NAME,
        "version": transformers.__version__,
        "documents": len(sample),
        "rounds": repeats,
        "threads": hardware.describe().threads,
        "truncating": {**figures["truncating"], **lost},
        "entities_dropped": lost["entities_dropped"],
        "tokens_dropped_by_us": sum(
            first.encoder(each.text).truncated(first.encoder.special_tokens) for each in sample
        ),
    }


def compare(
    times: Times, whole: Sequence[Setting], truncating: Setting, backends: Sequence[str], documents: int
) -> Figures:
    """Ratios of what `alternate` timed: how many times as long the pipeline takes.

    Args:
        times: Seconds of each round by the name of a setting or a backend, and by that of a backend that got
            documents one by one.
        whole: Settings that read every token.
        truncating: The one that does not.
        backends: Names of backends.
        documents: How many were predicted in a round.

    Returns:
        `speedup_best`, the quickest backend against the quickest setting that reads every token with the
        weights as they are, and `speedup_batch1`, the same one document and one window at a time; `_low` and
        `_high` are the least and greatest of a round. `quickest`, `bfloat16` and `truncating` are single
        settings with their own `speedup`; `ours` and `settings` hold all backends and all settings.
    """
    median = {name: float(np.median(each)) for name, each in times.items()}
    exact = [each for each in whole if each.precision == STORED]
    quickest = min(exact, key=lambda each: median[str(each)])
    alone = min((each for each in exact if each.batch_size == 1), key=lambda each: median[str(each)])
    half = next(each for each in whole if each.precision == HALF)
    best = min(backends, key=lambda name: median[name])
    best_alone = min(map(_single, backends), key=lambda name: median[name])

    def told(setting: Setting) -> Figures:
        return {**asdict(setting), "documents_per_s": documents / median[str(setting)]}

    return {
        "backend": best,
        **_ratio("speedup_best", times[str(quickest)], times[best]),
        **_ratio("speedup_batch1", times[str(alone)], times[best_alone]),
        **{
            name: {**told(setting), **_ratio("speedup", times[str(setting)], times[best])}
            for name, setting in {"quickest": quickest, HALF: half, "truncating": truncating}.items()
        },
        "ours": {
            name: {
                "documents_per_s": documents / median[name],
                **_ratio("speedup", times[str(quickest)], times[name]),
            }
            for name in backends
        },
        "settings": [told(each) for each in whole],
    }


def _ratio(name: str, theirs: Sequence[float], ours: Sequence[float]) -> dict[str, float]:
    """The median of the ratios in each round, the least and the greatest."""
    ratios = np.array(theirs) / np.array(ours)
    return {
        name: float(np.median(ratios)),
        f"{name}_low": float(ratios.min()),
        f"{name}_high": float(ratios.max()),
    }


def _single(backend: str) -> str:
    return f"{backend}, one by one"


def _one_by_one(predictor: Predicts, sample: Iterable[Example]) -> Iterator[Any]:
    for example in sample:
        yield from predictor([example])


def _merged(one: Sequence[Named], other: Sequence[Named]) -> Iterator[Named]:
    """One of each in turn, so that neither side has the machine's slow minutes to itself."""
    return (each for each in chain.from_iterable(zip_longest(one, other)) if each is not None)
