"""Probes of a judge: faithful compressions, and the same spoilt in one place by a named mistake."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from spanwise.tasks.compression.equivalence import changes, losses
from spanwise.tasks.compression.equivalence.losses import Edit
from spanwise.tasks.compression.equivalence.projection import lighter, project
from spanwise.tasks.compression.equivalence.words import is_subsequence

FAITHFUL = "faithful"


@dataclass(frozen=True)
class Kind:
    """A kind of mistake.

    Attributes:
        name: What it is called in figures.
        edits: The edits of the kind that a text allows.
        foreseen: Whether a gate or a signal was written for it. The others tell how a judge does on what
            nobody foresaw, and no judge is fitted to them.
    """

    name: str
    edits: Callable[[str], Iterator[Edit]]
    foreseen: bool


KINDS = (
    Kind("negation lost", losses.negation, foreseen=True),
    Kind("restriction lost", losses.restriction, foreseen=True),
    Kind("constraint dropped", losses.constraint, foreseen=True),
    Kind("number lost", losses.number, foreseen=True),
    Kind("unit lost", losses.unit, foreseen=True),
    Kind("bound lost", losses.bound, foreseen=True),
    Kind("sentence lost", losses.sentence, foreseen=True),
    Kind("item lost", losses.item, foreseen=True),
    Kind("certainty lost", losses.certainty, foreseen=True),
    Kind("name lost", losses.name, foreseen=True),
    Kind("reason lost", losses.reason, foreseen=False),
    Kind("time lost", losses.time, foreseen=False),
    Kind("number changed", changes.number, foreseen=True),
    Kind("unit changed", changes.unit, foreseen=True),
    Kind("bound changed", changes.bound, foreseen=True),
    Kind("condition inverted", changes.condition, foreseen=True),
    Kind("negation added", changes.negation, foreseen=True),
    Kind("name invented", changes.name, foreseen=True),
    Kind("quantifier flipped", changes.quantifier, foreseen=False),
    Kind("entities swapped", changes.entities, foreseen=False),
    Kind("roles swapped", changes.roles, foreseen=False),
    Kind("steps swapped", changes.steps, foreseen=False),
    Kind("before and after", changes.time, foreseen=False),
    Kind("opposite", changes.opposite, foreseen=False),
)
"""None is foreseen by the gate of extractive outputs, which catches all that is no subsequence."""


@dataclass(frozen=True)
class Probe:
    """A source with an output whose verdict is known.

    Attributes:
        prompt: The id of the pair.
        kind: `FAITHFUL`, or the `Kind.name` of the mistake.
        source: The prompt.
        output: The shorter one.
        subsequence: Whether the output is a subsequence of the source; a mistake that is none is trivially
            caught where outputs must be extractive.
        foreseen: As in `Kind`; true of what is faithful.
    """

    prompt: str
    kind: str
    source: str
    output: str
    subsequence: bool
    foreseen: bool

    @property
    def faithful(self) -> bool:
        """Whether a judge should accept it."""
        return self.kind == FAITHFUL


def faithful(prompt: str, source: str, compressed: str, *, seed: int) -> list[Probe]:
    """The extractive projection of an author's compression, and a lighter one: both are to be accepted.

    What is no shorter than its source is left out.

    Raises:
        UserError: If rapidfuzz is not installed.
    """
    projected = project(source, compressed)
    outputs = dict.fromkeys([projected, lighter(source, projected, share=0.5, seed=seed)])
    return [
        Probe(prompt, FAITHFUL, source, output, subsequence=True, foreseen=True)
        for output in outputs
        if len(output) < len(source)
    ]


def probes(prompt: str, source: str, compressed: str, *, seed: int) -> list[Probe]:
    """The faithful outputs of one pair, and each mistake that they allow once, in one place of one of them.

    Args:
        prompt: The id of the pair.
        source: The prompt.
        compressed: The author's shorter one.
        seed: Of the choice of outputs and places; the same gives the same probes.

    Raises:
        UserError: If rapidfuzz is not installed.
    """
    good = faithful(prompt, source, compressed, seed=seed)
    drawn = random.Random(f"{seed}/{prompt}")  # noqa: S311 - no secret
    spoilt = []
    for kind in KINDS if good else ():
        output = drawn.choice(good).output
        edited = sorted({_apply(output, edit) for edit in kind.edits(output)} - {output, source})
        for other in drawn.sample(edited, min(1, len(edited))):
            whole = is_subsequence(source, other)
            spoilt.append(Probe(prompt, kind.name, source, other, whole, kind.foreseen))
    return good + spoilt


def _apply(text: str, edit: Edit) -> str:
    start, end, other = edit
    edited = text[:start] + other + text[end:]
    if other:
        return edited
    edited = re.sub(r"[ \t]+([,;:.!?])", r"\1", edited)
    return re.sub(r"(?<=\S)[ \t]{2,}", " ", edited).strip()
