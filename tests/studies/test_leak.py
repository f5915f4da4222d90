"""The study of the leak, on made-up notes with a tiny model."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from spanwise.errors import UserError
from spanwise.io import read_json, write_json, write_jsonl
from spanwise.schema import Example
from studies import leak
from tests.tiny import TINY, quick_settings

PARAMS: dict[str, Any] = {
    "seed": 13,
    "threads": 1,
    "processes": 1,
    "task": {"name": "notes", "kind": "ner", "learner": "tagger"},
    "split": {
        "published": False,
        "sizes": {"train": 16, "validation": 3, "test": 5},
        "folds": None,
        "fold": 0,
        "min_count": 0,
        "twins": {"ngram": 5, "overlap": 1.0},
        "tiers": {"high": 10, "low": 0},
    },
    "model": {"name": "tiny", "licence": None, **TINY},
    "train": quick_settings(epochs=2, warmup_steps=0),
    "tracking": {"tools": [], "project": "notes", "group": None, "mlflow_uri": None, "log_model": False},
    "bootstrap": {"samples": 20, "level": 0.95},
}


class Study:
    """A folder with a corpus of 24 documents, in which the study runs."""

    def __init__(self, folder: Path, examples: list[Example]) -> None:
        self.folder = folder
        others = [
            example.model_copy(
                update={"id": f"m{number}", "group": f"m{number}", "text": f"Someone{example.text[7:]}"}
            )
            for number, example in enumerate(examples)
        ]
        write_jsonl(folder / "examples.jsonl", [*examples, *others])
        self.settle()

    def settle(self, **train: Any) -> None:
        settings = PARAMS | {"train": PARAMS["train"] | train}
        (self.folder / "params.yaml").write_text(yaml.safe_dump(settings))

    def run(self, out: str = "study", *, thin: bool = False) -> Any:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("DVC_ROOT", str(self.folder))
            leak.main(
                self.folder / "examples.jsonl",
                self.folder / out,
                params=self.folder / "params.yaml",
                thin=thin,
            )
        return json.loads((self.folder / out / "leak.json").read_text())

    def arm(self, name: str) -> Path:
        (path,) = (self.folder / "study" / "arms").glob(f"{name}-*.json")
        return path


@pytest.fixture(scope="module")
def study(examples: list[Example], tmp_path_factory: pytest.TempPathFactory) -> Study:
    """A finished study."""
    place = Study(tmp_path_factory.mktemp("leak"), examples)
    place.run()
    return place


def test_both_arms_are_scored_on_sides_of_the_same_sizes(study: Study) -> None:
    found = study.run()
    assert (found["documents"], found["rows"], found["spans"]) == (24, 48, 96)
    for arm in found["arms"].values():
        assert arm["rows"] == {"train": 32, "validation": 6, "test": 10}
        assert [point["epoch"] for point in arm["curve"]] == [1, 2]
        assert arm["test"]["support"] == 20
        assert arm["test"]["f1_low"] <= arm["test"]["f1"] <= arm["test"]["f1_high"]


def test_only_the_split_by_random_rows_leaks(study: Study) -> None:
    random, grouped = (study.run()["arms"][name] for name in ("random_rows", "grouped"))
    assert random["twin_share"]["test"] > 0.5
    assert random["leak"]["twins_across"] > 0
    assert grouped["twin_share"] == {"test": 0, "validation": 0}
    assert grouped["leak"]["groups_across"] == grouped["leak"]["twins_across"] == 0
    assert grouped["test"]["documents"] == 5


def test_the_same_study_gives_the_same_bytes(study: Study) -> None:
    study.run("again")
    for name in ("leak.json", "leak.svg"):
        assert (study.folder / "again" / name).read_bytes() == (study.folder / "study" / name).read_bytes()


def test_a_killed_study_goes_on_with_the_arm_that_is_missing(study: Study) -> None:
    before = study.run()
    kept = study.arm("random_rows")
    mark = {**read_json(kept), "twin_share": {"test": 0.125}}
    original = kept.read_bytes()
    write_json(kept, mark)  # a training would give another figure
    study.arm("grouped").unlink()
    after = study.run()
    kept.write_bytes(original)
    assert after["arms"]["random_rows"]["twin_share"] == {"test": 0.125}
    assert after["arms"]["grouped"] == before["arms"]["grouped"]


def test_another_recipe_or_other_rows_are_trained_anew(examples: list[Example], tmp_path: Path) -> None:
    study = Study(tmp_path, examples)
    study.settle(epochs=1)
    assert len(study.run()["arms"]["grouped"]["curve"]) == 1
    thinned = study.run(thin=True)
    assert (thinned["thin"], thinned["spans"]) == (True, 48)
    assert len(list((tmp_path / "study" / "arms").iterdir())) == 4


def test_a_corpus_without_spans_is_an_error(examples: list[Example], tmp_path: Path) -> None:
    study = Study(tmp_path, examples)
    bare = [example.model_copy(update={"target": ()}) for example in examples]
    write_jsonl(tmp_path / "examples.jsonl", bare)
    with pytest.raises(UserError, match="nothing to learn"):
        study.run()
