"""Extractive compression: what is left is a subsequence of the prompt, cut at a rate, and checked."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import count
from typing import NamedTuple, Protocol

import numpy as np

from spanwise.decoding import Floats
from spanwise.encoding import Ints
from spanwise.tasks.compression.protection import Interval, merged
from spanwise.tasks.compression.settling import rendered, settle
from spanwise.tasks.compression.units import Unit

THRESHOLD = 0.5  # without a target, what less probably must stay is dropped
ROUNDS = 4  # of mending, before a sentence stays as it was
SLACK = 0.01  # of the target: how far below it is near enough
STEPS = 6  # of the search for the number of units, before it halves what is left
GOLDEN = (5**0.5 - 1) / 2
NEAR = 2  # units on each side of a fault that are kept then


class Fault(Protocol):
    """Something that is no longer said: what a gate of `equivalence` gives."""

    @property
    def side(self) -> str:
        """Of which text: `source` or `output`."""

    @property
    def start(self) -> int:
        """Its first character."""

    @property
    def end(self) -> int:
        """Behind its last one."""


Check = Callable[[str, str], Sequence[Fault]]
"""The prompt and what is left of it -> what is wrong with that."""
Count = Callable[[str], int]
"""How many tokens a text has."""


@dataclass(frozen=True)
class ScoredWords:
    """The words of a text, and how probable it is that each must stay.

    Attributes:
        words: Start and end of each word, `[words, 2]`.
        keep: The probability of each, `[words]`.
    """

    words: Ints
    keep: Floats


@dataclass(frozen=True)
class Passage:
    """A segment of a prompt from which words may go; what is between passages stays as it is.

    Attributes:
        start: First character.
        end: Behind the last one.
        units: All of it, in order.
        keep: The probability that each must stay, `[units]`.
    """

    start: int
    end: int
    units: Sequence[Unit]
    keep: Floats


@dataclass(frozen=True)
class Cut:
    """What is left of a prompt.

    Attributes:
        text: The shorter prompt.
        kept: The intervals of the prompt that it is made of, in order.
        tokens: Of the shorter prompt.
        mended: Faults that were found on the way, and mended.
    """

    text: str
    kept: tuple[Interval, ...]
    tokens: int
    mended: int


class Guess(NamedTuple):
    """How many units are dropped, and how many tokens are left then."""

    dropped: int
    tokens: int

    def towards(self, other: Guess, target: float, *, halve: bool) -> int | None:
        """A number of units between the two that leaves about `target` tokens; None where there is none."""
        room = other.dropped - self.dropped
        if room < 2:
            return None
        if halve or self.tokens <= other.tokens:
            return self.dropped + room // 2
        # Each unit has about as many tokens as any other.
        share = (self.tokens - target) / (self.tokens - other.tokens)
        return self.dropped + min(max(round(share * room), 1), room - 1)


@dataclass
class Cutter:
    """Drops what is least needed of one prompt.

    Attributes:
        text: The prompt.
        passages: Its segments of prose, in order.
        count: Its tokens, as whoever is paid counts them.
        check: What finds faults in what is left; None trusts it.
    """

    text: str
    passages: Sequence[Passage]
    count: Count
    check: Check | None = None
    _locked: set[tuple[int, int]] = field(default_factory=set)

    def cut(self, target: int | None) -> Cut:
        """Drop as few units as reach the target, within a hundredth of it, those least needed first.

        What the check finds wanting is put back with its neighbours, and other units go instead; what still
        is at fault after some rounds stays as it was, sentence by sentence.

        Args:
            target: The most tokens that should be left; None drops all that probably need not stay. A target
                that cannot be reached without what is protected is missed: see `tokens` of the result.
        """
        mended = 0
        for number in range(ROUNDS + 1):
            found = self._found(target)
            faults = self.check(self.text, found.text) if self.check else ()
            if not faults:
                return Cut(found.text, found.kept, found.tokens, mended)
            mended += len(faults)
            for fault in faults:
                self._mend(fault, found.kept, near=NEAR << (2 * number))
        whole = tuple([(0, len(self.text))] if self.text else [])
        return Cut(self.text, whole, self.count(self.text), mended)

    def _found(self, target: int | None) -> Cut:
        """What is left at the target, unchecked."""
        order = self._order
        if target is None:
            return self._left([place for place in order if self._keep(place) < THRESHOLD])
        best = self._left(order)
        if best.tokens > target:
            return best
        aim = target * (1 - SLACK / 2)  # the middle of what is near enough
        few, many = Guess(0, self.count(self.text)), Guess(len(order), best.tokens)
        for number in count():
            dropped = few.towards(many, aim, halve=number >= STEPS)
            if dropped is None:
                break
            candidate = self._left(order[:dropped])
            if candidate.tokens > target:
                few = Guess(dropped, candidate.tokens)
                continue
            best, many = candidate, Guess(dropped, candidate.tokens)
            if candidate.tokens >= target * (1 - SLACK):
                break
        return best

    @property
    def _order(self) -> list[tuple[int, int]]:
        """The units that may go, as passage and place, the least needed first."""
        return [place for place in self._ranked if place not in self._locked]

    @cached_property
    def _ranked(self) -> list[tuple[int, int]]:
        free = [
            (number, place)
            for number, passage in enumerate(self.passages)
            for place, unit in enumerate(passage.units)
            if not unit.fixed
        ]
        # Of equals every other one goes, not the first ones: multiples of the golden ratio fill an interval
        # evenly.
        return sorted(free, key=lambda place: (self._keep(place), place[1] * GOLDEN % 1, place))

    def _keep(self, place: tuple[int, int]) -> float:
        return float(self.passages[place[0]].keep[place[1]])

    def _left(self, dropped: Sequence[tuple[int, int]]) -> Cut:
        """The prompt without these units, and the punctuation that goes with them."""
        kept: list[Interval] = []
        gone: dict[int, set[int]] = {}
        for number, place in dropped:
            gone.setdefault(number, set()).add(place)
        end = 0
        for number, passage in enumerate(self.passages):
            kept.append((end, passage.start))
            kept += self._rest(number, passage, gone.get(number, set()))
            end = passage.end
        kept.append((end, len(self.text)))
        intervals = tuple(_joined(kept))
        text = "".join(self.text[start:end] for start, end in intervals)
        return Cut(text, intervals, self.count(text), 0)

    def _rest(self, number: int, passage: Passage, gone: set[int]) -> list[Interval]:
        if not gone:
            return [(passage.start, passage.end)]
        units = [
            unit._replace(fixed=True) if (number, place) in self._locked else unit
            for place, unit in enumerate(passage.units)
        ]
        keep = settle(self.text, units, [place not in gone for place in range(len(units))])
        return rendered(self.text, passage.start, passage.end, units, keep)

    def _mend(self, fault: Fault, kept: Sequence[Interval], *, near: int) -> None:
        """Keep what stands at a fault, and around it."""
        start, end = fault.start, fault.end
        if fault.side == "output":
            start, end = _source(kept, start), _source(kept, max(end - 1, start)) + 1
        for number, passage in enumerate(self.passages):
            first = bisect_right(passage.units, start, key=lambda unit: unit.end)
            behind = bisect_right(passage.units, end - 1, key=lambda unit: unit.start)
            if start < passage.end and end > passage.start:
                places = range(max(first - near, 0), min(behind + near, len(passage.units)))
                self._locked.update((number, place) for place in places)


def _joined(intervals: Sequence[Interval]) -> list[Interval]:
    """Without empty ones, and those that touch as one."""
    found: list[Interval] = []
    for start, end in intervals:
        if start >= end:
            continue
        if found and found[-1][1] == start:
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
    return found


def _source(kept: Sequence[Interval], place: int) -> int:
    """Where a character of the output stands in the prompt."""
    for start, end in kept:
        if place < end - start:
            return start + place
        place -= end - start
    return kept[-1][1] if kept else 0


def needed(names: Sequence[Interval], units: Sequence[Unit], keep: Floats, least: float) -> Floats:
    """The probabilities `[units]`, those of units that touch one of `names` raised to at least `least`."""
    raised = keep.copy()
    starts = np.array([start for start, _ in merged(names)], dtype=np.int64)
    ends = np.array([end for _, end in merged(names)], dtype=np.int64)
    for place, unit in enumerate(units):
        first = int(np.searchsorted(ends, unit.start, side="right"))
        if first < len(starts) and starts[first] < unit.end:
            raised[place] = max(raised[place], least)
    return raised
