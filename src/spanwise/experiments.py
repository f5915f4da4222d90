"""DVC experiments: those that are finished, those that wait in the queue, and what they wrote."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from spanwise.errors import UserError


@dataclass(frozen=True)
class Experiment:
    """A finished experiment.

    Attributes:
        name: As `dvc exp run --name` has it.
        commit: Its settings, code and results.
    """

    name: str
    commit: str


def finished(root: Path) -> list[Experiment]:
    """The experiments of all baselines, sorted by name; those of one name from the oldest to the latest.

    Raises:
        UserError: If DVC is missing or refuses, e.g. since `root` is none of its repositories.
    """
    found: list[tuple[str, int, str]] = []
    with _repository(root) as repository:
        for experiments in repository.experiments.ls(all_commits=True).values():
            for name, commit in experiments:
                found.append((name, repository.scm.resolve_commit(commit).commit_time, commit))
    return [Experiment(name, commit) for name, _, commit in sorted(found)]


def committed(root: Path, experiments: Sequence[Experiment], file: str) -> list[str]:
    """The text of a file that git keeps, as each of the experiments has it.

    Raises:
        UserError: If one has no such file, or as `finished`.
    """
    texts: list[str] = []
    with _repository(root) as repository:
        for experiment in experiments:
            try:
                texts.append(repository.scm.get_fs(experiment.commit).read_text(file, encoding="utf-8"))
            except FileNotFoundError:
                raise UserError(f"{experiment.name} has no {file}") from None
    return texts


def pending(root: Path) -> list[str]:
    """The names of the experiments that are queued or running, sorted.

    What DVC calls running although no worker works on it was left behind by one that was killed: it is not
    pending.

    Raises:
        UserError: As `finished`.
    """
    with _repository(root) as repository:
        queue = repository.experiments.celery_queue
        working = _working(queue)
        active = [entry for entry in queue.iter_active() if entry.stash_rev in working]
        return sorted({entry.name for entry in (*queue.iter_queued(), *active) if entry.name})


def _working(queue: Any) -> set[str]:
    """The revisions that workers say they work on."""
    tasks = [task for tasks in queue.worker_status().values() for task in tasks]
    return {argument["stash_rev"] for task in tasks for argument in task["args"] if "stash_rev" in argument}


def check_committed(root: Path) -> None:
    """Refuse changes that are not committed: they would become part of what is queued, and of no baseline.

    Raises:
        UserError: If there are any, or as `finished`.
    """
    with _repository(root) as repository:
        if repository.scm.is_dirty(untracked_files=False):
            raise UserError(
                "there are uncommitted changes, which queued experiments would take with them",
                hint="Commit them first, or queue from a clone.",
            )


def enqueue(root: Path, name: str, overrides: Sequence[str]) -> None:
    """Queue the pipeline with these Hydra overrides as an experiment.

    Raises:
        UserError: If DVC refuses.
    """
    words = ["exp", "run", "--queue", "--name", name]
    words += [word for override in overrides for word in ("--set-param", override)]
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-m", "dvc", *words], cwd=root, capture_output=True, text=True, check=False
    )
    if done.returncode:
        lines = done.stderr.strip().splitlines() or ["no message"]
        raise UserError(f"{name} cannot be queued: {lines[0]}")


def fetch(root: Path, experiment: Experiment, files: Collection[str], folder: Path) -> None:
    """Copy files of an experiment, kept by git or DVC, to the same paths in `folder`.

    Raises:
        UserError: If one is missing, from the experiment or from here, or DVC refuses.
    """
    with _refusals():
        import dvc.api
        from dvc.exceptions import FileMissingError, OutputNotFoundError, PathMissingError
        from dvc.repo.data import DataIndexDirError  # a folder that neither cache nor remote gives

        missing = (
            FileNotFoundError, FileMissingError, PathMissingError, OutputNotFoundError, DataIndexDirError,
        )  # fmt: skip
        for file in files:
            try:
                content = dvc.api.read(file, repo=str(root), rev=experiment.commit, mode="rb")
            except missing as error:
                hint = f"`dvc exp pull REMOTE {experiment.name}` brings it from a remote, where one has it."
                raise UserError(f"{experiment.name} has no {file} here", hint=hint) from error
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            (folder / file).write_bytes(content)


@contextmanager
def _repository(root: Path) -> Iterator[Any]:
    with _refusals():
        from dvc.exceptions import NotDvcRepoError
        from dvc.repo import Repo

        try:
            repository = Repo(str(root))
        except NotDvcRepoError:
            hint = "Run this in the repository's root."
            raise UserError("no DVC repository", path=root, hint=hint) from None
        with repository:
            yield repository


@contextmanager
def _refusals() -> Iterator[None]:
    """Tell what DVC refuses, and that it is missing, as the user's errors."""
    try:
        from dvc.exceptions import DvcException
        from dvc.lock import LockError
    except ImportError:
        hint = "pip install -c requirements.lock -e '.[pipeline]'"
        raise UserError("experiments take DVC", hint=hint) from None
    try:
        yield
    except LockError as error:
        hint = "Try again in a while. A queue that runs holds the lock for moments only."
        raise UserError("another DVC command is running", hint=hint) from error
    except DvcException as error:
        raise UserError(f"DVC refuses: {error}") from error
