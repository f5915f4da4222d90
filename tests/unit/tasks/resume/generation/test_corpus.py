from __future__ import annotations

import json
from pathlib import Path

import pytest

from spanwise.errors import UserError
from spanwise.io import read_jsonl
from spanwise.readers import read
from spanwise.readers.inventory import take_inventory
from spanwise.schema import Change, Example
from spanwise.tasks.resume.generation import corpus
from spanwise.tasks.resume.generation.corpus import Made, count_made, make, plan, write_corpus


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made") / "corpus"
    write_corpus(folder, count=8, seed=1)
    return folder


@pytest.fixture(scope="module")
def examples(folder: Path) -> list[Example]:
    return list(read_jsonl(folder / "fields" / "examples.jsonl", Example))


def digest(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_each_resume_is_there_in_three_formats_on_one_side(examples: list[Example]) -> None:
    assert len(examples) == 24
    sides: dict[str, set[str | None]] = {}
    for example in examples:
        sides.setdefault(example.group, set()).add(example.split)
    assert len(sides) == 8
    assert all(len(found) == 1 for found in sides.values())
    assert {side for found in sides.values() for side in found} == {"train", "validation", "test"}


def test_each_document_knows_its_truth_and_where_it_comes_from(folder: Path, examples: list[Example]) -> None:
    for example in examples:
        attributes = example.attributes or {}
        assert {"family", "layout", "locale", "format", "held_out", "file", "truth", "pii"} == set(attributes)
        assert (folder / "files" / attributes["file"]).is_file()
        assert attributes["truth"]["basics"]["name"]


def test_direct_identifiers_are_told_from_others(examples: list[Example]) -> None:
    entities = [entity for example in examples for entity in (example.attributes or {})["pii"]]
    assert {entity["direct"] for entity in entities if entity["label"] == "EMAIL_ADDRESS"} == {True}
    assert {entity["direct"] for entity in entities if entity["label"] == "LOCATION"} == {False}


def test_the_corpora_are_read_as_any_others(folder: Path) -> None:
    for name in ("fields", "personal"):
        stream = read(folder / name, format="jsonl", discontinuous="error", overlapping="error")
        found, inventory = take_inventory(stream, keep_going=False)
        assert len(found) == 24
        assert inventory.published["train"] == 15
        assert inventory.edges_inside_words == 0


def test_what_was_left_out_is_counted(folder: Path, examples: list[Example]) -> None:
    figures = json.loads((folder / "figures.json").read_text())
    lost = len(list(read_jsonl(folder / "fields" / "changes.jsonl", Change)))
    total = {key: sum(each[key] for each in figures["format"].values()) for key in ("values", "found")}
    assert total["found"] == sum(len(example.spans) for example in examples)
    assert total["values"] - total["found"] == lost


@pytest.mark.slow
def test_the_same_seed_gives_the_same_bytes_with_any_number_of_workers(folder: Path, tmp_path: Path) -> None:
    write_corpus(tmp_path / "again", count=8, seed=1, workers=2)
    assert digest(tmp_path / "again") == digest(folder)


def test_another_seed_gives_other_people() -> None:
    assert {order.seed for order in plan(8, 1)}.isdisjoint(order.seed for order in plan(8, 2))


def test_too_few_to_divide_is_an_error() -> None:
    with pytest.raises(UserError, match="6 résumés are too few"):
        plan(6, 1)
    assert [order.side for order in plan(7, 1)].count("validation") == 1


def test_a_file_that_cannot_be_read_is_left_out_and_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(corpus, "RENDERERS", {"pdf": lambda *_: b"%PDF-1.4 broken"})
    [made] = make(plan(8, 1)[0], tmp_path)
    assert made.fields is None
    assert made.personal is None
    assert {change.reason for change in made.changes} == {"corrupt"}
    assert count_made([made])["side"]["unread"]["share"] == 0


def test_progress_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ticks: list[int] = []

    def fake(order: object, folder: Path) -> list[Made]:
        return [Made(None, None, "table", "en_US", "pdf", 1, ())]

    monkeypatch.setattr(corpus, "make", fake)
    write_corpus(tmp_path / "corpus", count=7, seed=1, advance=ticks.append)
    assert ticks == [1] * 7
