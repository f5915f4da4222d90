"""Dynamic batching: items that come one by one are computed together, off the event loop.

A batch begins as soon as a lane is free; while all lanes compute, what comes fills the next ones. With a
window, a batch with room for more waits so long for it, but only while another lane is at work.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Generic

from spanwise.service.contract import DeadlineError, DrainingError, Endpoint, Observer
from spanwise.service.engine.lanes import Computed, compute, failure
from spanwise.service.engine.queues import Batch, Queues
from spanwise.service.engine.tickets import TOO_LATE, Group, Outcome, R, T, Ticket

STOPPING = "the server stops"


class Batcher(Generic[T, R]):
    """Accepts items, or refuses them at once; each accepted one has exactly one outcome.

    It belongs to one event loop, whose thread alone calls it.

    Args:
        lanes: Threads that compute.
        queue: Items that may wait at an endpoint.
        window_s: How long a batch waits for more, in seconds.
        max_batch: Items of a batch.
        weigh: What an item costs; see `queues.weight_of`.
        observer: Is told of queues and batches.
    """

    def __init__(
        self,
        *,
        lanes: int,
        queue: int,
        window_s: float,
        max_batch: int,
        weigh: Callable[[T], int],
        observer: Observer,
    ) -> None:
        self._queues: Queues[T, R] = Queues(lanes=lanes, places=queue, most=max_batch)
        self._window_s, self._weigh, self._observer = window_s, weigh, observer
        self._threads = ThreadPoolExecutor(lanes, thread_name_prefix="lane")
        self._lanes = lanes
        self._free = list(range(lanes))
        self._running: dict[int, Batch[T, R]] = {}
        self._number = 0
        self._soon: asyncio.Handle | None = None
        self._later: asyncio.TimerHandle | None = None
        self._closed = False

    def submit(
        self, endpoint: Endpoint, group: Group[T, R], items: Sequence[T], deadline: float
    ) -> list[Ticket[T, R]]:
        """Accept items, all or none.

        Args:
            endpoint: Where they came in.
            group: What is to compute them.
            items: In the order of the tickets.
            deadline: On the monotonic clock.

        Raises:
            QueueFullError: If too much waits already to compute them in time.
            DrainingError: If it is closed.
        """
        if self._closed:
            raise DrainingError(STOPPING)
        now = time.monotonic()
        weights = [self._weigh(item) for item in items]
        self._queues.admit(endpoint, weights, deadline - now)
        loop = asyncio.get_running_loop()
        tickets: list[Ticket[T, R]] = []
        for item, weight in zip(items, weights, strict=True):
            self._number += 1
            ticket = Ticket(self._number, endpoint, group, item, weight, deadline, now, loop.create_future())
            self._queues.put(ticket)
            tickets.append(ticket)
        self._changed(endpoint)
        if self._soon is None:  # not at once: what else has come by now goes along
            self._soon = loop.call_soon(self._pump)
        return tickets

    def join(self, ticket: Ticket[T, R], deadline: float) -> None:
        """Wait for an item that another waits for, too."""
        ticket.waiters += 1
        ticket.deadline = max(ticket.deadline, deadline)

    def leave(self, ticket: Ticket[T, R]) -> None:
        """Wait for it no more; when nobody does, it is not computed."""
        ticket.waiters -= 1
        if not ticket.waiters and self._queues.remove(ticket):
            ticket.outcome.cancel()
            self._changed(ticket.endpoint)

    def depth(self, endpoint: Endpoint) -> int:
        """How many items wait at an endpoint."""
        return self._queues.depth(endpoint)

    def close(self) -> None:
        """Answer nothing more: what waits, or is being computed, is told that the server stops."""
        self._closed = True
        for handle in (self._soon, self._later):
            if handle is not None:
                handle.cancel()
        running = [ticket for batch in self._running.values() for ticket in batch.tickets]
        for ticket in (*running, *self._queues.clear()):
            ticket.settle(Outcome(DrainingError(STOPPING), 0))
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _pump(self) -> None:
        """Give every free lane something to do."""
        self._soon = None
        while self._free:
            now = time.monotonic()
            window = self._window_s if len(self._free) < self._lanes else 0.0
            batch = self._queues.take(now - window, len(self._free))
            if batch is None:
                break
            self._start(batch, now)
        if self._free and self._window_s and not self._queues.empty and self._later is None:
            self._later = asyncio.get_running_loop().call_later(self._window_s, self._ripened)

    def _ripened(self) -> None:
        self._later = None
        self._pump()

    def _start(self, batch: Batch[T, R], now: float) -> None:
        self._changed(batch.queue.endpoint)
        wanted = [ticket for ticket in batch.tickets if ticket.wanted(now)]
        for ticket in batch.tickets:
            if not ticket.wanted(now):
                ticket.settle(Outcome(DeadlineError(TOO_LATE), 0))
        if not wanted:
            self._queues.finished(batch, 0, 0.0)
            return
        lane = self._free.pop()
        self._running[lane] = batch
        loop = asyncio.get_running_loop()
        future = loop.run_in_executor(self._threads, compute, batch.group.on(lane), wanted)
        future.add_done_callback(partial(self._finished, lane, batch, wanted))

    def _finished(
        self,
        lane: int,
        batch: Batch[T, R],
        tickets: Sequence[Ticket[T, R]],
        done: asyncio.Future[Computed[R]],
    ) -> None:
        del self._running[lane]
        self._free.append(lane)
        if self._closed:
            return
        error = done.exception()
        if error is None:
            computed = done.result()
        else:  # what no document can be blamed for, e.g. an interrupt: the thread goes on
            computed = Computed([Outcome(failure(error), len(tickets))] * len(tickets), 0.0)
        self._queues.finished(batch, sum(ticket.weight for ticket in tickets), computed.seconds)
        self._observer.batched(batch.queue.endpoint, len(tickets), computed.seconds)
        for ticket, outcome in zip(tickets, computed.outcomes, strict=True):
            ticket.settle(outcome)
        self._pump()

    def _changed(self, endpoint: Endpoint) -> None:
        self._observer.queued(endpoint, self._queues.depth(endpoint))
