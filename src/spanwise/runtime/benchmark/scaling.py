"""How time grows with the length of a document."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import partial
from itertools import cycle

import numpy as np
from rich.progress import track

from spanwise.encoding import Encoder
from spanwise.runtime.benchmark.timing import Clock, Figures, Predicts, exhaust, seconds
from spanwise.schema import Example

BETWEEN = "\n\n"
FEWEST = 3  # lengths that an exponent needs


def time_lengths(
    predictor: Predicts,
    encoder: Encoder,
    examples: Sequence[Example],
    lengths: Sequence[int],
    *,
    repeats: int,
    clock: Clock = time.perf_counter,
    name: str = "lengths",
) -> Figures:
    """Time documents of several lengths, each alone.

    Args:
        predictor: What is timed.
        encoder: Its encoder, which counts subwords.
        examples: What the documents are made of.
        lengths: Their subwords, about.
        repeats: How often each is predicted; the median counts.
        clock: Tells the time in seconds.
        name: Of the progress bar.

    Returns:
        `lengths.<length>.{subwords,ms,tokens_per_s}`, and `length_exponent`: the slope of milliseconds over
        subwords, both as logarithms; 1 where time grows as the text does, 2 where it grows with its square.
        None of fewer than three lengths.
    """
    found = {}
    for length in track(sorted(set(lengths)), description=name):
        document = joined(examples, encoder, length)
        predict = partial(predictor, [document])
        exhaust(predict())
        taken = float(np.median([seconds(predict, clock) for _ in range(repeats)]))
        subwords = encoder(document.text).subwords
        found[str(length)] = {"subwords": subwords, "ms": taken * 1000, "tokens_per_s": subwords / taken}
    return {"lengths": found, "length_exponent": exponent([(e["subwords"], e["ms"]) for e in found.values()])}


def joined(examples: Sequence[Example], encoder: Encoder, subwords: int) -> Example:
    """A document of about so many subwords: texts one after another, the last one cut off.

    Raises:
        ValueError: If none of the texts has a subword.
    """
    if not any(encoder(example.text).subwords for example in examples):
        raise ValueError("the documents have no subword between them")
    texts: list[str] = []
    missing = subwords
    for example in cycle(examples):
        found = encoder(example.text).subwords
        if found >= missing:
            texts.append(example.text[: round(len(example.text) * missing / found)])
            break
        texts.append(example.text)
        missing -= found
    return Example(id=f"joined-{subwords}", text=BETWEEN.join(texts), target=(), group="joined")


def exponent(points: Sequence[tuple[float, float]]) -> float | None:
    """The slope of the second over the first, both as logarithms; None of fewer than three points."""
    if len(points) < FEWEST:
        return None
    x, y = np.log(np.array(points)).T
    return float(np.polyfit(x, y, 1)[0])
