"""The figures of compression: how short texts became, and what they still say."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from spanwise.encoding import WORD, word_range
from spanwise.metrics.bootstrap import Floats, ratio_interval, resample
from spanwise.schema import Prediction
from spanwise.tasks.compression.agreement import document_words, is_tagged, word_f1
from spanwise.tasks.compression.budget import WORDS, Tokenizer, load_tokenizer
from spanwise.tasks.compression.compressor import gates, passage
from spanwise.tasks.compression.extractive import Cutter, ScoredWords
from spanwise.tasks.compression.facts import PARTS, Kept, facts_kept
from spanwise.tasks.compression.segments import segments

Figures = dict[str, Any]

LENGTHS = {"short": 0, "medium": 128, "long": 512}
"""The fewest words of a text of each length."""


@dataclass(frozen=True)
class Shortened:
    """A text and what a compressor made of it.

    Attributes:
        original: The text.
        text: The shorter one.
        group: Of the documents that belong together; they are drawn together.
        attributes: `domain`, `facts`, and `compressed`, the shorter form by a person, as far as they are
            known.
        mended: Faults that were found on the way, and mended.
    """

    original: str
    text: str
    group: str
    attributes: Mapping[str, Any]
    mended: int = 0

    @property
    def stratum(self) -> str:
        """Domain and length."""
        count = len(WORD.findall(self.original))
        length = max((least, name) for name, least in LENGTHS.items() if count >= least)[1]
        return f"{self.attributes.get('domain', 'prose')}/{length}"


@dataclass(frozen=True)
class Drawing:
    """How intervals are drawn: see `metrics.bootstrap`."""

    samples: int
    level: float
    seed: int


def score(predictions: Sequence[Prediction], *, samples: int, level: float, seed: int) -> Figures:
    """The figures of a side at the tagger's own decisions, without a target: see `measure`.

    What it drops goes the way of every prompt: protected words stay, and gates put back what must not go.
        Code
    is left to what rewrites it, and is not among the texts.

    Args:
        predictions: Of a tagger of dropped words.
        samples: How often groups are drawn anew for the intervals.
        level: The level of the intervals, e.g. 0.95.
        seed: Of the drawing.
    """
    prose = [each for each in predictions if is_tagged(each)]
    drawing = Drawing(samples, level, seed)
    return {"words": word_f1(prose), **measure([_shortened(each) for each in prose], drawing=drawing)}


def _shortened(prediction: Prediction) -> Shortened:
    """The text without what the tagger would drop, as the compressor does it."""
    words = document_words(prediction.text)
    keep = np.ones(len(words))
    for span in prediction.predicted:
        first, behind = word_range(words, span)
        sure = np.array(span.confidence.words)
        keep[first:behind] = 1 - (sure if len(sure) == behind - first else span.confidence.minimum)
    scored = ScoredWords(words, keep)
    passages = [
        passage(prediction.text, each, scored) for each in segments(prediction.text) if each.kind == "prose"
    ]
    found = Cutter(prediction.text, passages, WORDS.count, gates).cut(None)
    return Shortened(prediction.text, found.text, prediction.group, prediction.attributes or {}, found.mended)


def measure(
    texts: Sequence[Shortened],
    *,
    drawing: Drawing,
    tokenizers: Sequence[Tokenizer] | None = None,
) -> Figures:
    """How short texts became, which facts they still hold and which gates they fail, in all and by stratum.

    Args:
        texts: What any compressor made.
        drawing: Of intervals, by groups of texts.
        tokenizers: By which lengths are told; by default words and characters.

    Raises:
        UserError: If rapidfuzz or py3langid is not installed.
    """
    counted = tokenizers or [WORDS, load_tokenizer("characters")]
    strata: dict[str, list[Shortened]] = defaultdict(list)
    for each in texts:
        strata[each.stratum].append(each)
    return {
        **_figures(texts, counted, drawing),
        "by_stratum": {name: _figures(found, counted, drawing) for name, found in sorted(strata.items())},
    }


def _figures(texts: Sequence[Shortened], tokenizers: Sequence[Tokenizer], drawing: Drawing) -> Figures:
    facts = [facts_kept(each.attributes.get("facts", ()), each.original, each.text) for each in texts]
    failures = [gates(each.original, each.text) for each in texts]
    kinds = Counter(f"{failure.gate}: {failure.kind}" for found in failures for failure in found)

    def share(counts: Iterable[tuple[float, float]]) -> Figures:
        return _share([(each.group, *pair) for each, pair in zip(texts, counts, strict=True)], drawing)

    return {
        "documents": len(texts),
        "ratio": {
            tokenizer.name: share(
                (tokenizer.count(each.text), tokenizer.count(each.original)) for each in texts
            )
            for tokenizer in tokenizers
        },
        "ratio_of_people": {
            tokenizer.name: share(
                (tokenizer.count(each.attributes["compressed"]), tokenizer.count(each.original))
                if "compressed" in each.attributes
                else (0, 0)
                for each in texts
            )
            for tokenizer in tokenizers
        },
        "facts": {
            **{part: share(found[part] for found in facts) for part in PARTS},
            "all": share(_sum(found.values()) for found in facts),
        },
        "gates": {
            "passed": share((not found, 1) for found in failures),
            "failures": dict(sorted(kinds.items())),
            "mended": sum(each.mended for each in texts),
        },
    }


def _sum(parts: Iterable[Kept]) -> Kept:
    return Kept(*(sum(column) for column in zip(*parts, strict=True)))


def _share(rows: Sequence[tuple[str, float, float]], drawing: Drawing) -> Figures:
    """A share of counts, each with its group, part and whole; None of nothing."""
    counts: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for group, part, whole in rows:
        counts[group][0] += part
        counts[group][1] += whole
    table: Floats = np.array(list(counts.values()), dtype=np.float64).reshape(-1, 2)
    part_drawn, whole_drawn = resample(table[:, :1], table[:, 1:], samples=drawing.samples, seed=drawing.seed)
    holders = int((table[:, 1] > 0).sum())
    low, high = ratio_interval(part_drawn[:, 0], whole_drawn[:, 0], holders=holders, level=drawing.level)
    part, whole = table.sum(axis=0).tolist()
    return {"share": part / whole if whole else None, "low": low, "high": high, "of": int(whole)}
