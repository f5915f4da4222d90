from __future__ import annotations

import json
import runpy
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from spanwise.io import read_json, read_jsonl, read_record, write_jsonl
from spanwise.schema import SPLITS, Example, Labels, Span
from spanwise.splits import division

SETTINGS = {
    "seed": 13,
    "task": {"name": "made-up", "kind": "ner", "learner": "tagger"},
    "split": {
        "published": False,
        "sizes": {"train": 8, "validation": 1, "test": 1},
        "folds": None,
        "fold": 0,
        "tiers": {"high": 40, "mid": 20, "low": 0},
        "min_count": 0,
        "twins": {"ngram": 5, "overlap": 0.3},
    },
}


class Stage:
    """The stage in a folder of its own, on documents that all exist twice."""

    def __init__(self, script: Path, folder: Path) -> None:
        self.script = script
        self.prepared = folder / "data" / "prepared"
        self.splits = folder / "data" / "splits"
        self.metrics = folder / "metrics" / "tier_split.json"
        self.params = folder / "params.yaml"
        write_jsonl(self.prepared / "examples.jsonl", examples())

    def run(self, monkeypatch: pytest.MonkeyPatch, **split: Any) -> int:
        """Run it as a command does, with some settings changed; its exit code."""
        settings = SETTINGS | {"split": {**SETTINGS["split"], **split}}  # type: ignore[dict-item]
        self.params.write_text(yaml.safe_dump(settings))
        paths = [self.prepared, self.splits, self.metrics, "--params", self.params]
        monkeypatch.setattr(sys, "argv", [str(self.script), *map(str, paths)])
        with pytest.raises(SystemExit) as caught:
            runpy.run_path(str(self.script), run_name="__main__")
        assert isinstance(caught.value.code, int)
        return caught.value.code

    def sides(self) -> dict[str, list[Example]]:
        return {side: list(read_jsonl(self.splits / f"{side}.jsonl", Example)) for side in SPLITS}


def examples() -> Iterator[Example]:
    """Twenty documents and their copies; "Age" is in all, "Dose" in every second, "Mass" in one."""
    for number in range(20):
        text = " ".join(f"word{number}x{index}" for index in range(20))
        labels = ["Age", *(["Dose"] if number % 2 else []), *(["Mass"] if number == 7 else [])]
        spans = tuple(
            Span(start=7 * index, end=7 * index + 5, label=label) for index, label in enumerate(labels)
        )
        for name, own in (("a", text), ("b", text.upper())):
            yield Example(id=f"{name}{number}", text=own, target=spans, group=f"{name}{number}")


@pytest.fixture
def stage(root: Path, tmp_path: Path) -> Stage:
    return Stage(root / "stages" / "tier_split.py", tmp_path)


def test_the_stage_writes_sides_labels_and_figures(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    assert stage.run(monkeypatch) == 0
    sides = stage.sides()
    assert {side: len(documents) for side, documents in sides.items()} == {
        "train": 32,
        "validation": 4,
        "test": 4,
    }
    assert sorted(example.id for side in sides.values() for example in side) == sorted(
        e.id for e in examples()
    )
    labels = read_record(stage.splits / "labels.json", Labels)
    assert labels.id2tag == ("O", "B-Age", "I-Age", "B-Dose", "I-Dose", "B-Mass", "I-Mass")
    assert labels.tiers == {"Age": "high", "Dose": "mid", "Mass": "low"}
    figures = read_json(stage.metrics)
    assert {tier: (row["types"], row["spans"]) for tier, row in figures["tiers"].items()} == {
        "high": (1, 40),
        "mid": (1, 20),
        "low": (1, 2),
    }
    assert figures["sizes"]["train"] == {"documents": 32, "spans": sum(len(e.spans) for e in sides["train"])}
    assert figures["leak"] == {"groups_across": 0, "twins_across": 0, "max_overlap": 0.0}
    assert figures["groups"] == 20
    assert figures["largest_group"] == 2
    assert figures["warnings"] == []
    assert figures["labels_missing"] == {"train": [], "validation": ["Mass"], "test": ["Mass"]}
    assert figures["left_out"] == {"below_min_count": 0, "twin_across": 0}


def test_the_same_input_gives_the_same_bytes(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    assert stage.run(monkeypatch) == 0
    files = [*sorted(stage.splits.iterdir()), stage.metrics]
    assert [file.name for file in files] == [
        "labels.json",
        "test.jsonl",
        "train.jsonl",
        "validation.jsonl",
        "tier_split.json",
    ]
    first = [file.read_bytes() for file in files]
    write_jsonl(stage.prepared / "examples.jsonl", reversed(list(examples())))
    assert stage.run(monkeypatch) == 0
    assert [file.read_bytes() for file in files] == first


def test_rare_labels_are_dropped_and_counted(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    assert stage.run(monkeypatch, min_count=3) == 0
    assert read_json(stage.metrics)["left_out"] == {"below_min_count": 2, "twin_across": 0}
    assert "B-Mass" not in read_record(stage.splits / "labels.json", Labels).id2tag


def test_folds(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    tested = []
    for fold in range(4):
        assert stage.run(monkeypatch, folds=4, fold=fold) == 0
        tested += [example.id for example in stage.sides()["test"]]
    assert sorted(tested) == sorted(example.id for example in examples())


def test_published_sides(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    # Of the test document a1 there is a copy in train.
    published = [
        example.model_copy(update={"split": "test" if example.id in {"a1", "a2", "b2"} else "train"})
        for example in examples()
    ]
    write_jsonl(stage.prepared / "examples.jsonl", published)
    assert stage.run(monkeypatch, published=True) == 0
    assert [example.id for example in stage.sides()["test"]] == ["a1", "a2", "b2"]
    assert read_json(stage.metrics)["left_out"]["twin_across"] == 1
    assert "b1" not in {example.id for side in stage.sides().values() for example in side}


def test_a_leak_fails_the_stage_and_is_measured(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # A splitter that is blind to copies: the check sees what it did.
    monkeypatch.setattr(
        division, "find_ties", lambda corpus, **_: [frozenset({("id", e.id)}) for e in corpus]
    )
    assert stage.run(monkeypatch) == 1
    found = read_json(stage.metrics)["leak"]
    assert found["groups_across"] == 0
    assert found["twins_across"] > 0
    assert found["max_overlap"] == 1.0
    assert f"the split leaks: 0 groups and {found['twins_across']} pairs of twins" in capsys.readouterr().err
    assert not stage.splits.exists()


@pytest.mark.parametrize(
    ("split", "message"),
    [
        ({"folds": 21}, "20 groups of documents cannot be divided into 21 sides"),
        ({"published": True}, "the corpus publishes no complete split"),
        ({"min_count": 41}, "split.min_count drops every label: the most frequent, Age, has 40 spans"),
        ({"tiers": {"high": 40}}, "label Dose has 20 spans and stands in no tier"),
        ({"tears": {}}, "split.tears is not a setting: did you mean tiers?"),
    ],
)
def test_a_bad_setting_is_one_clear_message(
    split: dict[str, Any],
    message: str,
    stage: Stage,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert stage.run(monkeypatch, **split) == 1
    assert message in capsys.readouterr().err
    assert not stage.splits.exists()


def test_a_malformed_line_is_named(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = stage.prepared / "examples.jsonl"
    file.write_text(file.read_text() + json.dumps({"id": "x"}) + "\n")
    assert stage.run(monkeypatch) == 1
    assert f"{file}:41: not a valid Example" in capsys.readouterr().err
