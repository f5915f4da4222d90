"""Which entity types gained and lost most."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from spanwise.comparison.candidates import EVALUATION
from spanwise.pull_request.figures import TYPE
from spanwise.pull_request.measures import Measures

SHOWN = 5


@dataclass(frozen=True)
class TypeChange:
    """The F1 of one type in two revisions.

    Attributes:
        label: The type.
        tier: In the change.
        support: Its gold spans in the test documents of the change.
        before: F1, 0 to 1.
        after: F1, 0 to 1.
        outside: Whether `after` lies outside the interval of `before`; None where that has none.
    """

    label: str
    tier: str | None
    support: int | None
    before: float
    after: float
    outside: bool | None

    @property
    def difference(self) -> float:
        """Above 0 for a gain."""
        return self.after - self.before


def type_changes(before: Measures, after: Measures) -> list[TypeChange]:
    """The types that both revisions score and whose F1 differs, from the greatest loss on."""
    old, new = (side.metrics.get(EVALUATION, {}) for side in (before, after))
    labels = [match[1] for key in new if key in old and (match := re.fullmatch(TYPE, key))]
    changes = [_change(label, old, new) for label in labels]
    found = [change for change in changes if change and change.difference]
    return sorted(found, key=lambda change: (change.difference, change.label))


def _change(label: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> TypeChange | None:
    key = f"test.types.{label}"
    before, after = old[f"{key}.f1"], new[f"{key}.f1"]
    if before is None or after is None:
        return None
    low, high = old.get(f"{key}.f1_low"), old.get(f"{key}.f1_high")
    outside = None if low is None or high is None else not low <= after <= high
    return TypeChange(label, new.get(f"{key}.tier"), new.get(f"{key}.support"), before, after, outside)


def greatest(changes: Sequence[TypeChange]) -> tuple[list[TypeChange], list[TypeChange]]:
    """The `SHOWN` greatest losses and gains, each from the greatest on."""
    losses = [change for change in changes if change.difference < 0]
    gains = [change for change in reversed(changes) if change.difference > 0]
    return losses[:SHOWN], gains[:SHOWN]
