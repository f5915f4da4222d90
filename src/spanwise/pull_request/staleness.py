"""Which stages of a committed pipeline are out of date: what `dvc repro` would run again.

Told from git alone, so that a clone without data gives the same answer as one with it. `dvc repro --dry
--allow-missing` stops at the first such stage where data are missing, and cannot name the others.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from spanwise.experiments import Experiment, repository
from spanwise.io import read_text, write_text
from spanwise.provenance import LOCK, dependencies
from spanwise.pull_request.revisions import exported

PIPELINE = "dvc.yaml"
ABSENT = "deleted", "not in cache"
"""What DVC calls a file that is not here."""


@dataclass(frozen=True)
class Staleness:
    """The stages whose results in the lock are not those of the code, data and settings beside it.

    Attributes:
        reasons: What changed since they ran, by stage, in the order of the pipeline.
        behind: The stages that read what those write.
    """

    reasons: dict[str, list[str]]
    behind: list[str]

    @property
    def found(self) -> bool:
        """Whether any stage is out of date."""
        return bool(self.reasons)


def out_of_date(root: Path, revision: Experiment) -> Staleness:
    """The stages of the root pipeline that are out of date in a revision.

    Outputs that DVC keeps may be missing: they are taken to be what the lock says.

    Raises:
        UserError: If git or DVC refuses.
    """
    with exported(root, revision) as folder:
        if not (folder / PIPELINE).is_file():
            return Staleness({}, [])
        return _examine(folder)


def _examine(folder: Path) -> Staleness:
    reasons: dict[str, list[str]] = {}
    write_text(folder / ".dvc" / "config.local", "[core]\n    no_scm = true\n")
    with repository(folder) as repo, repo.lock:
        stages = [stage for stage in repo.index.stages if Path(stage.path) == folder / PIPELINE]
        kept = [Path(out.fs_path) for out in repo.index.outs if out.use_cache]
        lock = (yaml.safe_load(read_text(folder / LOCK)) if (folder / LOCK).is_file() else None) or {}
        for stage in stages:
            told = [] if stage.frozen else list(_reasons(stage, lock, folder, kept))
            if told:
                reasons[stage.name] = told
        graph = repo.index.graph
        behind = [stage.name for stage in stages if _reads(stage, reasons, graph)]
    return Staleness(reasons, behind)


def _reasons(stage: Any, lock: Mapping[str, Any], folder: Path, kept: list[Path]) -> Iterator[str]:
    """What differs from the lock, without files that DVC keeps elsewhere."""
    if stage.name not in (lock.get("stages") or {}):
        yield "never ran"
        return
    for told in next(iter(stage.status().values()), []):
        if isinstance(told, str):
            yield told
            continue
        for changes in told.values():
            yield from _changes(changes, folder, kept)
    yield from _inconsistent(stage.name, lock)


def _changes(changes: Mapping[str, Any], folder: Path, kept: list[Path]) -> Iterator[str]:
    for name, state in changes.items():
        if isinstance(state, Mapping):
            yield from (f"{name}: {key} {word}" for key, word in state.items())
        elif state not in ABSENT:
            yield f"{name} {state}"
        elif not any((folder / name).is_relative_to(path) for path in kept):
            yield f"{name} missing"


def _inconsistent(name: str, lock: Mapping[str, Any]) -> Iterator[str]:
    """Inputs that another stage wrote since: the lock has two digests of one path."""
    outs = [out for stage in lock["stages"].values() for out in stage.get("outs", [])]
    written = {out["path"]: out.get("md5") for out in outs}
    for path, digest in dependencies(lock, [name]).items():
        if path in written and written[path] != digest:
            yield f"{path} is another by now"


def _reads(stage: Any, reasons: Mapping[str, list[str]], graph: Any) -> bool:
    """Whether a stage is itself up to date and reads, at any distance, what one of `reasons` writes."""
    if stage.name in reasons:
        return False
    earlier, waiting = set(), list(graph.successors(stage))  # an edge leads from a stage to one it reads
    while waiting:
        each = waiting.pop()
        if each not in earlier:
            earlier.add(each)
            waiting += graph.successors(each)
    return any(getattr(each, "name", None) in reasons for each in earlier)
