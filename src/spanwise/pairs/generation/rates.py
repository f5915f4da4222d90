"""Requests and tokens a minute, held to before a provider has to say so."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

WINDOW = 60.0  # seconds


@dataclass
class Entry:
    """A request that was let through: when, and its tokens, which may be corrected when they are known."""

    at: float
    tokens: int


class Rates:
    """Lets requests through so that no minute, wherever it begins, holds more than the limits.

    A request with more tokens than the limit goes alone, in a minute without others.

    Args:
        requests: The most a minute; None for any number.
        tokens: The most a minute, in and out; None likewise.
        clock: Seconds, from anywhere.
        sleep: Waits for some seconds.
    """

    def __init__(
        self,
        *,
        requests: int | None = None,
        tokens: int | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._requests = requests
        self._tokens = tokens
        self._clock = clock
        self._sleep = sleep
        self._passed: deque[Entry] = deque()
        self._turn = asyncio.Lock()  # first come, first served

    async def enter(self, tokens: int) -> Entry:
        """Wait until a request may go.

        Args:
            tokens: The most that it may take; correct the entry when they are known.
        """
        async with self._turn:
            while not self._fits(tokens):
                await self._sleep(max(self._passed[0].at + WINDOW - self._clock(), 0.001))
            entry = Entry(self._clock(), tokens)
            self._passed.append(entry)
            return entry

    def _fits(self, tokens: int) -> bool:
        now = self._clock()
        while self._passed and self._passed[0].at <= now - WINDOW:
            self._passed.popleft()
        if not self._passed:
            return True
        if self._requests is not None and len(self._passed) >= self._requests:
            return False
        return self._tokens is None or sum(entry.tokens for entry in self._passed) + tokens <= self._tokens
