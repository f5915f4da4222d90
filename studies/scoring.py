"""scoring: what it costs to score a large corpus, beside seqeval and nervaluate on the same spans."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from spanwise import console
from spanwise.io import write_json
from spanwise.metrics import strata
from spanwise.metrics.evaluation import evaluate
from spanwise.metrics.semeval import SCHEMES
from spanwise.schema import Confidence, GoldSpan, PredictedSpan, Prediction, Span

WIDTH = 7  # characters of a word and the space behind it: all alike, so that distances in words agree
LENGTHS = (0.53, 0.25, 0.12, 0.05, 0.03, 0.02)  # shares of mentions of 1, 2 ... words
TIERS = ("high", "medium", "low")
SURE = Confidence(words=(0.9,), minimum=0.9, mean=0.9, product=0.9, span=0.9)
COUNTED = ("correct", "incorrect", "partial", "missed", "spurious")

Tags = list[list[str]]


def main(
    figures: Annotated[Path, typer.Argument(help="The JSON to write.")],
    documents: Annotated[int, typer.Option(help="Of the made-up corpus.")] = 2500,
    words: Annotated[int, typer.Option(help="Of a document.")] = 400,
    types: Annotated[int, typer.Option(help="Of its entities.")] = 40,
    samples: Annotated[int, typer.Option(help="Of the bootstrap; the peers have none.")] = 1000,
    rounds: Annotated[int, typer.Option(help="In which each is timed once, in turn.")] = 3,
    seed: Annotated[int, typer.Option(help="Of corpus and bootstrap.")] = 13,
) -> None:
    """Time the scoring of a made-up corpus by `evaluate`, seqeval (strict) and nervaluate; write FIGURES.

    They are processor seconds. What each reads, predictions or tags, is made beforehand and not timed.
    """
    corpus = make_corpus(documents, words, types, seed=seed)
    seen = {
        strata.mention(span.label, each.text[span.start : span.end])
        for each in corpus[::2]
        for span in each.gold
    }
    truth = [tags_of(each.gold, words) for each in corpus]
    guess = [tags_of(each.predicted, words) for each in corpus]
    programs = {
        "spanwise": lambda: evaluate(corpus, samples=samples, level=0.95, seed=seed, mentions=seen),
        "seqeval": lambda: by_seqeval(truth, guess),
        "nervaluate": lambda: by_nervaluate(truth, guess),
    }
    seconds, results = time_rounds(programs, rounds)
    peers = seconds["seqeval"] + seconds["nervaluate"]
    write_json(
        figures,
        {
            "documents": documents,
            "words": documents * words,
            "types": types,
            "gold": sum(len(each.gold) for each in corpus),
            "predicted": sum(len(each.predicted) for each in corpus),
            "samples": samples,
            "rounds": rounds,
            "seconds": seconds,
            "ratios": {
                "seqeval": seconds["seqeval"] / seconds["spanwise"],
                "nervaluate": seconds["nervaluate"] / seconds["spanwise"],
                "both": peers / seconds["spanwise"],
            },
            "largest_difference": largest_difference(**results),
        },
    )


def make_corpus(documents: int, words: int, types: int, *, seed: int) -> list[Prediction]:
    """Documents with about three mentions in ten words, three quarters of them predicted as they are."""
    random = np.random.default_rng(seed)
    share = 1 / np.arange(1, types + 1)
    return [make_document(number, words, share / share.sum(), random) for number in range(documents)]


def make_document(number: int, words: int, share: Sequence[float], random: np.random.Generator) -> Prediction:
    """One of them; `share` is that of each type."""
    gap = random.integers(0, 4, size=words)
    length = 1 + random.choice(len(LENGTHS), size=words, p=LENGTHS)
    end = np.cumsum(gap + length)
    inside = end <= words
    gap, length, end = gap[inside], length[inside], end[inside]
    start, spans = end - length, len(end)
    label = random.choice(len(share), size=spans, p=share)

    kept = random.random(spans) > 0.08
    longer = (random.random(spans) < 0.08) & (gap > 0)
    shorter = (random.random(spans) < 0.1) & (length > 1)
    other = (random.random(spans) < 0.06).astype(np.int64)
    found = np.stack([start - longer, end - shorter, (label + other) % len(share)], axis=1)[kept]
    spurious = (random.random(spans) < 0.25) & (gap == 3)
    invented = np.stack([start - 3, start - 2, label], axis=1)[spurious]

    vocabulary = np.minimum(random.zipf(1.3, size=words), 99_999)
    return Prediction(
        id=f"d{number}",
        text=" ".join(f"w{word:05}" for word in vocabulary),
        group=f"d{number}",
        gold=tuple(
            GoldSpan(**place(*row, types=len(share)))
            for row in np.stack([start, end, label], axis=1).tolist()
        ),
        predicted=tuple(
            PredictedSpan(**place(*row, types=len(share)), confidence=SURE)
            for row in sorted([*found.tolist(), *invented.tolist()])
        ),
    )


def place(start: int, end: int, label: int, *, types: int) -> dict[str, Any]:
    """The fields of a span, told by its words."""
    return {
        "start": start * WIDTH,
        "end": end * WIDTH - 1,
        "label": f"T{label:02}",
        "tier": TIERS[label * len(TIERS) // types],
    }


def tags_of(spans: Sequence[Span], words: int) -> list[str]:
    """The spans of a document as IOB2 tags of its words."""
    tags = ["O"] * words
    for span in spans:
        first, behind = span.start // WIDTH, span.end // WIDTH + 1
        tags[first:behind] = [f"B-{span.label}"] + [f"I-{span.label}"] * (behind - first - 1)
    return tags


def by_seqeval(truth: Tags, guess: Tags) -> Any:
    """Its report: strict scores per type, micro, macro and weighted."""
    from seqeval.metrics import classification_report
    from seqeval.scheme import IOB2

    return classification_report(truth, guess, mode="strict", scheme=IOB2, output_dict=True, zero_division=0)


def by_nervaluate(truth: Tags, guess: Tags) -> Any:
    """Its results over all types; it computes those per type, too."""
    from nervaluate import Evaluator

    labels = sorted({tag[2:] for tags in (*truth, *guess) for tag in tags if tag != "O"})
    return Evaluator(truth, guess, tags=labels, loader="list").evaluate()["overall"]


def time_rounds(
    programs: dict[str, Callable[[], Any]], rounds: int
) -> tuple[dict[str, float], dict[str, Any]]:
    """The median processor seconds of each program, timed in turn in each round, and what each returned.

    The processor's time, all threads together: other work on the machine disturbs it least.
    """
    seconds: dict[str, list[float]] = {name: [] for name in programs}
    results = {}
    for _ in range(rounds):
        for name, program in programs.items():
            clock = time.process_time()
            results[name] = program()
            seconds[name].append(time.process_time() - clock)
    return {name: statistics.median(values) for name, values in seconds.items()}, results


def largest_difference(spanwise: Any, seqeval: Any, nervaluate: Any) -> float:
    """Between what is scored and what the peers make of it: strict F1 and, of the schemes, counts."""
    pairs = [
        (spanwise["strict"][average]["f1"], seqeval[f"{average} avg"]["f1-score"])
        for average in ("micro", "macro", "weighted")
    ]
    pairs += [(found["f1"], seqeval[label]["f1-score"]) for label, found in spanwise["types"].items()]
    for scheme in SCHEMES:
        theirs = nervaluate["ent_type" if scheme == "type" else scheme]
        pairs += [(spanwise["semeval"][scheme][name], getattr(theirs, name)) for name in COUNTED]
    return max(abs(float(ours) - float(theirs)) for ours, theirs in pairs)


if __name__ == "__main__":
    console.run(main)
