from __future__ import annotations

from pathlib import Path

import pytest

from spanwise.calibration import Calibration, apply
from spanwise.errors import UserError
from spanwise.io import write_json, write_jsonl
from spanwise.label_noise.documents import judge, pool, read_run
from tests.unit.label_noise.conftest import Noted

HALVED = Calibration(method="platt", feature="span", slope=0.5, intercept=-0.1, spans=100)


def test_confidence_is_calibrated_where_there_is_a_calibration(noted: Noted, tmp_path: Path) -> None:
    one = noted("fever and rash", [], [("fever", "Sign", 0.9), ("rash", "Sign", 0.6)])
    other = noted("no cough", [], [("cough", "Sign", 0.7)], id="e")
    write_jsonl(tmp_path / "test.jsonl", [one, other])
    raw = read_run("a", [tmp_path / "test.jsonl"], tmp_path / "calibration.json")
    assert raw.calibration is None
    assert [each.confidence for each in raw.documents] == [(0.9, 0.6), (0.7,)]

    write_json(tmp_path / "calibration.json", HALVED.model_dump())
    run = read_run("a", [tmp_path / "test.jsonl"], tmp_path / "calibration.json")
    assert run.calibration == HALVED
    expected = apply(HALVED, [one, other]).tolist()
    assert [sure for each in run.documents for sure in each.confidence] == pytest.approx(expected)


def test_documents_of_all_runs_are_pooled_by_id(noted: Noted, tmp_path: Path) -> None:
    runs = []
    for name, document in (("second", "b"), ("first", "a")):
        write_jsonl(tmp_path / name, [noted("fever", [("fever", "Sign", 0.5)], [], id=document)])
        runs.append(read_run(name, [tmp_path / name], tmp_path / "none"))
    assert [(each.prediction.id, each.run) for each in pool(runs)] == [("a", "first"), ("b", "second")]
    with pytest.raises(UserError, match="documents with more than one prediction: a and b"):
        pool([*runs, *runs])


def test_predictions_that_tell_nothing_of_the_gold_standard_are_refused(noted: Noted, tmp_path: Path) -> None:
    write_jsonl(tmp_path / "old.jsonl", [noted("fever", [("fever", "Sign", None)], [])])
    with pytest.raises(UserError, match="how probable the model finds the gold spans") as raised:
        pool([read_run("old", [tmp_path / "old.jsonl"], tmp_path / "none")])
    assert "dvc repro evaluate" in str(raised.value)


def test_a_document_without_predictions_has_no_confidence(noted: Noted) -> None:
    [document] = judge("a", [noted("fever", [("fever", "Sign", 0.5)], [])], HALVED)
    assert document.confidence == ()
