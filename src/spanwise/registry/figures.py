"""What became of the headline figure from one version to the next, and which number that should raise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from spanwise.comparison.candidates import Candidate
from spanwise.metrics.paired import Comparison, Difference, compare, compare_means
from spanwise.registry.ledger import parse
from spanwise.registry.snapshot import Snapshot

Verdict = Literal["better", "worse", "within chance", "unknown"]
Bump = Literal["major", "minor", "patch"]
BUMPS: tuple[Bump, ...] = ("major", "minor", "patch")

FIRST = "v1.0.0"


@dataclass(frozen=True)
class Drawing:
    """How the paired bootstrap draws; see `metrics.paired.compare_counts`."""

    samples: int
    level: float
    seed: int


@dataclass(frozen=True)
class Change:
    """What became of strict micro-F1, or of mean chrF.

    Attributes:
        verdict: `unknown` where the two cannot be compared.
        told: The same in words, and how it is known.
    """

    verdict: Verdict
    told: str


@dataclass(frozen=True)
class Suggestion:
    """Which number to raise, and why."""

    bump: Bump
    reason: str


def change(before: Snapshot, after: Snapshot, drawing: Drawing) -> Change:
    """What became of the headline figure.

    Where both versions' predictions for the same documents are at hand, a paired bootstrap decides (Koehn
    2004, EMNLP); else, of the same documents, whether the new figure lies in the interval of the old one.

    Args:
        before: The version that there was.
        after: The one that comes.
        drawing: Of the bootstrap.
    """
    old, new = before.candidate, after.candidate
    if old is None or new is None:
        which = before if old is None else after
        return Change("unknown", f"{which.revision.name} has no score")
    if old.measure != new.measure:
        return Change("unknown", f"one is told in {old.measure}, the other in {new.measure}")
    moved = f"{new.measure} {old.f1:.3f} to {new.f1:.3f}"
    if not _same_documents(old, new):
        return Change("unknown", f"{moved}, of different test documents")
    if old.predictions is not None and new.predictions is not None:
        found = _paired(old, new, drawing)
        if found.low is not None and found.high is not None:
            bounds = f"difference {found.difference:+.3f}, {found.low:+.3f} to {found.high:+.3f}, paired"
            return Change(_verdict(found.difference, found.low, found.high), f"{moved} ({bounds})")
    low, high = old.scores.strict.micro.f1_low, old.scores.strict.micro.f1_high
    if low is None or high is None:
        return Change("unknown", f"{moved}, without an interval")
    return Change(
        _verdict(new.f1 - old.f1, new.f1 - high, new.f1 - low), f"{moved} (interval {low:.3f} to {high:.3f})"
    )


def suggest(before: Snapshot, after: Snapshot, drawing: Drawing) -> Suggestion:
    """Which number of the version to raise (https://semver.org), read for what a model promises.

    - `major`: another task, or other labels: who reads the answers must change;
    - `minor`: the figure left its interval, to either side, or cannot be compared; or another network;
    - `patch`: all else.

    Args:
        before: The highest version.
        after: What is to be registered.
        drawing: Of the bootstrap.
    """
    old, new = before.settings, after.settings
    if (old.task.kind, old.task.name) != (new.task.kind, new.task.name):
        return Suggestion("major", f"another task: {new.task.name} in the place of {old.task.name}")
    if set(before.labels) != set(after.labels):
        gone, come = (
            len(set(a) - set(b)) for a, b in ((before.labels, after.labels), (after.labels, before.labels))
        )
        return Suggestion("major", f"other labels: {gone} gone, {come} new")
    found = change(before, after, drawing)
    if found.verdict != "within chance":
        return Suggestion(
            "minor", f"{found.verdict}: {found.told}" if found.verdict != "unknown" else found.told
        )
    if old.model.name != new.model.name:
        return Suggestion("minor", f"another network: {new.model.name} in the place of {old.model.name}")
    return Suggestion("patch", f"within chance: {found.told}")


def _verdict(difference: float, low: float, high: float) -> Verdict:
    if low <= 0 <= high:
        return "within chance"
    return "better" if difference > 0 else "worse"


def _same_documents(old: Candidate, new: Candidate) -> bool:
    """By the predictions, or else by DVC's digest of the split, or else by what chooses the documents."""
    for own, other in ((old.test_set, new.test_set), (old.splits, new.splits)):
        if own is not None and other is not None:
            return own == other
    return old.settings == new.settings


def _paired(old: Candidate, new: Candidate, drawing: Drawing) -> Comparison | Difference:
    if old.scores.answers is None:
        return compare(old.read_predictions(), new.read_predictions(), **vars(drawing))
    own, others = old.read_answers(), new.read_answers()
    return compare_means(
        [each.group for each in own],
        [each.attributes.judged.measures.chrf for each in own],
        [each.attributes.judged.measures.chrf for each in others],
        [1.0] * len(own),
        **vars(drawing),
    )


def raised(version: str, bump: Bump) -> str:
    """The version after `version`.

    Raises:
        UserError: If it is no version.
    """
    numbers = list(parse(version))
    place = BUMPS.index(bump)
    numbers[place] += 1
    numbers[place + 1 :] = [0] * (2 - place)
    return "v" + ".".join(map(str, numbers))
