"""The queue of DVC experiments, waited for until it is empty.

DVC starts a queue and lists it; it neither waits for it nor notices that a worker was killed, whose
experiments stay `Running` for good. Which of them still run is asked of the processes themselves.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from spanwise.errors import UserError
from spanwise.experiments import repository
from spanwise.io import read_json

State = Literal["queued", "running", "lost", "failed", "succeeded"]
PENDING: tuple[State, ...] = ("queued", "running")
POLL = 2.0
"""Seconds between two looks at the queue."""
STARTING = 60.0
"""Seconds that started workers are given to appear: each imports DVC first."""


@dataclass(frozen=True)
class Task:
    """One experiment of the queue.

    Attributes:
        name: As DVC lists it.
        state: `lost` is what DVC calls running although its processes are gone.
        log: What it printed; `None` before it has begun.
    """

    name: str
    state: State
    log: Path | None


@dataclass(frozen=True)
class Queue:
    """A queue at one moment.

    Attributes:
        tasks: Its experiments, in DVC's order: waiting, running, done.
        workers: How many processes work on it.
    """

    tasks: tuple[Task, ...]
    workers: int

    def named(self, *states: State) -> list[str]:
        """The names of the experiments in these states, sorted."""
        return sorted(task.name for task in self.tasks if task.state in states)


def look(root: Path) -> Queue:
    """The queue of the repository in `root` as it is now.

    Raises:
        UserError: If DVC is missing or refuses.
    """
    with repository(root) as repo:
        queue = repo.experiments.celery_queue
        workers = len(_workers(Path(queue.wdir)))
        # An experiment that moves on meanwhile is met twice rather than never: the later state holds.
        found = {entry.stash_rev: (entry, "queued") for entry in queue.iter_queued()}
        found |= {entry.stash_rev: (entry, "running") for entry in queue.iter_active()}
        done = ((each.entry, "failed" if each.result is None else "succeeded") for each in queue.iter_done())
        found |= {entry.stash_rev: (entry, state) for entry, state in done}
        held = _held(queue, workers) if any(state == "running" for _, state in found.values()) else set()
        return Queue(tuple(_task(queue, entry, state, held) for entry, state in found.values()), workers)


def _task(queue: Any, entry: Any, state: Any, held: set[str] | None) -> Task:
    """What is told of an entry; `held` are the revisions that workers have, `None` where that is unknown."""
    process = queue.proc.get(entry.stash_rev)
    ended = process is None or not alive(process.pid)
    if state == "running" and ended and held is not None and entry.stash_rev not in held:
        state = "lost"
    return Task(
        name=entry.name or entry.stash_rev[:7],
        state=state,
        log=Path(process.stdout) if process and process.stdout else None,
    )


def _held(queue: Any, workers: int) -> set[str] | None:
    """The revisions that workers say they work on; `None` when one has not answered in time."""
    if not workers:
        return set()
    answers = queue.worker_status()
    if len(answers) < workers:
        return None
    arguments = [each for tasks in answers.values() for task in tasks for each in task["args"]]
    return {each["stash_rev"] for each in arguments if isinstance(each, dict) and "stash_rev" in each}


def _workers(folder: Path) -> list[int]:
    """The process ids of the workers that are alive, of those that DVC has noted in its folder."""
    pids = [int(read_json(path)["pid"]) for path in sorted(folder.glob("dvc-exp-worker-*.json"))]
    return [pid for pid in pids if alive(pid)]


def alive(pid: int) -> bool:
    """Whether a process runs; one that has ended but was not fetched by its parent does not."""
    import psutil

    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def start(root: Path, jobs: int) -> None:
    """Have `jobs` workers take experiments from the queue, those that run already counted, and wait for one.

    Raises:
        UserError: If DVC refuses, or no worker appears.
    """
    command = [sys.executable, "-m", "dvc", "queue", "start", "-j", str(jobs)]
    # Not to a pipe: the workers keep it open, and reading it would wait for them.
    log = root / ".dvc" / "tmp" / "queue-start.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as file:
        done = subprocess.run(  # noqa: S603
            command, cwd=root, stdin=subprocess.DEVNULL, stdout=file, stderr=file, check=False
        )
    if done.returncode:
        raise UserError(f"the queue cannot be started: {' '.join(tail(log, 1))}", path=log)
    deadline = time.monotonic() + STARTING
    while not (queue := look(root)).workers and queue.named("queued"):
        if time.monotonic() > deadline:
            raise UserError(f"no worker has come up within {STARTING:.0f} s", path=log)
        time.sleep(POLL)


def wait(root: Path, tell: Callable[[Queue], None]) -> Queue:
    """Wait until nothing is queued or running, and give the queue as it is then.

    Args:
        root: The repository.
        tell: Called with the queue at first and whenever a state in it has changed.

    Raises:
        UserError: If experiments wait for workers and there are none, or DVC refuses.
    """
    told: Queue | None = None
    while True:
        queue = look(root)
        if told is None or queue.tasks != told.tasks:
            tell(queue)
            told = queue
        if not queue.named(*PENDING):
            return queue
        if not queue.workers and not queue.named("running"):
            reason = f"nothing works on the queue, and {', '.join(queue.named('queued'))} wait in it"
            raise UserError(reason, hint="Start workers: `spanwise sweep --jobs 1`.")
        time.sleep(POLL)


def counts(queue: Queue) -> str:
    """How many experiments are in which state, and which of them run."""
    tally: Iterator[tuple[State, list[str]]] = (
        (state, queue.named(state)) for state in ("succeeded", "failed", "lost", "running", "queued")
    )
    parts = [
        f"{len(names)} {state}" + (f" ({', '.join(names)})" if state == "running" else "")
        for state, names in tally
        if names
    ]
    return ", ".join(parts) or "the queue is empty"


def tail(log: Path, lines: int) -> Sequence[str]:
    """The last lines of a log that are not blank; none where it is gone."""
    if not log.is_file():
        return []
    text = log.read_bytes().decode("utf-8", errors="replace")
    kept = [line.rstrip() for line in text.splitlines() if line.strip()]
    return kept[max(len(kept) - lines, 0) :]
