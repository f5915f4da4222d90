"""The metrics and settings that DVC knows of a revision, as flat mappings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from spanwise.errors import UserError
from spanwise.experiments import Experiment, fetch_available, repository
from spanwise.io import flat, read_text
from spanwise.provenance import LOCK, differing

Values = Mapping[str, Any]

ABSENT = object()
"""In place of a value that a revision does not have; None is a value: a figure that is not defined."""


@dataclass(frozen=True)
class Measures:
    """What one revision wrote and was told.

    Attributes:
        metrics: By file, then by dotted key.
        settings: By file, then by dotted key.
        unread: Files that dvc.yaml names and that could not be read, with the reason.
    """

    metrics: dict[str, Values] = field(default_factory=dict)
    settings: dict[str, Values] = field(default_factory=dict)
    unread: dict[str, str] = field(default_factory=dict)

    def value(self, file: str, key: str) -> Any:
        """A metric; `ABSENT` where there is none."""
        return self.metrics.get(file, {}).get(key, ABSENT)


@dataclass(frozen=True)
class Difference:
    """One value in two revisions; `ABSENT` where one does not have it."""

    key: str
    before: Any
    after: Any


@dataclass(frozen=True)
class Output:
    """What a stage wrote: DVC's digest, and how many files and bytes."""

    digest: str | None
    files: int | None
    size: int | None


def measure(root: Path, revision: Experiment) -> Measures:
    """All metrics and settings of a revision.

    Raises:
        UserError: If DVC refuses.
    """
    unread: dict[str, str] = {}
    with repository(root) as repo:
        shown = [show(revs=[revision.commit]) for show in (repo.metrics.show, repo.params.show)]
    found = [_flattened(each.get(revision.commit, {}), unread) for each in shown]
    return Measures(found[0], found[1], unread)


def _flattened(shown: Mapping[str, Any], unread: dict[str, str]) -> dict[str, Values]:
    if "error" in shown:
        raise UserError(f"DVC cannot read its metrics or settings: {shown['error']}")
    files: dict[str, Values] = {}
    for name, own in (shown.get("data") or {}).items():
        if "error" in own:
            unread[name] = type(own["error"]).__name__
        elif isinstance(own.get("data"), Mapping):
            files[name] = flat(own["data"])
        else:
            files[name] = {"": own.get("data")}
    return files


def differences(before: Mapping[str, Values], after: Mapping[str, Values]) -> dict[str, list[Difference]]:
    """What differs, by file; files without a difference are not in it."""
    found: dict[str, list[Difference]] = {}
    for file in sorted(before.keys() | after.keys()):
        old, new = before.get(file, {}), after.get(file, {})
        own = [Difference(key, old.get(key, ABSENT), new.get(key, ABSENT)) for key in differing(old, new)]
        if own:
            found[file] = own
    return found


def outputs(root: Path, revision: Experiment, scratch: Path) -> dict[str, Output]:
    """What the lock of a revision says of the outputs that git does not keep, by path; empty without a lock.

    Raises:
        UserError: If DVC refuses or the lock is no YAML.
    """
    if fetch_available(root, revision, [LOCK], scratch):
        return {}
    try:
        lock = yaml.safe_load(read_text(scratch / LOCK)) or {}
    except yaml.YAMLError:
        raise UserError(f"{LOCK} of {revision.name} is not valid YAML") from None
    outs = [out for stage in (lock.get("stages") or {}).values() for out in stage.get("outs", [])]
    with repository(root) as repo:
        in_git = repo.scm.get_fs(revision.commit).exists
        kept = sorted((out for out in outs if not in_git(out["path"])), key=lambda out: out["path"])
    return {out["path"]: Output(out.get("md5"), out.get("nfiles"), out.get("size")) for out in kept}
