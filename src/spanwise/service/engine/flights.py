"""Answers for the documents of a request: those that are kept, those on their way already, and new ones."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from spanwise.service.contract import Answer, DeadlineError, Item, Observer
from spanwise.service.engine.batching import Batcher
from spanwise.service.engine.bundles import Bundle
from spanwise.service.engine.results import Results, key_of
from spanwise.service.engine.tickets import TOO_LATE, Outcome, Ticket

Passage = Ticket[Item, Answer]


@dataclass(frozen=True)
class Kept:
    """An answer that was given before."""

    answer: Answer


Found = Kept | Outcome[Answer]


class Flights:
    """Computes what was not computed before, and what several ask for at once only once.

    Args:
        batcher: What computes.
        results: What was computed; where it keeps nothing, every document is computed.
        observer: Is told of each look for a kept answer.
    """

    def __init__(self, batcher: Batcher[Item, Answer], results: Results, observer: Observer) -> None:
        self._batcher, self._results, self._observer = batcher, results, observer
        self._flying: dict[bytes, Passage] = {}

    async def answers(self, bundle: Bundle, items: Sequence[Item], deadline: float) -> list[Found]:
        """What became of each document, in their order, by the deadline.

        Args:
            bundle: What is to answer.
            items: The documents.
            deadline: On the monotonic clock.

        Raises:
            QueueFullError: See `Batcher.submit`, as for `DrainingError`.
        """
        places = self._board(bundle, items, deadline)
        passages = {place for place in places if isinstance(place, Ticket)}
        try:
            await _landed(passages, deadline)
            return [_outcome(place) if isinstance(place, Ticket) else place for place in places]
        finally:
            for passage in passages:
                self._batcher.leave(passage)

    def _board(self, bundle: Bundle, items: Sequence[Item], deadline: float) -> Sequence[Kept | Passage]:
        if not self._results.enabled:
            return self._batcher.submit(bundle.endpoint, bundle, items, deadline)
        keys = [key_of(bundle, item) for item in items]
        places: dict[bytes, Kept | Passage] = {}
        new: dict[bytes, Item] = {}
        for key, item in zip(keys, items, strict=True):
            if key in places or key in new:
                continue
            if place := self._find(bundle, key):
                places[key] = place
            else:
                new[key] = item
        joined = [place for place in places.values() if isinstance(place, Ticket)]
        if new:
            submitted = self._batcher.submit(bundle.endpoint, bundle, list(new.values()), deadline)
            passages = dict(zip(new, submitted, strict=True))
            self._take_off(passages)
            places |= passages
        for passage in joined:
            self._batcher.join(passage, deadline)
        return [places[key] for key in keys]

    def _find(self, bundle: Bundle, key: bytes) -> Kept | Passage | None:
        answer = self._results.get(key)
        self._observer.looked_up(bundle.endpoint, hit=answer is not None)
        if answer is not None:
            return Kept(answer)
        passage = self._flying.get(key)
        # What everyone has left may not be computed any more.
        return passage if passage and passage.waiters and not passage.outcome.done() else None

    def _take_off(self, passages: Mapping[bytes, Passage]) -> None:
        for key, passage in passages.items():
            self._flying[key] = passage
            passage.outcome.add_done_callback(partial(self._land, key, passage))

    def _land(self, key: bytes, passage: Passage, outcome: asyncio.Future[Outcome[Answer]]) -> None:
        if self._flying.get(key) is passage:
            del self._flying[key]
        if not outcome.cancelled() and isinstance(answer := outcome.result().value, Answer):
            self._results.put(key, answer)


async def _landed(passages: Collection[Passage], deadline: float) -> None:
    if passages:
        outcomes = [passage.outcome for passage in passages]
        await asyncio.wait(outcomes, timeout=max(0.0, deadline - time.monotonic()))


def _outcome(passage: Passage) -> Outcome[Answer]:
    if passage.outcome.done():
        return passage.outcome.result()
    return Outcome(DeadlineError(TOO_LATE), 0)
