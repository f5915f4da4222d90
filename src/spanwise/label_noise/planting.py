"""Wrong gold labels on purpose, to see whether the ranking finds them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import cycle
from random import Random

from spanwise.encoding import WORD
from spanwise.label_noise.disagreements import Kind
from spanwise.label_noise.ranking import Candidate
from spanwise.schema import Example, Span

Bounds = tuple[int, int]
Change = tuple[Span | None, Bounds]
"""What a gold span becomes, if anything, and where the mistake then is."""


@dataclass(frozen=True)
class Planted:
    """A mistake that was planted: the bounds of the wrong or removed annotation."""

    document: str
    kind: Kind
    start: int
    end: int


def plant(examples: Sequence[Example], *, share: float, seed: int) -> tuple[list[Example], list[Planted]]:
    """Make a share of the gold spans wrong.

    In turn, a span gets another type (`type`, drawn by frequency), loses or gains a word at one of its edges
    (`boundary`), or is removed (`missing`); or words without any annotation, as many as it has, get one of a
    type drawn by frequency (`doubtful`). A span for which the change is impossible stays as it is.

    Args:
        examples: One per document, without overlapping spans.
        share: Of the gold spans, how many are drawn.
        seed: Of the drawing.

    Returns:
        The documents with their changed gold spans, and what was planted.
    """
    random = Random(seed)  # noqa: S311
    frequency = Counter(span.label for example in examples for span in example.spans)
    drawn = [(number, span) for number, example in enumerate(examples) for span in example.spans]
    drawn = random.sample(drawn, round(share * len(drawn)))
    gold = [list(example.spans) for example in examples]
    planted: list[Planted] = []
    for (number, span), kind in zip(drawn, cycle(CHANGES), strict=False):
        taken = [
            *examples[number].spans,
            *gold[number],
        ]  # a removed span keeps its place: one mistake a place
        document = _Document(examples[number].text, taken, frequency, random)
        change = CHANGES[kind](document, span)
        if change is None:
            continue
        changed, (start, end) = change
        if kind != "doubtful":
            gold[number].remove(span)
        if changed is not None:
            gold[number].append(changed)
        planted.append(Planted(examples[number].id, kind, start, end))
    spoiled = [
        example.model_copy(update={"target": tuple(sorted(spans, key=lambda span: (span.start, span.end)))})
        for example, spans in zip(examples, gold, strict=True)
    ]
    return spoiled, planted


def recovered(candidates: Sequence[Candidate], planted: Sequence[Planted]) -> list[bool]:
    """Whether each candidate is a planted mistake that none before it is, [candidates].

    A removed annotation is found by a suggestion of the same bounds, every other mistake by its annotation.
    """
    open_ = {(each.document, each.kind == "missing", each.start, each.end) for each in planted}
    found = []
    for candidate in candidates:
        side = candidate.annotated or candidate.suggested
        assert side is not None
        key = candidate.document, candidate.annotated is None, side.start, side.end
        found.append(key in open_)
        open_.discard(key)
    return found


def average_precision(found: Sequence[bool], planted: int) -> float | None:
    """The mean of the precision at each planted mistake, with 0 for those not in the list; None without any.

    Args:
        found: For each candidate, in their order, whether it is one.
        planted: How many there are.
    """
    ranks = [rank for rank, hit in enumerate(found, start=1) if hit]
    return sum(number / rank for number, rank in enumerate(ranks, start=1)) / planted if planted else None


@dataclass(frozen=True)
class _Document:
    """What a change may look at."""

    text: str
    taken: Sequence[Span]
    frequency: Counter[str]
    random: Random

    @property
    def words(self) -> list[Bounds]:
        return [match.span() for match in WORD.finditer(self.text)]

    def label(self, *, other_than: str | None = None) -> str | None:
        """A label drawn by frequency; None if there is no other."""
        known = sorted(label for label in self.frequency if label != other_than)
        return self.random.choices(known, [self.frequency[label] for label in known])[0] if known else None

    def is_free(self, bounds: Bounds, but: Span | None = None) -> bool:
        """Whether no annotation, changed or not, touches these offsets, but for one."""
        start, end = bounds
        return not any(span.start < end and start < span.end for span in self.taken if span is not but)


def _retyped(document: _Document, span: Span) -> Change | None:
    label = document.label(other_than=span.label)
    if label is None:
        return None
    return span.model_copy(update={"label": label}), (span.start, span.end)


def _moved(document: _Document, span: Span) -> Change | None:
    words = document.words
    inside = [word for word in words if span.start < word[1] and word[0] < span.end]
    before = [word for word in words if word[1] <= span.start][-1:]
    behind = [word for word in words if word[0] >= span.end][:1]
    bounds = [(inside[1][0], span.end), (span.start, inside[-2][1])] if len(inside) > 1 else []
    bounds += [(word[0], span.end) for word in before] + [(span.start, word[1]) for word in behind]
    possible = [each for each in bounds if document.is_free(each, but=span)]
    if not possible:
        return None
    start, end = document.random.choice(possible)
    return span.model_copy(update={"start": start, "end": end}), (start, end)


def _removed(_: _Document, span: Span) -> Change | None:
    return None, (span.start, span.end)


def _invented(document: _Document, span: Span) -> Change | None:
    words, length = document.words, len(WORD.findall(document.text[span.start : span.end]))
    bounds = [(words[first][0], words[first + length - 1][1]) for first in range(len(words) - length + 1)]
    possible = [each for each in bounds if document.is_free(each)]
    label = document.label()
    if not possible or label is None:
        return None
    start, end = document.random.choice(possible)
    return Span(start=start, end=end, label=label), (start, end)


CHANGES: dict[Kind, Callable[[_Document, Span], Change | None]] = {
    "type": _retyped,
    "boundary": _moved,
    "missing": _removed,
    "doubtful": _invented,
}
