"""The processes that share a training: which of them this is, and what they tell each other.

A training in one process is one of a single process: nothing here costs it anything. `launch` starts several.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

import torch.distributed as dist

T = TypeVar("T")


def count() -> int:
    """How many processes share the training."""
    return dist.get_world_size() if dist.is_initialized() else 1


def rank() -> int:
    """The number of this process, counted from 0."""
    return dist.get_rank() if dist.is_initialized() else 0


def is_main() -> bool:
    """Whether this is the process that writes files, records and messages."""
    return rank() == 0


def barrier() -> None:
    """Wait until every process is here."""
    if count() > 1:
        dist.barrier()


@contextmanager
def main_first() -> Iterator[None]:
    """The main process goes through the block first: what it mends or deletes, the others find done."""
    if not is_main():
        barrier()
    yield
    if is_main():
        barrier()


def from_main(value: T) -> T:
    """What the main process has under this name."""
    if count() == 1:
        return value
    box = [value]
    dist.broadcast_object_list(box, src=0)
    return box[0]


def own(items: Sequence[T]) -> Sequence[T]:
    """The share of this process in what all of them have alike: in turn, so that neighbours are parted."""
    return items[rank() :: count()]


def gathered(items: Sequence[T]) -> list[T]:
    """What came of the shares that `own` gave, one item for each, in the order of the whole."""
    if count() == 1:
        return list(items)
    shares: list[Sequence[T]] = [()] * count()
    dist.all_gather_object(shares, items)
    return [shares[place % count()][place // count()] for place in range(sum(map(len, shares)))]


def total(number: float) -> float:
    """The sum of what each process has, the same to the last bit in all of them."""
    return sum(gathered([number]))
