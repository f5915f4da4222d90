"""How well documents are masked: what is missed, what is masked besides, and whether aliases hold.

Pure functions of the gold standard and of masked texts. An entity counts as masked only if all its
mentions are, every letter of them (TAB: Pilán et al. 2022, Computational Linguistics 48, 4). Intervals are
drawn over groups of documents; where no entity is missed they are those of Clopper & Pearson (1934), which
know that few were looked at.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from spanwise.metrics.bootstrap import Bounds, ratio_interval, resample
from spanwise.schema import Span
from spanwise.tasks.pii.entities import canonical, is_part
from spanwise.tasks.pii.folding import bare
from spanwise.tasks.pii.labels import DIRECT, OTHER, STRONG
from spanwise.tasks.pii.levels import Level, masked_labels
from spanwise.tasks.pii.masking import Masked
from spanwise.tasks.pii.operators import is_coarse


@dataclass(frozen=True)
class Audit:
    """One document: what was to be masked, and what was.

    Attributes:
        text: The original.
        gold: Its personal data, and what else is named in `kept`.
        places: Half-open offsets of what is masked, in order and without overlap.
        group: Whom the document is of: intervals are drawn over groups.
        kept: Spans that should stay, by what they are: `skill`, `title`.
    """

    text: str
    gold: tuple[Span, ...]
    places: tuple[tuple[int, int], ...]
    group: str
    kept: Mapping[str, tuple[Span, ...]]


@dataclass(frozen=True)
class Count:
    """How many of how many, with the group they are counted in."""

    group: str
    part: float
    whole: float


def audit(
    masked: Masked, gold: Iterable[Span], *, group: str, kept: Mapping[str, Iterable[Span]] | None = None
) -> Audit:
    """A masked document beside its gold standard."""
    places = tuple((each.start, each.end) for each in masked.replacements)
    stay = {name: tuple(spans) for name, spans in (kept or {}).items()}
    return Audit(masked.original, tuple(gold), places, group, stay)


def score(
    audits: Sequence[Audit], level: Level, *, samples: int = 1000, confidence: float = 0.95, seed: int = 0
) -> dict[str, Any]:
    """The figures of one level, each a share with `low` and `high`, its `part` and `whole`.

    Returns:
        `direct` and `quasi` (entities wholly masked, of direct and of all other identifiers that the level
        masks), `clean_documents` (those without any missed direct identifier), `over_masked` (characters
        masked that are no identifier of any kind, of all characters), `kept` (by what should stay: the
        share of it that is whole) and `labels` (entities wholly masked, by label).
    """

    def share(counts: Iterable[Count]) -> dict[str, Any]:
        return share_of(list(counts), samples=samples, confidence=confidence, seed=seed)

    wanted = masked_labels(level)
    entities = [each for one in audits for each in _entities(one, level)]
    labels = sorted({label for label, _ in entities})
    return {
        "direct": share(count for label, count in entities if label in DIRECT),
        "quasi": share(count for label, count in entities if label in (STRONG | OTHER) & wanted),
        "clean_documents": share(_clean(one, level) for one in audits),
        "over_masked": share(_over(one) for one in audits),
        "kept": {
            name: share(_kept(one, name) for one in audits)
            for name in sorted({name for one in audits for name in one.kept})
        },
        "labels": {label: share(count for other, count in entities if other == label) for label in labels},
    }


def share_of(
    counts: Sequence[Count], *, samples: int = 1000, confidence: float = 0.95, seed: int = 0
) -> dict[str, Any]:
    """A share of sums over groups with its interval; exact where the share is 0 or 1."""
    part, whole = sum(count.part for count in counts), sum(count.whole for count in counts)
    if not whole:
        return {"value": None, "low": None, "high": None, "part": 0, "whole": 0}
    exact = part in (0, whole)
    low, high = (
        clopper_pearson(int(part), int(whole), confidence)
        if exact
        else _drawn(counts, samples, confidence, seed)
    )
    return {"value": part / whole, "low": low, "high": high, "part": part, "whole": whole}


def clopper_pearson(part: int, whole: int, confidence: float = 0.95) -> Bounds:
    """The exact interval of a share (Clopper & Pearson 1934, Biometrika 26)."""
    from scipy.stats import beta

    tail = (1 - confidence) / 2
    low = 0.0 if part == 0 else float(beta.ppf(tail, part, whole - part + 1))
    high = 1.0 if part == whole else float(beta.ppf(1 - tail, part + 1, whole - part))
    return low, high


def aliases(documents: Iterable[Sequence[tuple[str, str, str]]]) -> dict[str, float | None]:
    """Whether each entity has one alias, and each alias one entity.

    Args:
        documents: Of each key scope, the label, the key and the alias of every mention.

    Returns:
        `consistent` (entities with one alias) and `injective` (aliases with one entity), shares; None
        without any.
    """
    given: dict[tuple[int, str, str], set[str]] = defaultdict(set)
    holders: dict[tuple[int, str], set[tuple[str, str]]] = defaultdict(set)
    for scope, mentions in enumerate(documents):
        for label, key, alias in mentions:
            given[scope, label, key].add(alias)
            holders[scope, alias].add((label, key))
    return {
        "consistent": _single(given.values()),
        "injective": _single(holders.values()),
    }


def leaked(surfaces: Iterable[str], places: Mapping[str, str]) -> dict[str, list[str]]:
    """Which surfaces stand somewhere in what is handed out, case and accents aside.

    Args:
        surfaces: Of direct identifiers, four characters or more.
        places: Text by where it is: the document, its metadata, its file name.

    Returns:
        The places of each surface that is found.
    """
    texts = {name: bare(text) for name, text in places.items()}
    found = {}
    for surface in sorted({each for each in surfaces if len(each) >= 4}):
        where = [name for name, text in texts.items() if bare(surface) in text]
        if where:
            found[surface] = where
    return found


def parser_ratio(
    parse_f1: Callable[[Sequence[str]], float], before: Sequence[str], after: Sequence[str]
) -> float | None:
    """How much of a parser's F1 is left on masked documents; None where it had none.

    Args:
        parse_f1: Texts -> the F1 of a parser on them, identifiers aside.
        before: The originals.
        after: The same, masked.
    """
    first = parse_f1(before)
    return parse_f1(after) / first if first else None


def _entities(one: Audit, level: Level) -> list[tuple[str, Count]]:
    """Each entity of the labels that a level masks: 1 of 1 where all its mentions are masked."""
    wanted = masked_labels(level)
    mentions: dict[tuple[str, str], list[Span]] = defaultdict(list)
    for span in one.gold:
        surface = one.text[span.start : span.end]
        if span.label in wanted and not (level == "moderate" and is_coarse(span.label, surface)):
            mentions[span.label, canonical(span.label, surface)].append(span)
    covered = _covered(one)
    found = []
    for (label, _), spans in sorted(_joined(mentions).items()):
        safe = all(_hidden(one.text, span, covered) for span in spans)
        found.append((label, Count(one.group, float(safe), 1.0)))
    return found


def _joined(mentions: Mapping[tuple[str, str], list[Span]]) -> dict[tuple[str, str], list[Span]]:
    """Persons together with their partial names."""
    found: dict[tuple[str, str], list[Span]] = defaultdict(list)
    names = sorted((key for label, key in mentions if label == "PERSON"), key=lambda key: -len(key.split()))
    for (label, key), spans in mentions.items():
        whole = next((name for name in names if is_part(key, name)), key) if label == "PERSON" else key
        found[label, whole] += spans
    return found


def _covered(one: Audit) -> np.ndarray[Any, np.dtype[np.bool_]]:
    covered = np.zeros(len(one.text), dtype=np.bool_)
    for start, end in one.places:
        covered[start:end] = True
    return covered


def _hidden(text: str, span: Span, covered: np.ndarray[Any, np.dtype[np.bool_]]) -> bool:
    """Whether no letter or digit of a span is left to be read."""
    return all(covered[i] or not text[i].isalnum() for i in range(span.start, span.end))


def _clean(one: Audit, level: Level) -> Count:
    missed = any(label in DIRECT and not count.part for label, count in _entities(one, level))
    return Count(one.group, float(not missed), 1.0)


def _over(one: Audit) -> Count:
    """Characters masked outside of any personal data, of all; spaces are nobody's."""
    covered = _covered(one)
    for span in one.gold:
        covered[span.start : span.end] = False
    letters = np.array([not character.isspace() for character in one.text], dtype=np.bool_)
    return Count(one.group, float((covered & letters).sum()), float(letters.sum()))


def _kept(one: Audit, name: str) -> Count:
    covered = _covered(one)
    spans = one.kept.get(name, ())
    whole = sum(not covered[span.start : span.end].any() for span in spans)
    return Count(one.group, float(whole), float(len(spans)))


def _single(sets: Iterable[set[Any]]) -> float | None:
    sizes = [len(each) for each in sets]
    return sum(size == 1 for size in sizes) / len(sizes) if sizes else None


def _drawn(counts: Sequence[Count], samples: int, confidence: float, seed: int) -> Bounds:
    sums: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for count in counts:
        sums[count.group][0] += count.part
        sums[count.group][1] += count.whole
    table = np.array([sums[group] for group in sorted(sums)])
    drawn = resample(table, samples=samples, seed=seed)[0]
    holders = int(np.count_nonzero(table[:, 1]))
    return ratio_interval(drawn[:, 0], drawn[:, 1], holders=holders, level=confidence)
