"""All that is to be said of a change, gathered from git and DVC."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from spanwise.comparison.candidates import FILES, PREDICTIONS, Candidate, read_candidate
from spanwise.comparison.grouping import divide, tell_divided, tell_reservations
from spanwise.errors import UserError
from spanwise.experiments import Experiment, fetch_available
from spanwise.pull_request.entity_types import TypeChange, type_changes
from spanwise.pull_request.figures import headline
from spanwise.pull_request.judgement import Drawing, Judged, judge
from spanwise.pull_request.measures import ABSENT, Difference, Measures, Output, differences, measure, outputs
from spanwise.pull_request.plots import Plots
from spanwise.pull_request.revisions import Revisions, changed_files
from spanwise.pull_request.staleness import Staleness, out_of_date
from spanwise.reporting.formatting import code

BASE, CHANGE = "base", "change"
SPLIT = "metrics/tier_split.json"


@dataclass(frozen=True)
class Leak:
    """The leak check of the change: what stands on two sides of the split."""

    groups: int
    twins: int
    overlap: float | None

    @property
    def passed(self) -> bool:
        """Whether nothing does."""
        return not self.groups and not self.twins


@dataclass(frozen=True)
class Review:
    """See the fields' types; `base` comes before `change` everywhere.

    Attributes:
        revisions: What is compared.
        stale: The stages that are out of date in the change.
        stale_base: Those of the base; None without a base.
        judged: The headline figures.
        types: From the greatest loss to the greatest gain.
        settings: What differs, by file.
        metrics: Likewise.
        outputs: What DVC keeps and is another in the change, or is in one of them only, by path.
        files: What git has otherwise.
        leak: None where the change has no such metric.
        notes: What was not compared or not made alike, and what brings it.
        level: Of the intervals and tests, e.g. 0.95.
        plots: None where none were asked for.
    """

    revisions: Revisions
    stale: Staleness
    stale_base: Staleness | None
    judged: list[Judged]
    types: list[TypeChange]
    settings: dict[str, list[Difference]]
    metrics: dict[str, list[Difference]]
    outputs: dict[str, tuple[Output | None, Output | None]]
    files: list[str]
    leak: Leak | None
    notes: list[str]
    level: float
    plots: Plots | None = None


def review(root: Path, revisions: Revisions, drawing: Drawing, plots: Plots | None = None) -> Review:
    """Compare the two revisions.

    Raises:
        UserError: If git or DVC refuses.
    """
    base, head = revisions.base, revisions.head
    after = measure(root, head)
    before = measure(root, base) if base else None
    notes = [*_tell_unread(BASE, before), *_tell_unread(CHANGE, after)]
    with tempfile.TemporaryDirectory(prefix="spanwise-") as scratch:
        sides = [
            _candidate(root, each, name, Path(scratch) / name, notes) for each, name in _named(revisions)
        ]
        same = _same_documents(sides, notes)
        old, new = sides if len(sides) > 1 else (None, sides[0])
        judged = judge(headline(before, after), old, new, drawing, same_documents=same)
        changed = _changed_outputs(root, revisions, Path(scratch))
    return Review(
        revisions=revisions,
        stale=out_of_date(root, head),
        stale_base=out_of_date(root, base) if base else None,
        judged=judged,
        types=type_changes(before, after) if before else [],
        settings=differences(before.settings, after.settings) if before else {},
        metrics=differences(before.metrics if before else {}, after.metrics),
        outputs=changed,
        files=changed_files(root, base, head) if base else [],
        leak=_leak(after),
        notes=notes,
        level=drawing.level,
        plots=plots,
    )


def _named(revisions: Revisions) -> Iterator[tuple[Experiment, str]]:
    if revisions.base:
        yield revisions.base, BASE
    yield revisions.head, CHANGE


def _candidate(
    root: Path, revision: Experiment, name: str, folder: Path, notes: list[str]
) -> Candidate | None:
    fetch_available(root, revision, FILES, folder)
    try:
        return read_candidate(folder, name, revision.commit)
    except UserError as error:
        notes.append(f"{code(name)} has no scores to test: {error.reason}.")
        return None


def _same_documents(sides: Sequence[Candidate | None], notes: list[str]) -> bool:
    """Whether base and change were tested on the same documents; all reservations go to the notes.

    Where one has no scores that can be read, the rest of its metrics is compared as it is.
    """
    candidates = [side for side in sides if side]
    groups = divide(candidates)
    notes += [*tell_divided(groups), *(note for group in groups for note in tell_reservations(group))]
    lost = [code(side.name) for side in candidates if side.predictions is None]
    if lost and len(sides) > 1:
        notes.append(
            f"Nothing is tested without the predictions of {' and '.join(lost)}: `dvc fetch --all-commits "
            f"{Path(PREDICTIONS).parent}` brings them where a remote has them, and `dvc push evaluate` sends "
            "them from where they were made."
        )
    return len(groups) < 2


def _tell_unread(name: str, measures: Measures | None) -> Iterator[str]:
    for file, reason in (measures.unread if measures else {}).items():
        yield f"{code(name)}: {code(file)} cannot be read ({reason})."


def _changed_outputs(
    root: Path, revisions: Revisions, scratch: Path
) -> dict[str, tuple[Output | None, Output | None]]:
    if revisions.base is None:
        return {}
    before, after = (outputs(root, each, scratch / f"{name}.lock") for each, name in _named(revisions))
    pairs = {path: (before.get(path), after.get(path)) for path in sorted(before.keys() | after.keys())}
    return {path: pair for path, pair in pairs.items() if pair[0] != pair[1]}


def _leak(measures: Measures) -> Leak | None:
    groups, twins, overlap = (
        measures.value(SPLIT, f"leak.{name}") for name in ("groups_across", "twins_across", "max_overlap")
    )
    if ABSENT in (groups, twins):
        return None
    return Leak(groups, twins, None if overlap is ABSENT else overlap)
