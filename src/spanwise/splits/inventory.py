"""What is on each side of a split, in figures."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from spanwise.schema import Example, SplitName
from spanwise.splits.tiers import count_strata


def take_inventory(
    sides: Mapping[SplitName, Sequence[Example]], tier_of: Mapping[str, str]
) -> dict[str, Any]:
    """Sizes of sides and tiers, labels missing on a side, and how far the sides are from the ideal.

    `tiers.<tier>.max_deviation` is the greatest distance, over the labels of the tier and the sides, between
    the share of a label's spans and the share of the documents that are on a side (0 to 1; 0 is ideal, and
    out of reach for a label with few spans).

    Args:
        sides: The documents of each side.
        tier_of: The tier of each label that occurs on them.
    """
    counts = {side: count_strata(examples) for side, examples in sides.items()}
    documents = sum(map(len, sides.values()))
    tiers: dict[str, dict[str, float]] = defaultdict(lambda: {"types": 0, "spans": 0, "max_deviation": 0.0})
    for label, name in sorted(tier_of.items()):
        tier = tiers[name]
        total = sum(count[label] for count in counts.values())
        tier["types"] += 1
        tier["spans"] += total
        for side, examples in sides.items():
            deviation = abs(counts[side][label] / total - len(examples) / documents)
            tier["max_deviation"] = max(tier["max_deviation"], deviation)
    return {
        "sizes": {
            side: {"documents": len(examples), "spans": counts[side].total()}
            for side, examples in sides.items()
        },
        "tiers": dict(tiers),
        "labels_missing": {
            side: [label for label in sorted(tier_of) if not count[label]] for side, count in counts.items()
        },
    }
