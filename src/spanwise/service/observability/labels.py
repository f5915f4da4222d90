"""Label values that cannot grow without end, nor hold what a client sent."""

from __future__ import annotations

import re
from collections.abc import Collection
from threading import Lock

OTHER = "other"
NONE = "none"

_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.+-]{0,63}")


class Known:
    """Values out of a fixed set; any other is `OTHER`, and an empty one `NONE`."""

    def __init__(self, values: Collection[str]) -> None:
        self._values = frozenset(values)

    def __call__(self, value: str | None) -> str:
        """The value of the label."""
        if not value:
            return NONE
        return value if value in self._values else OTHER


class Capped:
    """Values that the service itself makes: the first `most` different words, then `OTHER`.

    Each value of a label is a series that Prometheus keeps for as long as it keeps anything.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._seen: set[str] = set()
        self._lock = Lock()

    def __call__(self, value: str | None) -> str:
        """The value of the label."""
        if not value:
            return NONE
        if value in self._seen:
            return value
        if not _WORD.fullmatch(value):
            return OTHER
        with self._lock:
            if len(self._seen) >= self._most:
                return OTHER
            self._seen.add(value)
        return value

    def seen(self, value: str | None) -> str:
        """The same of a value that was met before; a new one is `OTHER`, and stays new."""
        if not value:
            return NONE
        return value if value in self._seen else OTHER
