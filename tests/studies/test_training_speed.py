"""What the study trains, keeps and compares; not how fast this machine is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
import yaml

from spanwise.encoding import IGNORED
from spanwise.learners.tagger import Tagger
from spanwise.learners.windows import TaggedWindows
from spanwise.metrics.spans import micro_f1
from spanwise.schema import Example, Labels
from spanwise.sides import write_sides
from studies.training_arms import decoded, padded
from studies.training_speed import interval, main, to_same_score
from tests.tiny import TINY, quick_settings


@pytest.fixture
def splits(tmp_path: Path, labels: Labels, examples: list[Example]) -> Path:
    folder = tmp_path / "splits"
    write_sides(folder, {"train": examples[:6], "validation": examples[6:9], "test": examples[9:]})
    (folder / "labels.json").write_text(labels.model_dump_json())
    return folder


@pytest.fixture
def params(tmp_path: Path, root: Path) -> Path:
    settings = yaml.safe_load((root / "params.yaml").read_text())
    settings |= {"model": {"name": "tiny", "licence": None, **TINY}, "train": quick_settings()}
    path = tmp_path / "params.yaml"
    path.write_text(yaml.safe_dump(settings))
    return path


def test_both_recipes_are_trained_timed_compared_and_kept(tmp_path: Path, splits: Path, params: Path) -> None:
    study = tmp_path / "study"
    main(splits, study, params, epochs=2, documents=4, threads=1)
    found = json.loads((study / "training_speed.json").read_text())
    arms = found["arms"]
    assert arms["plain"]["tokens"] == arms["spanwise"]["tokens"] > 0
    assert [len(arm["curve"]) for arm in arms.values()] == [2, 2]
    assert found["ratios"]["tokens_per_s"] == pytest.approx(
        arms["spanwise"]["tokens_per_s"] / arms["plain"]["tokens_per_s"], rel=1e-3
    )
    assert found["test"]["low"] is None
    assert found["products"]["ratio"] > 0
    assert "| tokens/s |" in (study / "training_speed.md").read_text()

    times = [path.stat().st_mtime_ns for path in sorted(study.glob("arms/*/result.json"))]
    main(splits, study, params, epochs=2, documents=4, threads=1)
    assert [path.stat().st_mtime_ns for path in sorted(study.glob("arms/*/result.json"))] == times


def test_an_arm_that_fails_fails_the_study(tmp_path: Path, splits: Path, params: Path) -> None:
    (splits / "train.jsonl").write_text("no JSON\n")
    with pytest.raises(SystemExit):
        main(splits, tmp_path / "study", params, epochs=1, documents=None, threads=1)


def test_the_plain_recipe_pads_every_window_to_one_length(
    tiny_tagger: Tagger, examples: list[Example]
) -> None:
    windows = TaggedWindows.of(examples, tiny_tagger)
    rows = padded(windows, 20, tiny_tagger.encoder.padding)
    assert {len(values) for row in rows for values in row.values()} == {20}
    assert sum(sum(row["attention_mask"]) for row in rows) == windows.tokens
    assert all(
        label == IGNORED
        for row in rows
        for label, there in zip(row["labels"], row["attention_mask"], strict=True)
        if not there
    )


def test_its_logits_become_predictions_for_whole_documents(
    tiny_tagger: Tagger, examples: list[Example]
) -> None:
    windows = TaggedWindows.of(examples, tiny_tagger)
    gold = torch.tensor([row["labels"] for row in padded(windows, 20, 0)]).clamp(min=0)
    logits = torch.nn.functional.one_hot(gold, len(tiny_tagger.labels.id2tag)).float().numpy() * 20
    predictions = decoded(tiny_tagger, windows, logits)
    assert [each.id for each in predictions] == [each.id for each in examples]
    assert micro_f1(predictions) == 1


def test_the_time_to_the_same_score_is_that_of_the_first_epoch_that_reaches_it() -> None:
    curve = [{"score": s, "seconds": float(n), "cpu_seconds": 2.0 * n} for n, s in enumerate((0.1, 0.5, 0.4))]
    better = [
        {"score": s, "seconds": float(n), "cpu_seconds": 2.0 * n} for n, s in enumerate((0.5, 0.9, 0.8))
    ]
    arms = to_same_score(
        {"plain": {"best_score": 0.5, "curve": curve}, "spanwise": {"best_score": 0.9, "curve": better}}
    )
    assert arms["plain"]["seconds_to_same_f1"] == 1
    assert arms["spanwise"]["seconds_to_same_f1"] == 0
    assert {arm["same_f1"] for arm in arms.values()} == {0.5}


def test_an_interval_is_written_where_there_is_one() -> None:
    told = interval({"low": -0.01, "high": 0.02, "p_value": 0.5})
    assert told == " (-0.010 to +0.020, p = 0.500)"
