"""How long work takes, measured as it goes."""

from __future__ import annotations

FADE = 0.9  # what a measurement still counts when the next one comes


class Rate:
    """Seconds of a lane for each unit of weight; the latest count most."""

    def __init__(self) -> None:
        self._seconds = 0.0
        self._weight = 0.0

    def measured(self, weight: int, seconds: float) -> None:
        """So much work took so long."""
        self._seconds = FADE * self._seconds + seconds
        self._weight = FADE * self._weight + weight

    def seconds(self, weight: int) -> float:
        """How long so much work takes; 0 where nothing was measured yet."""
        return weight * self._seconds / self._weight if self._weight else 0.0
