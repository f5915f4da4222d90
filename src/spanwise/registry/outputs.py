"""What the pipeline of a commit wrote, and whether the remote has it.

A file that is gone from a folder's objects in the remote is invisible to `dvc status --cloud`, which believes
the folder's own object: each one is looked for here.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from spanwise.doctor.objects import FOLDER, Store
from spanwise.errors import UserError
from spanwise.experiments import Experiment, repository
from spanwise.package import PIPELINE


@dataclass(frozen=True)
class Output:
    """What a stage of the root pipeline wrote.

    Attributes:
        path: From the root.
        digest: DVC's digest; None where the stage never ran.
        metric: Whether it holds figures.
        cached: Whether DVC keeps it, and not git.
    """

    path: str
    digest: str | None
    metric: bool
    cached: bool


def outputs_of(root: Path, revision: Experiment) -> list[Output]:
    """The outputs of a commit, sorted by path.

    Raises:
        UserError: If DVC refuses.
    """
    with repository(root) as repo, repo.switch(revision.commit):
        files = repo.fs
        top = files.join(repo.root_dir, PIPELINE)
        stages = [stage for stage in repo.index.stages if stage.path == top]
        found = [
            Output(
                path=files.relpath(out.fs_path, repo.root_dir),
                digest=str(out.hash_info.value) if out.hash_info else None,
                metric=bool(out.metric),
                cached=bool(out.use_cache),
            )
            for stage in stages
            for out in stage.outs
        ]
    return sorted(found, key=lambda out: out.path)


def missing_in_remote(
    root: Path, revision: Experiment, paths: Collection[str], *, remote: str | None = None, deep: bool = False
) -> list[str]:
    """What a remote lacks of outputs, in words; nothing where it has them whole.

    Args:
        root: The repository.
        revision: The commit.
        paths: Of the outputs; those that git keeps are passed over.
        remote: The remote's name; the default one where it is None.
        deep: Whether each object is read and its digest compared, which downloads it.

    Raises:
        UserError: If there is no remote, it cannot be reached, or DVC refuses.
    """
    outs = {out.path: out for out in outputs_of(root, revision)}
    unknown = sorted(set(paths) - outs.keys())
    if unknown:
        raise UserError(f"no stage of {revision.name} writes {unknown[0]}")
    told: list[str] = []
    with repository(root) as repo:
        store = _reach(repo, remote)
        for path in sorted(paths):
            if outs[path].cached:
                told += (f"{path}: {reason}" for reason in _faults(store, outs[path].digest, deep=deep))
    return told


def _reach(repo: Any, remote: str | None) -> Store:
    name = remote or repo.config["core"].get("remote")
    if not name:
        hint = "`dvc remote add --default NAME URL`, then `dvc push`."
        raise UserError("no remote is set: nobody else could get the model", hint=hint)
    try:
        database = repo.cloud.get_remote(name).odb
        database.fs.exists(database.path)
    except Exception as error:  # each file system has its own
        reason = " ".join(str(error).split()) or type(error).__name__
        raise UserError(f"the remote {name} cannot be read: {reason}") from error
    return Store(database, {})


def _faults(store: Store, name: str | None, *, deep: bool) -> Iterator[str]:
    """What is wrong with an object and, where it is that of a folder, with its members."""
    if name is None:
        yield "its stage never ran"
        return
    if not _is_there(store, name):
        yield "is not in the remote"
        return
    # Of a damaged listing, the members are unknown.
    if (deep or name.endswith(FOLDER)) and store.digest(name) != name.removesuffix(FOLDER):
        yield "is damaged in the remote"
        return
    if name.endswith(FOLDER):
        for entry in _members(store, name):
            if not _is_there(store, entry["md5"]):
                yield f"{entry['relpath']} is not in the remote"
            elif deep and store.digest(entry["md5"]) != entry["md5"]:
                yield f"{entry['relpath']} is damaged in the remote"


def _is_there(store: Store, name: str) -> bool:
    return bool(store.database.fs.exists(store.path(name)))


def _members(store: Store, name: str) -> list[dict[str, str]]:
    with store.database.fs.open(store.path(name), "rb") as file:
        found: list[dict[str, str]] = json.load(file)
    return found
