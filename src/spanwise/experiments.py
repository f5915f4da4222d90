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
        commit: Its results.
        baseline: The commit that it was started from: the code it ran.
    """

    name: str
    commit: str
    baseline: str


def finished(root: Path) -> list[Experiment]:
    """The experiments of all baselines, sorted by name; of several with one name, the latest.

    Raises:
        UserError: If DVC is missing or `root` is none of its repositories.
    """
    found: dict[str, tuple[int, Experiment]] = {}
    with _repository(root) as repository:
        for baseline, experiments in repository.experiments.ls(all_commits=True).items():
            for name, commit in experiments:
                time = repository.scm.resolve_commit(commit).commit_time
                if name not in found or found[name][0] < time:
                    found[name] = time, Experiment(name, commit, baseline)
    return [found[name][1] for name in sorted(found)]


def pending(root: Path) -> list[str]:
    """The names of the experiments that are queued or running, sorted.

    What is called running while no worker is there was left behind by one that was killed: it is not pending.

    Raises:
        UserError: If DVC is missing or `root` is none of its repositories.
    """
    with _repository(root) as repository:
        queue = repository.experiments.celery_queue
        entries = [*queue.iter_queued(), *(queue.iter_active() if queue.worker_status() else ())]
        return sorted({entry.name for entry in entries if entry.name})


def check_committed(root: Path) -> None:
    """Refuse changes that are not committed: they would become part of what is queued, and of no baseline.

    Raises:
        UserError: If there are any, DVC is missing, or `root` is none of its repositories.
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
        UserError: If one is missing, from the experiment or from here.
    """
    import dvc.api

    for file in files:
        try:
            content = dvc.api.read(file, repo=str(root), rev=experiment.commit, mode="rb")
        except Exception as error:  # DVC lets through what its storage layers raise
            raise UserError(
                f"{experiment.name} has no {file} here",
                hint=f"`dvc exp pull REMOTE {experiment.name}` brings it from a remote, where one has it.",
            ) from error
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_bytes(content)


@contextmanager
def _repository(root: Path) -> Iterator[Any]:
    try:
        from dvc.exceptions import NotDvcRepoError
        from dvc.repo import Repo
    except ImportError:
        hint = "pip install -c requirements.lock -e '.[pipeline]'"
        raise UserError("experiments take DVC", hint=hint) from None
    try:
        repository = Repo(str(root))
    except NotDvcRepoError:
        raise UserError("no DVC repository", path=root, hint="Run this in the repository's root.") from None
    with repository:
        yield repository
