"""Negations, exclusions, restrictions and conditions, each with its head."""

from __future__ import annotations

from spanwise.tasks.compression.equivalence.gates.failure import Failure
from spanwise.tasks.compression.equivalence.negations import Cue, cues


def negations(source: str, output: str) -> list[Failure]:
    """Each cue of the source must stand in the output near its head, and the output may have no other.

    A cue of the output answers for one of the source. French `ne` counts as `pas` does: one without the other
    is a failure.
    """
    given, rest = cues(source), cues(output)
    failures = []
    for cue in given:
        partner = _partner(cue, rest)
        if partner is None:
            failures.append(Failure("negations", _reason(cue, rest), "source", cue.start, cue.end))
        else:
            rest.remove(partner)
    failures += [Failure("negations", f"{cue.kind} added", "output", cue.start, cue.end) for cue in rest]
    return failures


def _partner(cue: Cue, candidates: list[Cue]) -> Cue | None:
    """The first that says the same, those about more of the same words before others."""
    keeping = [each for each in candidates if each.keeps(cue)]
    return max(keeping, key=lambda each: (len(each.reach & cue.reach), -each.start), default=None)


def _reason(cue: Cue, candidates: list[Cue]) -> str:
    moved = any(each.name == cue.name for each in candidates)
    return f"{cue.kind} without its head" if moved else f"{cue.kind} lost"
