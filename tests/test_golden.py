"""Committed inputs, and what they must give: a change of either is a change that users will notice."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from spanwise.io import read_jsonl
from spanwise.readers import read
from spanwise.readers.inventory import take_inventory
from spanwise.schema import Example
from spanwise.splits.division import divide
from spanwise.splits.tiers import make_labels, tier_of_label


@pytest.fixture(scope="module")
def golden(root: Path) -> Path:
    return root / "tests" / "golden" / "ner"


@pytest.fixture(scope="module")
def examples(golden: Path) -> list[Example]:
    stream = read(golden / "corpus", format="brat", discontinuous="error", overlapping="error")
    found, _ = take_inventory(stream, keep_going=False)
    return found


def test_the_notes_are_read_as_ever(golden: Path, examples: list[Example]) -> None:
    assert examples == list(read_jsonl(golden / "examples.jsonl", Example))


def test_the_notes_are_divided_as_ever(golden: Path, examples: list[Example]) -> None:
    division = divide(
        examples,
        sizes={"train": 8, "validation": 1, "test": 1},
        folds=None,
        fold=0,
        published=False,
        ngram=5,
        overlap=0.3,
        seed=13,
    )
    sides = {side: [example.id for example in members] for side, members in division.sides.items()}
    assert sides == json.loads((golden / "sides.json").read_text())


def test_the_labels_are_numbered_as_ever(golden: Path, examples: list[Example]) -> None:
    labels = make_labels(examples, tier_of_label(examples, {"high": 10, "mid": 5, "low": 0}))
    assert labels.model_dump(mode="json") == json.loads((golden / "labels.json").read_text())
