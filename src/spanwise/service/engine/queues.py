"""What waits, what is refused, and what goes next; no thread, no clock and no event loop of its own.

Each endpoint has two queues: large documents wait apart, so that short ones need not stand behind them.
Queues in which something waits take turns by the time that they have used: start-time fair queuing (Goyal,
Vin and Cheng 1996, https://doi.org/10.1145/248156.248171). Nothing but `clear` takes longer the more
there waits.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Generic

from spanwise.service.contract import ENDPOINTS, Endpoint, QueueFullError
from spanwise.service.engine.rates import Rate
from spanwise.service.engine.tickets import Group, R, T, Ticket

BATCH_WEIGHT = 32_768  # of a batch, in characters: what weighs more is large, and goes alone
PLACE_WEIGHT = 8_192  # that each place of a queue is meant for
OVERHEAD = 128  # characters that take about as long as what a document costs however short it is
SOONEST_S = 0.1  # to come again after a refusal


def weight_of(characters: int) -> int:
    """What a document of so many characters costs, in characters."""
    return characters + OVERHEAD


@dataclass(eq=False)
class Queue(Generic[T, R]):
    """What waits at an endpoint, either large documents or others, in the order in which it came.

    Attributes:
        waiting: By group and number.
        weight: Of all that waits.
        used: Seconds of lanes, from where the queues that waited were when this one began to.
        running: Batches that are being computed.
    """

    endpoint: Endpoint
    large: bool
    waiting: dict[Group[T, R], OrderedDict[int, Ticket[T, R]]] = field(default_factory=dict)
    count: int = 0
    weight: int = 0
    used: float = 0.0
    running: int = 0

    def put(self, ticket: Ticket[T, R]) -> None:
        """At its end."""
        self.waiting.setdefault(ticket.group, OrderedDict())[ticket.number] = ticket
        self.count += 1
        self.weight += ticket.weight

    def remove(self, ticket: Ticket[T, R]) -> bool:
        """Take a ticket out; whether it was there."""
        tickets = self.waiting.get(ticket.group)
        if tickets is None or tickets.pop(ticket.number, None) is None:
            return False
        if not tickets:
            del self.waiting[ticket.group]
        self.count -= 1
        self.weight -= ticket.weight
        return True

    def first(self) -> Ticket[T, R]:
        """The one that waits longest."""
        return min((next(iter(tickets.values())) for tickets in self.waiting.values()), key=_number)

    def cut(self, most: int) -> list[Ticket[T, R]]:
        """The one that waits longest, and those of its group that go with it."""
        batch = [first := self.first()]
        weight = first.weight
        self.remove(first)
        while len(batch) < most and (tickets := self.waiting.get(first.group)):
            ticket = next(iter(tickets.values()))
            weight += ticket.weight
            if weight > BATCH_WEIGHT:
                break
            self.remove(ticket)
            batch.append(ticket)
        return batch


@dataclass(frozen=True)
class Batch(Generic[T, R]):
    """Tickets of one group, what they weigh, and how long they should take."""

    tickets: list[Ticket[T, R]]
    queue: Queue[T, R]
    weight: int
    estimate: float

    @property
    def group(self) -> Group[T, R]:
        """What computes it."""
        return self.tickets[0].group


class Queues(Generic[T, R]):
    """The queues of all endpoints.

    Args:
        lanes: Batches that are computed at once; where there are several, one is kept from large documents.
        places: How many documents may wait at an endpoint.
        most: Documents of a batch.
    """

    def __init__(self, *, lanes: int, places: int, most: int) -> None:
        self._lanes, self._places, self._most = lanes, places, most
        self._queues: dict[tuple[Endpoint, bool], Queue[T, R]] = {
            (endpoint, large): Queue(endpoint, large) for endpoint in ENDPOINTS for large in (False, True)
        }
        self._rates = {endpoint: Rate() for endpoint in ENDPOINTS}
        self._reached = 0.0  # what the queue that went last had used

    def admit(self, endpoint: Endpoint, weights: Sequence[int], patience: float) -> None:
        """See whether a request can be answered in time, as a whole.

        Where nothing waits at the endpoint there is room for any.

        Args:
            endpoint: Where it came in.
            weights: Of its items.
            patience: Seconds until its deadline.

        Raises:
            QueueFullError: If it cannot, with the time after which there should be room.
        """
        queues = [self._queues[endpoint, large] for large in (False, True)]
        waiting = sum(queue.count for queue in queues)
        if not waiting:
            return
        weight = sum(queue.weight for queue in queues)
        full = waiting + len(weights) > self._places or weight + sum(weights) > self._places * PLACE_WEIGHT
        delay = max(
            (self._delay(self._of(endpoint, each)) for each in {w > BATCH_WEIGHT for w in weights}), default=0
        )
        if full or delay > patience:
            raise QueueFullError(max(delay, SOONEST_S))

    def put(self, ticket: Ticket[T, R]) -> None:
        """Let a ticket wait."""
        queue = self._of(ticket.endpoint, ticket.weight > BATCH_WEIGHT)
        if not queue.count:
            queue.used = max(queue.used, self._reached)
        queue.put(ticket)

    def remove(self, ticket: Ticket[T, R]) -> bool:
        """Let it wait no more; whether it did."""
        return self._of(ticket.endpoint, ticket.weight > BATCH_WEIGHT).remove(ticket)

    def clear(self) -> list[Ticket[T, R]]:
        """Let nothing wait any more; what did."""
        left = [
            ticket
            for queue in self._queues.values()
            for tickets in queue.waiting.values()
            for ticket in tickets.values()
        ]
        for ticket in left:
            self.remove(ticket)
        return left

    def take(self, before: float, free: int = 1) -> Batch[T, R] | None:
        """What goes next, if anything may.

        Args:
            before: A batch with room for more waits for it, unless its first came before this.
            free: Lanes that have nothing to do: what waits is spread over them.
        """
        ready = [queue for queue in self._queues.values() if queue.count and self._may_go(queue, before)]
        if not ready:
            return None
        queue = min(ready, key=_used)
        self._reached = queue.used
        waiting = sum(each.count for each in self._queues.values())
        tickets = queue.cut(min(self._most, math.ceil(waiting / free)))
        weight = sum(ticket.weight for ticket in tickets)
        batch = Batch(tickets, queue, weight, self._rates[queue.endpoint].seconds(weight))
        queue.used += batch.estimate
        queue.running += 1
        return batch

    def finished(self, batch: Batch[T, R], weight: int, seconds: float) -> None:
        """A batch that was taken is done.

        Args:
            batch: It.
            weight: Of what was computed of it.
            seconds: That it took.
        """
        batch.queue.running -= 1
        batch.queue.used += seconds - batch.estimate
        if weight:
            self._rates[batch.queue.endpoint].measured(weight, seconds)

    def depth(self, endpoint: Endpoint) -> int:
        """How many documents wait at an endpoint."""
        return sum(self._queues[endpoint, large].count for large in (False, True))

    @property
    def empty(self) -> bool:
        """Whether nothing waits."""
        return not any(queue.count for queue in self._queues.values())

    def _of(self, endpoint: Endpoint, large: bool) -> Queue[T, R]:
        return self._queues[endpoint, large]

    def _may_go(self, queue: Queue[T, R], before: float) -> bool:
        if queue.large:
            running = sum(each.running for each in self._queues.values() if each.large)
            return running < max(1, self._lanes - 1)
        filled = queue.count >= self._most or queue.weight >= BATCH_WEIGHT
        return filled or queue.first().submitted <= before

    def _delay(self, queue: Queue[T, R]) -> float:
        """Seconds until what waits in a queue is under way, if those that wait now take turns."""
        waiting = [each for each in self._queues.values() if each.count]
        whole = sum(self._rates[each.endpoint].seconds(each.weight) for each in waiting)
        turns = len(waiting) * self._rates[queue.endpoint].seconds(queue.weight)
        return min(whole, turns) / self._lanes


def _number(ticket: Ticket[T, R]) -> int:
    return ticket.number


def _used(queue: Queue[T, R]) -> float:
    return queue.used
