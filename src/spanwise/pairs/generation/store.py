"""Answers and what they cost, on disk: a run that was killed goes on from here."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from spanwise.errors import UserError
from spanwise.pairs.generation.answers import Answer

_SPENT, _OPEN = "spent", "open"


def answer_key(
    *, provider: str, address: str | None, model: str, prompt: str, settings: dict[str, Any]
) -> str:
    """What an answer is kept by: SHA-256, in hexadecimal digits.

    Args:
        provider: Of the model.
        address: Of its server, where that is another one.
        model: What the provider calls it.
        prompt: Digest of instructions and text.
        settings: How it was to answer.
    """
    whole = json.dumps([provider, address, model, prompt, settings], sort_keys=True, ensure_ascii=False)
    return "answer:" + hashlib.sha256(whole.encode()).hexdigest()


class Store:
    """A folder with answers, and an account of what was paid for them.

    Before a request goes out, the most that it can cost is written down; its answer replaces that by what it
    did cost. What a killed run had asked and not heard of stays written down: it may have been charged.

    Args:
        folder: Made if there is none. It holds JSON in SQLite, and no pickle.

    Raises:
        UserError: If diskcache is not installed.
    """

    def __init__(self, folder: Path) -> None:
        try:
            import diskcache
        except ImportError:
            raise UserError("keeping answers takes diskcache", hint="pip install 'spanwise[llm]'") from None
        # Nothing that was paid for is evicted, whatever its size.
        self._cache = diskcache.Cache(str(folder), disk=diskcache.JSONDisk, eviction_policy="none")

    def find(self, key: str) -> Answer | None:
        """The answer that is kept by `key`."""
        found = self._cache.get(key)
        return None if found is None else Answer.model_validate(found)

    @property
    def spent(self) -> float:
        """What all answers have cost, and requests that were charged without one."""
        found = self._cache.get(_SPENT, 0.0)
        assert isinstance(found, float | int)
        return float(found)

    @property
    def unsettled(self) -> float:
        """The most that requests under way, or lost with a killed run, can have cost."""
        return float(sum(self._open().values()))

    def reserve(self, most: float, budget: float) -> str | None:
        """Write down a request before it goes out.

        Args:
            most: What it can cost.
            budget: What all that is in the folder may cost.

        Returns:
            The reservation; None if all could then cost more than the budget, and nothing was written.
        """
        with self._cache.transact():
            if self.spent + self.unsettled + most > budget:
                return None
            reservation = uuid.uuid4().hex
            self._cache[_OPEN] = self._open() | {reservation: most}
            return reservation

    def settle(self, reservation: str, cost: float, *, key: str = "", answer: Answer | None = None) -> None:
        """Replace a reservation by what the request did cost, and keep its answer, both or neither.

        Args:
            reservation: See `reserve`.
            cost: Of the request.
            key: What the answer is kept by.
            answer: If one came that is to be kept.
        """
        with self._cache.transact():
            self._cache[_OPEN] = {name: most for name, most in self._open().items() if name != reservation}
            self._cache[_SPENT] = self.spent + cost
            if answer is not None:
                self._cache[key] = answer.model_dump()

    def close(self) -> None:
        """Close the folder's files."""
        self._cache.close()

    def _open(self) -> dict[str, float]:
        """The most that each request costs that went out and was not settled."""
        found = self._cache.get(_OPEN, {})
        assert isinstance(found, dict)
        return found


@contextmanager
def opened(folder: Path) -> Iterator[Store]:
    """A store that is closed in the end.

    Raises:
        UserError: If diskcache is not installed.
    """
    store = Store(folder)
    try:
        yield store
    finally:
        store.close()
