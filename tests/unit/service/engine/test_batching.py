from __future__ import annotations

import asyncio
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spanwise.service.contract import (
    Answer,
    DeadlineError,
    DrainingError,
    Item,
    ItemError,
    Observer,
    QueueFullError,
    ServiceError,
)
from spanwise.service.engine.batching import Batcher
from spanwise.service.engine.lanes import UNTOLD
from spanwise.service.engine.queues import BATCH_WEIGHT, weight_of
from spanwise.service.engine.tickets import Ticket, Work
from tests.unit.service.engine.made import PATIENCE_S, Model, Watcher, item, until

FOREVER = float("inf")
Tickets = list[Ticket[Item, Answer]]


class Version:
    """The same model in all lanes, which one test at a time lets compute."""

    def __init__(self, model: Model | None = None) -> None:
        self.model = model or Model()

    def on(self, lane: int) -> Work[Item, Answer]:
        return self.model


@asynccontextmanager
async def batching(**changes: Any) -> AsyncIterator[Batcher[Item, Answer]]:
    settings: dict[str, Any] = {
        "lanes": 1,
        "queue": 100,
        "window_s": 0.0,
        "max_batch": 8,
        "weigh": lambda each: weight_of(len(each.text)),
        "observer": Observer(),
    }
    batcher: Batcher[Item, Answer] = Batcher(**settings | changes)
    try:
        yield batcher
    finally:
        batcher.close()


def submit(
    batcher: Batcher[Item, Answer], version: Version, *texts: str, deadline: float = FOREVER
) -> Tickets:
    return batcher.submit("extract", version, [item(text) for text in texts], deadline)


async def told(tickets: Sequence[Ticket[Item, Answer]]) -> list[str]:
    """What became of tickets: the answer, or the class of what went wrong."""
    async with asyncio.timeout(PATIENCE_S):
        found = [(await ticket.outcome).value for ticket in tickets]
    return [each.value["text"] if isinstance(each, Answer) else type(each).__name__ for each in found]


async def busy(version: Version, batcher: Batcher[Item, Answer], *texts: str) -> Tickets:
    """Let a lane compute until the gate is opened."""
    version.model.gate.clear()
    tickets = submit(batcher, version, *texts)
    await until(lambda: list(texts) in version.model.batches)
    return tickets


def test_outcomes_come_in_the_order_of_the_items() -> None:
    async def main() -> None:
        async with batching(lanes=2, max_batch=3) as batcher:
            texts = [f"t{number}" for number in range(20)]
            assert await told(submit(batcher, Version(), *texts)) == [text.upper() for text in texts]

    asyncio.run(main())


def test_what_comes_while_lanes_compute_is_computed_together() -> None:
    async def main() -> None:
        version, watcher = Version(), Watcher()
        async with batching(observer=watcher) as batcher:
            tickets = await busy(version, batcher, "a")
            for text in "bcd":
                tickets += submit(batcher, version, text)
            assert batcher.depth("extract") == 3
            version.model.gate.set()
            assert await told(tickets) == ["A", "B", "C", "D"]
        assert version.model.batches == [["a"], ["b", "c", "d"]]
        assert watcher.sizes == [1, 3]
        assert [depth for _, depth in watcher.depths] == [1, 0, 1, 2, 3, 0]

    asyncio.run(main())


def test_what_comes_at_once_goes_together() -> None:
    async def main() -> None:
        version = Version()
        async with batching() as batcher:
            tickets = [*submit(batcher, version, "a"), *submit(batcher, version, "b")]
            await told(tickets)
        assert version.model.batches == [["a", "b"]]

    asyncio.run(main())


def test_a_lone_item_does_not_wait_for_the_window() -> None:
    async def main() -> None:
        async with batching(window_s=10 * PATIENCE_S, lanes=2) as batcher:
            assert await told(submit(batcher, Version(), "a")) == ["A"]

    asyncio.run(main())


def test_while_another_lane_computes_a_batch_waits_until_it_is_full() -> None:
    async def main() -> None:
        slow, quick = Version(), Version()
        async with batching(window_s=10 * PATIENCE_S, lanes=2, max_batch=2) as batcher:
            first = await busy(slow, batcher, "a")
            tickets = submit(batcher, quick, "b")
            await asyncio.sleep(0.02)
            assert quick.model.batches == []
            tickets += submit(batcher, quick, "c")
            assert await told(tickets) == ["B", "C"]
            slow.model.gate.set()
            await told(first)
        assert quick.model.batches == [["b", "c"]]

    asyncio.run(main())


