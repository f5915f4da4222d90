"""The two commits that a pull request compares, and the files that lie between them."""

from __future__ import annotations

import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from spanwise.errors import UserError
from spanwise.experiments import Experiment, find, repository

TARGETS = "origin/main", "main"
"""Where a change is to go if nothing is said: the first of these that exists."""


@dataclass(frozen=True)
class Revisions:
    """What is compared with what.

    Attributes:
        head: The change.
        base: Where it branched off; None where there is nothing to compare it with.
        target: The branch it is to go to, as it was named; None where there is none.
        moved_on: Whether the target has commits that `head` has not.
    """

    head: Experiment
    base: Experiment | None
    target: str | None
    moved_on: bool = False


def resolve(root: Path, target: str | None, head: str) -> Revisions:
    """The commits behind two names; the base is where `head` branched off from `target`.

    Args:
        root: The repository.
        target: A branch, tag, commit or experiment; None for the first of `TARGETS` that exists.
        head: Likewise.

    Raises:
        UserError: If a name is unknown or the two have no commit in common.
    """
    change = find(root, head)
    goal = find(root, target) if target else _first_target(root)
    if goal is None:
        return Revisions(change, None, None)
    shared = _git(root, "merge-base", goal.commit, change.commit, missing=True).decode().strip()
    if not shared:
        raise UserError(
            f"{goal.name} and {head} have no commit in common",
            hint="A shallow clone lacks it: `git fetch --unshallow`, or `fetch-depth: 0` in a workflow.",
        )
    if shared == change.commit:
        return Revisions(change, None, goal.name)
    return Revisions(change, Experiment(shared[:7], shared), goal.name, moved_on=shared != goal.commit)


def _first_target(root: Path) -> Experiment | None:
    for name in TARGETS:
        commit = _git(root, "rev-parse", "--verify", "--quiet", f"{name}^{{commit}}", missing=True)
        if commit:
            return Experiment(name, commit.decode().strip())
    return None


def is_dirty(root: Path) -> bool:
    """Whether tracked files of the workspace differ from the commit that is checked out.

    Raises:
        UserError: As `experiments.finished`.
    """
    with repository(root) as repo:
        return bool(repo.scm.is_dirty(untracked_files=False))


def changed_files(root: Path, base: Experiment, head: Experiment) -> list[str]:
    """The paths that git has otherwise in `head` than in `base`, sorted; of a renamed file, both."""
    told = _git(root, "diff", "--name-only", "--no-renames", "-z", base.commit, head.commit)
    return sorted(filter(None, told.decode("utf-8", "replace").split("\0")))


@contextmanager
def exported(root: Path, revision: Experiment) -> Iterator[Path]:
    """What git holds of a revision, in a folder of its own that is no repository, until the block ends."""
    content = _git(root, "archive", "--format=tar", revision.commit)
    with TemporaryDirectory(prefix="spanwise-") as scratch:
        with tarfile.open(fileobj=BytesIO(content)) as archive:
            archive.extractall(scratch, filter="data")
        yield Path(scratch)


def _git(root: Path, *words: str, missing: bool = False) -> bytes:
    """What git prints; nothing where it fails and that means `missing`."""
    program = shutil.which("git")
    if program is None:
        raise UserError("git is not installed")
    done = subprocess.run(  # noqa: S603
        [program, *words], cwd=root, capture_output=True, check=False
    )
    if done.returncode and not missing:
        lines = done.stderr.decode("utf-8", "replace").strip().splitlines() or ["no message"]
        raise UserError(f"git refuses: {lines[-1]}", path=root)
    return b"" if done.returncode else done.stdout
