"""Committed questions and answers, and what they must give: a change of either is one that users notice."""

from __future__ import annotations

from pathlib import Path

import pytest

from spanwise.io import read_json, read_jsonl, rounded
from spanwise.readers import read
from spanwise.readers.inventory import take_inventory
from spanwise.schema import Example, Prediction
from spanwise.splits.division import divide
from spanwise.splits.tiers import make_labels
from spanwise.tasks.instruct.failures import failure_figures
from spanwise.tasks.instruct.scoring import SCORING
from spanwise.tasks.instruct.tiers import tier_of_stratum


@pytest.fixture(scope="module")
def golden(root: Path) -> Path:
    return root / "tests" / "golden" / "instruct"


@pytest.fixture(scope="module")
def examples(golden: Path) -> list[Example]:
    stream = read(golden / "corpus", format="chat", discontinuous="error", overlapping="error")
    found, _ = take_inventory(stream, keep_going=False)
    return found


@pytest.fixture(scope="module")
def answers(golden: Path) -> list[Prediction]:
    return list(read_jsonl(golden / "answers.jsonl", Prediction))


def test_the_questions_are_read_as_ever(golden: Path, examples: list[Example]) -> None:
    assert examples == list(read_jsonl(golden / "examples.jsonl", Example))


def test_the_questions_are_divided_as_ever(golden: Path, examples: list[Example]) -> None:
    division = divide(
        examples,
        sizes={"train": 6, "validation": 2, "test": 2},
        folds=None,
        fold=0,
        published=False,
        ngram=5,
        overlap=0.3,
        seed=13,
    )
    sides = {side: [example.id for example in members] for side, members in division.sides.items()}
    assert sides == read_json(golden / "sides.json")


def test_the_strata_have_their_tiers_as_ever(golden: Path, examples: list[Example]) -> None:
    labels = make_labels(examples, tier_of_stratum(examples, {}))
    assert labels.model_dump(mode="json") == read_json(golden / "labels.json")


def test_the_answers_are_scored_as_ever(golden: Path, answers: list[Prediction]) -> None:
    found = SCORING.score(answers, samples=200, level=0.95, seed=13) if SCORING.score else None
    assert rounded(found) == read_json(golden / "scores.json")


def test_the_failures_are_named_as_ever(golden: Path, answers: list[Prediction]) -> None:
    assert rounded(failure_figures(answers)) == read_json(golden / "errors.json")
