"""Copies of training documents with other mentions of the same type in the places of rare ones."""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from typing import NamedTuple

import numpy as np
from pydantic.dataclasses import dataclass

from spanwise.errors import UserError
from spanwise.schema import Example, Span

LETTER = re.compile(r"\w")  # what would grow together with a word beside it, see encoding.WORD


@dataclass(frozen=True)
class Augmentation:
    """Mention replacement (Dai & Adel 2020, arXiv 2010.11683, section 3).

    Attributes:
        replacement: The probability that a mention is replaced; 0 is no augmentation.
        copies: Passes over the training documents, each with draws of its own.
        tiers: The frequency tiers whose labels' mentions are replaced; empty for all.
    """

    replacement: float
    copies: int
    tiers: tuple[str, ...]


class Augmented(NamedTuple):
    """A document in which something was replaced.

    Attributes:
        example: The new document.
        replaced: Those of its spans that hold a new mention, in the order of the text.
    """

    example: Example
    replaced: tuple[Span, ...]


class Pool(NamedTuple):
    """The distinct mentions of one label, case apart.

    Attributes:
        folded: In lower case, sorted.
        spellings: The most frequent spelling of each.
    """

    folded: list[str]
    spellings: list[str]


def replace_mentions(
    examples: Sequence[Example], tiers: Mapping[str, str], *, recipe: Augmentation, seed: int
) -> tuple[list[Augmented], dict[str, int]]:
    """Training documents once more, with other mentions in the places of some.

    A mention is replaced by one of the distinct other strings, case apart, that its label has in `examples`,
    all equally likely, in its most frequent spelling; its first letter becomes a capital where the old
    mention began with just one, since that may begin a sentence. A mention is left alone if it touches
    another span, or a letter or digit outside of it, which the new mention could grow together with.

    The draws for a document follow from the seed, the pass and the document's id: the order of the documents
    does not matter, and a further document changes another one only by bringing new mentions to draw from.

    Args:
        examples: The training side; nothing else may be given, or its mentions leak into the training.
        tiers: The frequency tier of each label.
        recipe: What to replace.
        seed: Of the draws; not negative.

    Returns:
        The copies in which something was replaced, pass by pass in the order of `examples`, with `#` and the
        number of the pass behind their ids; and what came of it: `documents` made, mentions `replaced` in
        them, and, counted once, the `mentions` in the tiers and those left alone because they are
        `touching` something or because their label has a `single` distinct string.

    Raises:
        UserError: If the recipe names a tier in which no label stands, or the id of a copy is taken.
    """
    labels = _labels_in(recipe.tiers, tiers)
    pools = mention_pools(examples, labels)
    candidates, figures = _candidates(examples, pools)
    taken = {example.id for example in examples}
    made = []
    for number in range(1, recipe.copies + 1):
        for example, spans in zip(examples, candidates, strict=True):
            new = _draw(example, spans, pools, recipe.replacement, _random(seed, number, example.id))
            if new:
                made.append(_rewritten(example, new, _free(f"{example.id}#{number}", taken)))
    figures |= {"documents": len(made), "replaced": sum(len(copy.replaced) for copy in made)}
    return made, figures


def mention_pools(examples: Iterable[Example], labels: Iterable[str]) -> dict[str, Pool]:
    """The mentions of each of `labels` that there are to draw from."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for example in examples:
        for span in example.spans:
            counts[span.label][example.text[span.start : span.end]] += 1
    pools = {}
    for label in labels:
        spelling: dict[str, str] = {}
        for mention, _ in sorted(counts[label].items(), key=lambda entry: (-entry[1], entry[0])):
            spelling.setdefault(mention.casefold(), mention)
        folded = sorted(spelling)
        pools[label] = Pool(folded, [spelling[key] for key in folded])
    return pools


def apart(example: Example) -> list[Span]:
    """The spans that touch neither another one nor a letter or digit outside, in the order of the text."""
    text = example.text
    ordered = sorted(example.spans, key=lambda span: (span.start, span.end))
    reached = [-1, *accumulate((span.end for span in ordered), max)]
    following = [*(span.start for span in ordered[1:]), len(text) + 1]
    return [
        span
        for span, before, behind in zip(ordered, reached, following, strict=False)
        if before < span.start
        and span.end < behind
        and not LETTER.match(text[max(span.start - 1, 0) : span.start])
        and not LETTER.match(text[span.end : span.end + 1])
    ]


def _labels_in(wanted: Sequence[str], tiers: Mapping[str, str]) -> list[str]:
    held = sorted(set(tiers.values()))
    unknown = [tier for tier in wanted if tier not in held]
    if unknown:
        raise UserError(
            f"train.augmentation.tiers names {', '.join(unknown)}, in which no label stands",
            hint=f"Labels stand in {', '.join(held)}.",
        )
    return [label for label, tier in tiers.items() if tier in (wanted or held)]


def _candidates(
    examples: Sequence[Example], pools: Mapping[str, Pool]
) -> tuple[list[list[Span]], dict[str, int]]:
    """What can be replaced in each document, and how many mentions cannot."""
    found = []
    figures = {"mentions": 0, "touching": 0, "single": 0}
    for example in examples:
        mentions = sum(span.label in pools for span in example.spans)
        free = [span for span in apart(example) if span.label in pools]
        found.append([span for span in free if len(pools[span.label].folded) > 1])
        figures["mentions"] += mentions
        figures["touching"] += mentions - len(free)
        figures["single"] += len(free) - len(found[-1])
    return found, figures


def _random(seed: int, number: int, document: str) -> np.random.Generator:
    digest = hashlib.sha256(document.encode()).digest()
    return np.random.default_rng([seed, number, int.from_bytes(digest[:8], "big")])


def _draw(
    example: Example,
    spans: Sequence[Span],
    pools: Mapping[str, Pool],
    probability: float,
    random: np.random.Generator,
) -> dict[Span, str]:
    """The new mention of each span that gets one."""
    new = {}
    for span, chance in zip(spans, random.random(len(spans)), strict=True):
        if chance < probability:
            old, pool = example.text[span.start : span.end], pools[span.label]
            drawn = int(random.integers(len(pool.folded) - 1))
            drawn += drawn >= bisect_left(pool.folded, old.casefold())  # passes over the mention itself
            new[span] = _capitalised(pool.spellings[drawn], old)
    return new


def _capitalised(mention: str, old: str) -> str:
    if old[0].isupper() and not old[1:2].isupper():
        return mention[0].upper() + mention[1:]
    return mention


def _free(name: str, taken: set[str]) -> str:
    if name in taken:
        raise UserError(f"a copy of a training document would get the id of another document, {name}")
    return name


def _rewritten(example: Example, new: Mapping[Span, str], name: str) -> Augmented:
    """The document with its new mentions, given in the order of the text, and every span moved along."""
    pieces, done = [], 0
    for span, mention in new.items():
        pieces += [example.text[done : span.start], mention]
        done = span.end
    text = "".join([*pieces, example.text[done:]])
    ends = [span.end for span in new]
    shifts = [0, *accumulate(len(mention) - (span.end - span.start) for span, mention in new.items())]

    def moved(span: Span) -> Span:
        start = span.start + shifts[bisect_right(ends, span.start)]
        length = len(new[span]) if span in new else span.end - span.start
        return Span(start=start, end=start + length, label=span.label)

    copy = Example(
        id=name, text=text, target=tuple(map(moved, example.spans)), group=example.group, split=example.split
    )
    return Augmented(copy, tuple(map(moved, new)))
