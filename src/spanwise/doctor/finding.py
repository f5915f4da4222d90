"""What one check of the doctor says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Level = Literal["ok", "warning", "error"]

SHOWN = 3
"""Names that a finding lists before it counts the rest."""


@dataclass(frozen=True)
class Finding:
    """One line of the report.

    Attributes:
        check: What was looked at.
        level: `error` is broken, `warning` will bite later.
        message: What was found.
        hint: What to do; `None` where nothing is to be done.
    """

    check: str
    level: Level
    message: str
    hint: str | None = None


def listed(names: Sequence[str]) -> str:
    """The first of these names, and how many more there are."""
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more
