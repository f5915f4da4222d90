from __future__ import annotations

from typing import Any

from spanwise.comparison.candidates import EVALUATION
from spanwise.io import flat
from spanwise.pull_request.entity_types import SHOWN, greatest, type_changes
from spanwise.pull_request.measures import Measures


def scored(**types: float | dict[str, Any] | None) -> Measures:
    own = {name: value if isinstance(value, dict) else {"f1": value} for name, value in types.items()}
    return Measures(metrics={EVALUATION: flat({"test": {"types": own}})})


def test_types_that_both_score_and_that_changed_are_ordered_from_the_greatest_loss() -> None:
    before = scored(Same=0.5, Gain=0.1, Loss=0.9, Small=0.5, Gone=0.5, Undefined=None)
    after = scored(Same=0.5, Gain=0.8, Loss=0.2, Small=0.4, New=0.5, Undefined=0.5)
    assert [change.label for change in type_changes(before, after)] == ["Loss", "Small", "Gain"]


def test_a_change_beyond_the_interval_of_the_base_is_marked() -> None:
    old = {"f1": 0.5, "f1_low": 0.4, "f1_high": 0.6}
    before = scored(Outside=old, Inside=old, Bare=0.5)
    after = scored(Outside={"f1": 0.7, "tier": "low", "support": 4}, Inside=0.55, Bare=0.9)
    found = {change.label: change for change in type_changes(before, after)}
    assert {label: change.outside for label, change in found.items()} == {
        "Outside": True,
        "Inside": False,
        "Bare": None,
    }
    assert (found["Outside"].tier, found["Outside"].support) == ("low", 4)


def test_the_greatest_are_few_and_each_side_starts_with_its_greatest() -> None:
    before = scored(**{f"T{number}": 0.5 for number in range(20)})
    after = scored(**{f"T{number}": 0.5 + (number - 10) / 100 for number in range(20)})
    losses, gains = greatest(type_changes(before, after))
    assert [change.label for change in losses] == [f"T{number}" for number in range(SHOWN)]
    assert [change.label for change in gains] == [f"T{number}" for number in range(19, 19 - SHOWN, -1)]
