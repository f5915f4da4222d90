"""One item on its way: what it is, who waits for it until when, and what became of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from spanwise.service.contract import Endpoint

T = TypeVar("T")
R = TypeVar("R")
T_contra = TypeVar("T_contra", contravariant=True)
R_co = TypeVar("R_co", covariant=True)

TOO_LATE = "the answer would come later than it is waited for"

Work = Callable[[Sequence[T]], Sequence[R | Exception]]
"""Does something with items, and blocks; see `contract.Operation`."""


class Group(Protocol[T_contra, R_co]):
    """What items of one batch have in common: a version of a model."""

    def on(self, lane: int) -> Callable[[Sequence[T_contra]], Sequence[R_co | Exception]]:
        """What computes in a lane, and in no other at the same time."""
        ...


@dataclass(frozen=True)
class Outcome(Generic[R]):
    """What became of an item, and how many were computed with it, itself counted."""

    value: R | Exception = field(repr=False)  # no text in what asyncio may log of a future
    batch: int


@dataclass(eq=False)
class Ticket(Generic[T, R]):
    """An item that was accepted.

    Attributes:
        number: Tickets are numbered as they come.
        endpoint: Where it came in.
        group: What is to compute it.
        item: It.
        weight: What it costs; see `queues.weight_of`.
        deadline: After which nobody wants it, on the monotonic clock.
        submitted: When it came, on the same.
        outcome: Is set once; cancelled where all that waited have left before it was computed.
        waiters: How many wait for it.
    """

    number: int
    endpoint: Endpoint
    group: Group[T, R]
    item: T = field(repr=False)
    weight: int
    deadline: float
    submitted: float
    outcome: asyncio.Future[Outcome[R]]
    waiters: int = 1

    def wanted(self, now: float) -> bool:
        """Whether anyone still waits for it."""
        return self.waiters > 0 and now < self.deadline

    def settle(self, outcome: Outcome[R]) -> None:
        """Tell those that wait; the first outcome counts."""
        if not self.outcome.done():
            self.outcome.set_result(outcome)
