from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from spanwise.service.contract import Endpoint, QueueFullError
from spanwise.service.engine.queues import (
    BATCH_WEIGHT,
    PLACE_WEIGHT,
    SOONEST_S,
    Batch,
    Queues,
    weight_of,
)
from spanwise.service.engine.tickets import Ticket

LARGE = BATCH_WEIGHT + 1
FOREVER = float("inf")


class Version:
    """A group."""

    def on(self, lane: int) -> Callable[[Sequence[str]], Sequence[str]]:
        raise AssertionError("queues compute nothing")


VERSION = Version()


def queues(lanes: int = 1, places: int = 1_000, most: int = 4) -> Queues[str, str]:
    return Queues(lanes=lanes, places=places, most=most)


def ticket(
    number: int,
    weight: int = 1,
    endpoint: Endpoint = "extract",
    group: Version = VERSION,
    submitted: float = 0.0,
) -> Ticket[str, str]:
    # Queues do not look at what comes of a ticket.
    nothing: Any = None
    return Ticket(number, endpoint, group, str(number), weight, FOREVER, submitted, nothing)


def put(held: Queues[str, str], *tickets: Ticket[str, str]) -> None:
    for each in tickets:
        held.put(each)


def take(held: Queues[str, str], before: float = FOREVER) -> list[int]:
    batch = held.take(before)
    return [] if batch is None else [each.number for each in batch.tickets]


def test_a_batch_takes_what_came_first_and_no_more_than_it_may() -> None:
    held = queues(most=2)
    put(held, ticket(1), ticket(2), ticket(3))
    assert [take(held), take(held), take(held)] == [[1, 2], [3], []]


def test_what_waits_is_spread_over_the_lanes_that_are_free() -> None:
    held = queues(lanes=3, most=8)
    put(held, *(ticket(number) for number in range(7)))
    batches = [held.take(FOREVER, free) for free in (3, 2, 1)]
    assert [len(batch.tickets) for batch in batches if batch is not None] == [3, 2, 2]