def test_while_another_lane_computes_a_batch_waits_no_longer_than_the_window() -> None:
    async def main() -> None:
        slow, quick = Version(), Version()
        async with batching(window_s=0.01, lanes=2) as batcher:
            first = await busy(slow, batcher, "a")
            assert await told(submit(batcher, quick, "b")) == ["B"]
            slow.model.gate.set()
            await told(first)

    asyncio.run(main())


def test_a_poisoned_item_fails_alone_and_its_text_is_not_told() -> None:
    async def main() -> None:
        async with batching() as batcher:
            tickets = submit(batcher, Version(), "a", "poison", "b")
            assert await told(tickets) == ["A", "ServiceError", "B"]
            assert str((await tickets[1].outcome).value) == UNTOLD

    asyncio.run(main())


def test_nothing_of_a_document_shows_where_a_ticket_is_printed() -> None:
    async def main() -> None:
        async with batching() as batcher:
            tickets = submit(batcher, Version(), "fever", "bad")
            await told(tickets)
            assert "outcome=<Future finished" in repr(tickets)
            assert "fever" not in repr(tickets).lower()

    asyncio.run(main())


def test_what_is_worse_than_an_exception_fails_its_batch_and_leaves_the_lane_at_work() -> None:
    class Interrupted(BaseException):
        pass

    class Interrupting(Model):
        def __call__(self, items: Sequence[Item]) -> Sequence[Answer | Exception]:
            if items[0].text == "interrupt":
                raise Interrupted
            return super().__call__(items)

    async def main() -> None:
        version = Version(Interrupting())
        async with batching() as batcher:
            tickets = submit(batcher, version, "interrupt", "a")
            assert await told(tickets) == ["ServiceError", "ServiceError"]
            assert str((await tickets[0].outcome).value) == UNTOLD
            assert await told(submit(batcher, version, "a")) == ["A"]

    asyncio.run(main())


def test_what_came_too_late_is_not_computed() -> None:
    async def main() -> None:
        version = Version()
        async with batching() as batcher:
            first = await busy(version, batcher, "a")
            late = submit(batcher, version, "b", deadline=time.monotonic() + 0.01)
            await asyncio.sleep(0.02)
            version.model.gate.set()
            assert await told([*first, *late]) == ["A", "DeadlineError"]
            assert await told(submit(batcher, version, "c")) == ["C"]
        assert version.model.batches == [["a"], ["c"]]

    asyncio.run(main())


def test_what_everyone_left_is_not_computed() -> None:
    async def main() -> None:
        version = Version()
        async with batching() as batcher:
            first = await busy(version, batcher, "a")
            left, kept = submit(batcher, version, "b", "c")
            batcher.join(kept, FOREVER)
            for ticket in (left, kept):
                batcher.leave(ticket)
            assert batcher.depth("extract") == 1
            version.model.gate.set()
            assert await told([*first, kept]) == ["A", "C"]
            assert left.outcome.cancelled()
        assert version.model.batches == [["a"], ["c"]]

    asyncio.run(main())


def test_whoever_joins_can_wait_as_long_as_it_wants() -> None:
    async def main() -> None:
        version = Version()
        async with batching() as batcher:
            (ticket,) = submit(batcher, version, "a", deadline=1.0)
            batcher.join(ticket, FOREVER)
            assert await told([ticket]) == ["A"]

    asyncio.run(main())


def test_a_refusal_leaves_what_was_accepted_alone() -> None:
    async def main() -> None:
        version = Version()
        async with batching(queue=2) as batcher:
            tickets = await busy(version, batcher, "a")
            tickets += submit(batcher, version, "b", "c")
            for _ in range(20):
                with pytest.raises(QueueFullError) as refused:
                    submit(batcher, version, "d")
                assert refused.value.retry_after > 0
            assert batcher.depth("extract") == 2
            version.model.gate.set()
            assert await told(tickets) == ["A", "B", "C"]
            assert await told(submit(batcher, version, "d")) == ["D"]

    asyncio.run(main())


def test_short_documents_are_answered_while_a_huge_one_is_computed() -> None:
    async def main() -> None:
        slow, quick = Version(), Version()
        huge = "x" * (BATCH_WEIGHT + 1)
        async with batching(lanes=2) as batcher:
            tickets = await busy(slow, batcher, huge)
            tickets += submit(batcher, slow, huge)
            assert await told(submit(batcher, quick, *"abc")) == ["A", "B", "C"]
            assert slow.model.batches == [[huge]]
            slow.model.gate.set()
            assert await told(tickets) == [huge.upper(), huge.upper()]

    asyncio.run(main())


def test_what_is_not_answered_when_it_closes_is_told_so() -> None:
    async def main() -> None:
        version = Version()
        async with batching() as batcher:
            tickets = await busy(version, batcher, "a")
            tickets += submit(batcher, version, "b")
            batcher.close()
            assert await told(tickets) == ["DrainingError", "DrainingError"]
            with pytest.raises(DrainingError):
                submit(batcher, version, "c")
            version.model.gate.set()

    asyncio.run(main())


