"""DVC experiments: those that are finished, those that wait in the queue, and what they wrote."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Collection, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from spanwise.errors import UserError

NAMES = "`git branch -a`, `git tag` and `dvc exp list --all-commits` list what there is."


@dataclass(frozen=True)
class Experiment:
    """A finished experiment, or another revision that holds the results of one run.

    Attributes:
        name: As `dvc exp run --name` has it, or the name of a branch or tag.
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
    with repository(root) as repo:
        for experiments in repo.experiments.ls(all_commits=True).values():
            for name, commit in experiments:
                found.append((name, repo.scm.resolve_commit(commit).commit_time, commit))
    return [Experiment(name, commit) for name, _, commit in sorted(found)]


def of_baseline(root: Path) -> list[Experiment]:
    """The experiments that started from the commit which is checked out, sorted by name.

    Raises:
        UserError: As `finished`.
    """
    with repository(root) as repo:
        found = repo.experiments.ls().values()
        return sorted(
            (Experiment(name, commit) for experiments in found for name, commit in experiments),
            key=lambda experiment: experiment.name,
        )


def find(root: Path, name: str) -> Experiment:
    """What git or DVC knows under a name: a branch, tag or commit, or else an experiment.

    Of several experiments of one name, it is that of the commit which is checked out, or else the latest.

    Raises:
        UserError: If there is none, or as `finished`.
    """
    if not name:  # DVC would take it for HEAD
        raise UserError("a revision or experiment without a name", hint=NAMES)
    with repository(root) as repo:
        from dvc.scm import RevError, resolve_rev

        try:
            return Experiment(name, resolve_rev(repo.scm, name))
        except RevError:
            pass  # perhaps since several experiments have the name
    named = [experiment for experiment in finished(root) if experiment.name == name]
    if not named:
        raise UserError(f"{name} is neither a revision nor an experiment", hint=NAMES)
    return named[-1]


def committed(root: Path, experiments: Sequence[Experiment], file: str) -> list[str]:
    """The text of a file that git keeps, as each of the experiments has it.

    Raises:
        UserError: If one has no such file, or as `finished`.
    """
    texts: list[str] = []
    with repository(root) as repo:
        for experiment in experiments:
            try:
                texts.append(repo.scm.get_fs(experiment.commit).read_text(file, encoding="utf-8"))
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
    with repository(root) as repo:
        queue = repo.experiments.celery_queue
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
    with repository(root) as repo:
        if repo.scm.is_dirty(untracked_files=False):
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
    lost = fetch_available(root, experiment, files, folder)
    if lost:
        hint = f"`dvc exp pull REMOTE {experiment.name}` brings it from a remote, where one has it."
        raise UserError(f"{experiment.name} has no {lost[0]} here", hint=hint)


def fetch_available(root: Path, experiment: Experiment, files: Collection[str], folder: Path) -> list[str]:
    """Copy those of the files that an experiment has, as `fetch` does, and name those that are missing.

    Raises:
        UserError: If DVC refuses.
    """
    lost: list[str] = []
    with _refusals():
        from dvc.api import DVCFileSystem
        from dvc.exceptions import FileMissingError, OutputNotFoundError
        from dvc.repo.data import DataIndexDirError  # a folder that neither cache nor remote gives

        missing = FileNotFoundError, FileMissingError, OutputNotFoundError, DataIndexDirError
        with closing(DVCFileSystem(str(root), rev=experiment.commit)) as revision:
            for file in files:
                try:
                    content = revision.read_bytes(file)
                except missing:
                    lost.append(file)
                    continue
                (folder / file).parent.mkdir(parents=True, exist_ok=True)
                (folder / file).write_bytes(content)
    return lost


@contextmanager
def repository(root: Path) -> Iterator[Any]:
    """DVC's `Repo` in `root`, open until the block ends; what it refuses there is told as the user's error.

    Raises:
        UserError: If DVC is missing or refuses, e.g. since `root` is none of its repositories.
    """
    with _refusals():
        from dvc.exceptions import NotDvcRepoError
        from dvc.repo import Repo

        try:
            repo = Repo(str(root))
        except NotDvcRepoError:
            hint = "Run this in the repository's root."
            raise UserError("no DVC repository", path=root, hint=hint) from None
        with repo:
            yield repo


@contextmanager
def _refusals() -> Iterator[None]:
    """Tell what DVC refuses, and that it is missing, as the user's errors."""
    try:
        from dvc.exceptions import DvcException
        from dvc.lock import LockError
    except ImportError:
        hint = "pip install -c requirements.lock -e '.[pipeline]'"
        raise UserError("this takes DVC", hint=hint) from None
    try:
        yield
    except LockError as error:
        hint = "Try again in a while. A queue that runs holds the lock for moments only."
        raise UserError("another DVC command is running", hint=hint) from error
    except DvcException as error:
        raise UserError(f"DVC refuses: {error}") from error
