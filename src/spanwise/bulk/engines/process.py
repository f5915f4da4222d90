"""Several processes on this machine, each with a predictor of its own."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context

from spanwise.bulk.documents import Chunk, Outcome
from spanwise.bulk.work import Job, Worker
from spanwise.errors import UserError
from spanwise.workers import end_with_parent

AHEAD = 2  # chunks for each worker that are read before the first of them is done


def predict(job: Job, read: Callable[[], Iterator[Chunk]], workers: int) -> Iterator[list[Outcome]]:
    """What becomes of each chunk.

    Raises:
        UserError: If the model cannot be loaded, or a worker ended by itself.
    """
    # Not forked: torch may have threads by now, which a fork would leave behind with their locks held.
    pool = ProcessPoolExecutor(workers, get_context("spawn"), initializer=_begin, initargs=(job,))
    waiting: deque[Future[list[Outcome]]] = deque()
    try:
        for chunk in read():
            waiting.append(pool.submit(_work, chunk))
            if len(waiting) > AHEAD * workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    except BrokenProcessPool:
        raise UserError(
            "a worker process was killed, perhaps since memory ran out",
            hint="The same command goes on after the last whole chunk, where it writes to --output; "
            "fewer --workers take less memory.",
        ) from None
    finally:
        pool.shutdown(cancel_futures=True)


class _Process:
    """What a worker process keeps between chunks."""

    job: Job
    worker: Worker | None = None


def _begin(job: Job) -> None:
    _Process.job = job
    end_with_parent()


def _work(chunk: Chunk) -> list[Outcome]:
    # Loaded here and not at the beginning, where an error would tell no more than that the pool is broken.
    if _Process.worker is None:
        _Process.worker = Worker(_Process.job)
    return _Process.worker(chunk)
