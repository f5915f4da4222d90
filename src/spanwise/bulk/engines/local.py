"""This process, one chunk after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from spanwise.bulk.documents import Chunk, Outcome
from spanwise.bulk.work import Job, Worker
from spanwise.errors import UserError


def predict(job: Job, read: Callable[[], Iterator[Chunk]], workers: int) -> Iterator[list[Outcome]]:
    """What becomes of each chunk.

    Raises:
        UserError: If more than one worker is asked for, or the model cannot be loaded.
    """
    if workers != 1:
        raise UserError("the engine local has one worker", hint="--engine process has several.")
    with Worker(job) as work:
        for chunk in read():
            yield work(chunk)
