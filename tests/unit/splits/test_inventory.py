from __future__ import annotations

from spanwise.schema import Example, Labels, Span, SplitName
from spanwise.splits.inventory import take_inventory


def example(name: str, *labels: str) -> Example:
    spans = tuple(Span(start=index, end=index + 1, label=label) for index, label in enumerate(labels))
    return Example(id=name, text="x" * 9, target=spans, group=name)


def test_inventory() -> None:
    sides: dict[SplitName, list[Example]] = {
        "train": [example("a", "Age", "Age", "Sex"), example("b", "Age")],
        "validation": [example("c", "Age")],
        "test": [example("d", "Age")],
    }
    labels = Labels(id2tag=("O", "B-Age", "I-Age", "B-Sex", "I-Sex"), tiers={"Age": "high", "Sex": "low"})
    assert take_inventory(sides, labels.tiers) == {
        "sizes": {
            "train": {"documents": 2, "spans": 4},
            "validation": {"documents": 1, "spans": 1},
            "test": {"documents": 1, "spans": 1},
        },
        # Age: 3/5 of the spans for 2/4 of the documents; Sex: all for 2/4.
        "tiers": {
            "high": {"types": 1, "spans": 5, "max_deviation": 3 / 5 - 2 / 4},
            "low": {"types": 1, "spans": 1, "max_deviation": 0.5},
        },
        "labels_missing": {"train": [], "validation": ["Sex"], "test": ["Sex"]},
    }
