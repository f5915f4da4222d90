"""The study of planted mistakes, on made-up notes with a model of random weights."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from spanwise.calibration import Calibration
from spanwise.io import write_json, write_jsonl
from spanwise.learners.tagger import Tagger
from spanwise.schema import Example
from studies.label_noise import main


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_planted_mistakes_are_looked_for_in_each_repeat(
    examples: list[Example], tiny_tagger: Tagger, tmp_path: Path
) -> None:
    write_jsonl(tmp_path / "test.jsonl", examples)
    tiny_tagger.save(tmp_path / "learner")
    platt = Calibration(method="platt", feature="span", slope=0.5, intercept=-0.1, spans=100)
    write_json(tmp_path / "calibration.json", platt.model_dump())
    paths = tmp_path / "test.jsonl", tmp_path / "learner", tmp_path / "figures.json"
    main(*paths, calibration=tmp_path / "calibration.json", share=0.5, repeats=2)
    found = json.loads(paths[-1].read_text())
    assert (found["documents"], found["repeats"], found["calibrated"]) == (12, 2, True)
    assert found["planted"]["mean"] == pytest.approx(12, abs=2)
    assert set(found["found"]) == {"type", "boundary", "missing", "doubtful"}
    assert found["average_precision"]["lowest"] <= found["average_precision"]["mean"]
    assert 0 <= found["precision_at_10"]["mean"] <= 1


def test_without_mistakes_there_is_nothing_to_find(
    examples: list[Example], tiny_tagger: Tagger, tmp_path: Path
) -> None:
    write_jsonl(tmp_path / "test.jsonl", examples[:2])
    tiny_tagger.save(tmp_path / "learner")
    main(tmp_path / "test.jsonl", tmp_path / "learner", tmp_path / "figures.json", share=0.0, repeats=1)
    found = json.loads((tmp_path / "figures.json").read_text())
    assert found["average_precision"] == {"mean": None, "lowest": None, "highest": None}
    assert (found["calibrated"], found["found"]) == (False, {})