def test_it_closes_while_a_batch_waits_for_its_window() -> None:
    async def main() -> None:
        slow, quick = Version(), Version()
        async with batching(window_s=10 * PATIENCE_S, lanes=2) as batcher:
            await busy(slow, batcher, "a")
            tickets = submit(batcher, quick, "b")
            await asyncio.sleep(0.01)
            batcher.close()
            assert await told(tickets) == ["DrainingError"]
            slow.model.gate.set()

    asyncio.run(main())


def test_a_model_is_never_called_by_two_threads_in_one_lane() -> None:
    class Lane(Model):
        """Fails if it is entered twice at once."""

        def __init__(self) -> None:
            super().__init__()
            self.lock = threading.Lock()

        def __call__(self, items: Sequence[Item]) -> Sequence[Answer | Exception]:
            if not self.lock.acquire(blocking=False):
                return [ItemError("entered twice")] * len(items)
            try:
                time.sleep(0.0005)
                return super().__call__(items)
            finally:
                self.lock.release()

    class Lanes(Version):
        def __init__(self) -> None:
            self.lanes = [Lane() for _ in range(3)]

        def on(self, lane: int) -> Work[Item, Answer]:
            return self.lanes[lane]

    async def main() -> None:
        async with batching(lanes=3, max_batch=2) as batcher:
            found = await told(submit(batcher, Lanes(), *["a"] * 60))
            assert found == ["A"] * 60

    asyncio.run(main())


ACTIONS: st.SearchStrategy[tuple[str, list[str]]] = st.one_of(
    st.tuples(st.just("submit"), st.lists(st.sampled_from(["a", "bad", "poison"]), min_size=1, max_size=4)),
    st.tuples(st.just("expire"), st.just(["late"])),
    st.tuples(st.just("leave"), st.just([])),
    st.tuples(st.just("turn"), st.just([])),
    st.tuples(st.just("close"), st.just([])),
)


class Script:
    """Does to a batcher what comes to it, and remembers what was accepted, left and told."""

    def __init__(self, batcher: Batcher[Item, Answer]) -> None:
        self.batcher, self.version = batcher, Version()
        self.accepted: Tickets = []
        self.left: Tickets = []
        self.closed = False
        self.told: Counter[int] = Counter()

    async def do(self, action: str, texts: Sequence[str]) -> None:
        match action:
            case "submit":
                self.submit(texts, FOREVER)
            case "expire":
                self.submit(texts, 1.0)
            case "leave" if len(self.left) < len(self.accepted):
                self.left.append(self.accepted[len(self.left)])
                self.batcher.leave(self.left[-1])
            case "turn":
                await asyncio.sleep(0)
            case "close":
                self.closed = True
                self.batcher.close()

    def submit(self, texts: Sequence[str], deadline: float) -> None:
        try:
            tickets = submit(self.batcher, self.version, *texts, deadline=deadline)
        except (QueueFullError, DrainingError):
            return
        for ticket in tickets:
            ticket.outcome.add_done_callback(partial(self.tell, ticket.number))
        self.accepted += tickets

    def tell(self, number: int, _: object) -> None:
        self.told[number] += 1

    def right(self, ticket: Ticket[Item, Answer]) -> bool:
        """Whether the outcome is one that the item may have."""
        if ticket.outcome.cancelled():
            return ticket in self.left
        value = ticket.outcome.result().value
        if isinstance(value, DrainingError):
            return self.closed
        if isinstance(value, DeadlineError):
            return ticket.item.text == "late" or ticket in self.left
        return isinstance(value, Answer if ticket.item.text == "a" else ServiceError)


@given(st.lists(ACTIONS, max_size=12), st.integers(1, 3), st.integers(1, 4))
def test_each_accepted_item_has_exactly_one_outcome(
    actions: list[tuple[str, list[str]]], lanes: int, queue: int
) -> None:
    async def main() -> None:
        async with batching(lanes=lanes, queue=queue, max_batch=3) as batcher:
            script = Script(batcher)
            for action, texts in actions:
                await script.do(action, texts)
            outcomes = [ticket.outcome for ticket in script.accepted]
            async with asyncio.timeout(PATIENCE_S):
                await asyncio.gather(*outcomes, return_exceptions=True)
            await asyncio.sleep(0)
            assert script.told == Counter({ticket.number: 1 for ticket in script.accepted})
            assert all(script.right(ticket) for ticket in script.accepted)
            assert batcher.depth("extract") == 0

    asyncio.run(main())
