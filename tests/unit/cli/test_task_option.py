from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from spanwise.cli.task_option import task_option, tier_bounds
from spanwise.corpora import Source
from spanwise.readers import read
from spanwise.readers.inventory import Inventory, take_inventory


def inventory(labels: dict[str, int], published: dict[str, int]) -> Inventory:
    return Inventory(
        documents=10,
        characters=1,
        spans=sum(labels.values()),
        labels=labels,
        published=published,
        edges_inside_words=0,
        repaired={},
        left_out={},
    )


def option(labels: dict[str, int], **published: int) -> dict[str, dict[str, object]]:
    source = Source(
        name="null", title='"é": {x', format="iob", licence="", citation="", origin=None, files={}
    )
    loaded = yaml.safe_load(task_option(source, inventory(labels, published)))
    assert isinstance(loaded, dict)
    return loaded


def test_names_and_titles_stay_text_in_yaml() -> None:
    found = option({"A": 1})
    assert found["task"] == {"name": "null", "kind": "ner", "learner": "tagger"}
    assert (found["corpus"]["name"], found["corpus"]["group"]) == ("null", None)
    assert found["report"]["title"] == 'Entities in "é": {x'


@pytest.mark.parametrize(
    ("published", "used"),
    [
        ({}, False),
        ({"train": 8, "validation": 2}, False),
        ({"train": 8, "test": 1}, False),
        ({"train": 8, "test": 2}, True),
        ({"train": 8, "validation": 1, "test": 1}, True),
    ],
)
def test_a_published_split_is_taken_where_every_document_has_a_side(
    published: dict[str, int], used: bool
) -> None:
    assert option({"A": 1}, **published)["split"]["published"] is used


@pytest.mark.parametrize(
    ("counts", "bounds"),
    [
        ([6881], (6000, 3000)),
        ([50, 30, 10, 5, 3, 1, 1], (30, 3)),
        ([10, 10, 10], (10, 5)),
        ([1, 1, 1], (2, 1)),
        ([1], (2, 1)),
        ([], (2, 1)),
    ],
)
def test_tier_bounds(counts: list[int], bounds: tuple[int, int]) -> None:
    assert tier_bounds(counts) == bounds


@given(st.lists(st.integers(1, 100_000), max_size=50))
def test_tier_bounds_always_differ(counts: list[int]) -> None:
    high, mid = tier_bounds(counts)
    assert high > mid > 0


def test_the_bounds_for_maccrobat_are_near_those_it_is_known_by(shared_data: Path) -> None:
    folder = shared_data / "maccrobat2020"
    stream = read(folder, format="brat", discontinuous="envelope", overlapping="longest")
    _, found = take_inventory(stream, keep_going=False)
    assert tier_bounds(found.labels.values()) == (1000, 80)


@pytest.mark.parametrize("format", ["chat", "medquad", "frenchmedmcqa"])
def test_a_corpus_of_answers_gets_a_task_for_them(format: str) -> None:
    source = Source.model_validate(
        {
            "name": "a",
            "title": "t",
            "format": format,
            "licence": "",
            "citation": "",
            "origin": None,
            "files": {},
        }
    )
    loaded = yaml.safe_load(task_option(source, inventory({"qa/en": 3}, {})))
    assert loaded["task"] == {"name": "a", "kind": "instruct", "learner": "generator"}
    assert loaded["report"]["title"] == "Answers in t"
    assert loaded["runtime"] == {"served": []}


def test_a_corpus_of_pairs_gets_a_task_like_that_of_the_authored_ones(root: Path) -> None:
    source = Source(name="mine", title="t", format="pairs", licence="", citation="", origin=None, files={})
    found = inventory({"DROP": 30}, {"train": 8, "validation": 1, "test": 1})
    loaded = yaml.safe_load(task_option(source, found))
    authored = yaml.safe_load((root / "conf/task/pairs.yaml").read_text(encoding="utf-8"))
    assert loaded["task"] == authored["task"] | {"name": "mine"}
    assert loaded["split"]["tiers"] == authored["split"]["tiers"]
    assert loaded["split"]["published"] is True
    assert loaded["confidence"] == authored["confidence"]
    assert loaded["report"]["title"] == "Prompt compression in t"