def test_a_batch_is_bounded_by_characters() -> None:
    held = queues()
    put(held, *(ticket(number, BATCH_WEIGHT // 2) for number in range(3)))
    assert [take(held), take(held)] == [[0, 1], [2]]


def test_a_batch_is_of_one_version_and_the_one_that_came_first_goes_first() -> None:
    held = queues()
    old, new = Version(), Version()
    put(held, ticket(1, group=old), ticket(2, group=new), ticket(3, group=old))
    assert [take(held), take(held)] == [[1, 3], [2]]


def test_what_was_removed_does_not_go() -> None:
    held = queues()
    first, second = ticket(1), ticket(2)
    put(held, first, second)
    assert held.remove(first)
    assert not held.remove(first)
    assert (held.depth("extract"), take(held), held.remove(second), held.empty) == (1, [2], False, True)


def test_a_batch_with_room_waits_for_more_and_a_full_one_does_not() -> None:
    held = queues(most=2)
    put(held, ticket(1, submitted=5.0))
    assert take(held, before=4.9) == []
    assert take(held, before=5.0) == [1]
    put(held, ticket(2, submitted=5.0), ticket(3, submitted=6.0))
    assert take(held, before=0.0) == [2, 3]
    put(held, ticket(4, BATCH_WEIGHT, submitted=5.0))
    assert take(held, before=0.0) == [4]


def test_short_documents_pass_large_ones() -> None:
    held = queues(lanes=2)
    put(held, ticket(1, LARGE), ticket(2, LARGE), ticket(3), ticket(4))
    assert sorted([take(held), take(held)]) == [[1], [3, 4]]


@pytest.mark.parametrize(("lanes", "at_once"), [(1, 1), (2, 1), (4, 3)])
def test_where_there_are_several_lanes_large_documents_leave_one_free(lanes: int, at_once: int) -> None:
    held = queues(lanes=lanes)
    put(held, *(ticket(number, LARGE, "parse" if number % 2 else "extract") for number in range(6)))
    batches = [held.take(FOREVER) for _ in range(6)]
    running = [batch for batch in batches if batch is not None]
    assert len(running) == at_once
    held.finished(running[0], LARGE, 1.0)
    assert held.take(FOREVER) is not None


def test_endpoints_that_wait_share_the_time_evenly() -> None:
    """One takes ten times as long for each document as the other."""
    held = queues(most=1)
    for number in range(400):
        put(held, ticket(number, 1, "extract"), ticket(number, 1, "generate"))
    used: Counter[str] = Counter()
    for _ in range(200):
        batch = held.take(FOREVER)
        assert batch is not None
        seconds = 1.0 if batch.queue.endpoint == "generate" else 0.1
        held.finished(batch, batch.weight, seconds)
        used[batch.queue.endpoint] += round(10 * seconds)
    assert abs(used["extract"] - used["generate"]) <= 10


def test_an_endpoint_that_had_nothing_to_do_has_nothing_saved_up() -> None:
    held = queues(most=1)
    put(held, *(ticket(number) for number in range(100)))
    for _ in range(50):
        batch = held.take(FOREVER)
        assert batch is not None
        held.finished(batch, batch.weight, 1.0)
    put(held, *(ticket(number, endpoint="parse") for number in range(100)))
    went = []
    for _ in range(20):
        batch = held.take(FOREVER)
        assert batch is not None
        held.finished(batch, batch.weight, 1.0)
        went.append(batch.queue.endpoint)
    assert 9 <= went.count("parse") <= 11


def test_more_than_the_places_are_refused_and_none_of_the_request_is_taken() -> None:
    held = queues(places=3)
    put(held, ticket(1), ticket(2))
    held.admit("extract", [1], FOREVER)
    with pytest.raises(QueueFullError) as refused:
        held.admit("extract", [1, 1], FOREVER)
    assert refused.value.retry_after == SOONEST_S  # nothing was measured yet
    held.admit("parse", [1, 1, 1], FOREVER)


def test_more_characters_than_the_places_are_meant_for_are_refused() -> None:
    held = queues(places=3)
    put(held, ticket(1, 2 * PLACE_WEIGHT))
    held.admit("extract", [PLACE_WEIGHT], FOREVER)
    with pytest.raises(QueueFullError):
        held.admit("extract", [PLACE_WEIGHT + 1], FOREVER)


def test_where_nothing_waits_there_is_room_for_any_request() -> None:
    queues(places=1).admit("extract", [1, LARGE], 0.0)


def measured(held: Queues[str, str], seconds_each: float) -> None:
    """Let the endpoint be known to take so long for a weight of 1."""
    put(held, ticket(0))
    batch = held.take(FOREVER)
    assert batch is not None
    held.finished(batch, 1, seconds_each)


def test_what_cannot_be_answered_in_time_is_refused_with_the_time_after_which_it_could() -> None:
    held = queues(lanes=2)
    measured(held, 0.5)
    put(held, *(ticket(number) for number in range(1, 9)))  # 8 documents of 0.5 s in two lanes
    held.admit("extract", [1], 2.0)
    with pytest.raises(QueueFullError) as refused:
        held.admit("extract", [1], 1.9)
    assert refused.value.retry_after == pytest.approx(2.0)


def test_the_wait_of_one_endpoint_is_no_more_than_its_turns() -> None:
    held = queues()
    measured(held, 1.0)
    put(held, *(ticket(number) for number in range(1, 9)))
    held.admit("parse", [1], 0.1)
    put(held, ticket(9, endpoint="parse"))
    held.admit("parse", [1], 0.1)  # nothing is known of its time yet
    with pytest.raises(QueueFullError):
        held.admit("extract", [1], 0.1)


def test_a_document_costs_something_however_short() -> None:
    assert 0 < weight_of(0) < weight_of(1)


class Traffic(RuleBasedStateMachine):
    """Every ticket that was put waits, was removed, or is in exactly one batch; and queues count right."""

    def __init__(self) -> None:
        super().__init__()
        self.groups = [Version(), Version()]
        self.held = queues(lanes=2, places=20, most=3)
        self.waiting: dict[int, Ticket[str, str]] = {}
        self.running: list[Batch[str, str]] = []
        self.gone: set[int] = set()
        self.number = 0

    @rule(
        weights=st.lists(st.sampled_from([1, 500, BATCH_WEIGHT // 2, LARGE]), max_size=4),
        endpoint=st.sampled_from(["extract", "parse"]),
        group=st.integers(0, 1),
        patience=st.sampled_from([0.0, 10.0]),
    )
    def ask(self, weights: list[int], endpoint: Endpoint, group: int, patience: float) -> None:
        before = self.held.depth(endpoint)
        try:
            self.held.admit(endpoint, weights, patience)
        except QueueFullError:
            assert before
            return
        assert not before or before + len(weights) <= 20
        for weight in weights:
            self.number += 1
            self.waiting[self.number] = ticket(self.number, weight, endpoint, self.groups[group])
            self.held.put(self.waiting[self.number])

    @rule(data=st.data())
    def give_up(self, data: st.DataObject) -> None:
        if self.waiting:
            number = data.draw(st.sampled_from(sorted(self.waiting)))
            left = self.waiting.pop(number)
            assert self.held.remove(left)
            assert not self.held.remove(left)
            self.gone.add(number)

    @rule()
    def take(self) -> None:
        batch = self.held.take(FOREVER)
        if batch is None:
            large = [each for each in self.running if each.queue.large]
            assert all(each.weight > BATCH_WEIGHT for each in self.waiting.values())
            assert large or not self.waiting
            return
        numbers = [each.number for each in batch.tickets]
        assert 1 <= len(numbers) <= 3
        assert len({(each.group, each.endpoint) for each in batch.tickets}) == 1
        assert batch.weight == sum(each.weight for each in batch.tickets)
        assert batch.weight <= BATCH_WEIGHT or len(numbers) == 1
        first = self.waiting[numbers[0]]
        alike = [
            each.number
            for each in self.waiting.values()
            if (each.group, each.endpoint) == (first.group, first.endpoint)
            and (each.weight > BATCH_WEIGHT) == batch.queue.large
        ]
        assert numbers == alike[: len(numbers)]
        for number in numbers:
            del self.waiting[number]
            self.gone.add(number)
        self.running.append(batch)

    @rule(seconds=st.floats(0, 5), data=st.data())
    def finish(self, seconds: float, data: st.DataObject) -> None:
        if self.running:
            batch = self.running.pop(data.draw(st.integers(0, len(self.running) - 1)))
            self.held.finished(batch, batch.weight, seconds)

    @rule()
    def clear(self) -> None:
        assert sorted(each.number for each in self.held.clear()) == sorted(self.waiting)
        self.gone |= self.waiting.keys()
        self.waiting.clear()

    @invariant()
    def counts(self) -> None:
        found = Counter(each.endpoint for each in self.waiting.values())
        assert [self.held.depth("extract"), self.held.depth("parse")] == [found["extract"], found["parse"]]
        assert self.held.empty == (not self.waiting)
        assert self.gone.isdisjoint(self.waiting)
        for queue in self.held._queues.values():
            assert (queue.count == 0) == (not queue.waiting)
            assert queue.count or queue.weight == 0


TestTraffic = Traffic.TestCase
TestTraffic.settings = settings(stateful_step_count=15)
