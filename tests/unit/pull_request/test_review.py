from __future__ import annotations

import shutil

import pytest

from spanwise.pull_request.judgement import Drawing
from spanwise.pull_request.review import Review, review
from spanwise.pull_request.revisions import resolve
from tests.histories import History

DRAWING = Drawing(samples=200, level=0.95, seed=13)


def look(history: History, head: str = "HEAD") -> Review:
    return review(history.root, resolve(history.root, "main", head), DRAWING)


def verdicts(found: Review) -> dict[str, str]:
    return {judged.figure.name: judged.verdict for judged in found.judged}


def test_a_better_model_is_tested_and_its_changes_are_told(history: History) -> None:
    history.results(found=9, settings={"train": {"rate": 0.2}})
    history.commit()
    found = look(history)
    assert verdicts(found)["micro-F1"] == "better"
    assert found.judged[0].paired
    assert [change.key for change in found.settings["params.yaml"]] == ["train.rate"]
    assert list(found.outputs) == ["data/predictions"]
    assert [change.label for change in found.types] == ["Sign"]
    assert "params.yaml" in found.files
    assert not found.stale.found
    assert found.stale_base
    assert not found.stale_base.found


def test_a_worse_model_is_told_as_worse(history: History) -> None:
    history.results(found=6)
    history.commit()
    assert verdicts(look(history))["micro-F1"] == "worse"


def test_metrics_that_are_new_or_gone_are_told(history: History) -> None:
    history.results(found=8, metrics={"backends": {"onnx-int8": {"test": {"f1": 0.8}}}})
    (history.root / "metrics" / "confidence.json").write_text('{"test": {"aurc": 0.1}}')
    history.commit()
    found = verdicts(look(history))
    assert (found["micro-F1, by `onnx-int8`"], found["ECE"], found["AURC"]) == ("new", "gone", "same")


@pytest.mark.usefixtures("settings_of_its_own")
def test_without_predictions_nothing_is_tested_and_what_brings_them_is_told(history: History) -> None:
    history.results(found=9)
    history.commit()
    shutil.rmtree(history.root / ".dvc" / "cache")
    found = look(history)
    assert found.judged[0].paired is None
    assert verdicts(found)["micro-F1"] == "better"  # the lock says that the test documents are the same
    [note] = [note for note in found.notes if "dvc fetch" in note]
    assert "Nothing is tested without the predictions of `base` and `change`" in note


def test_other_test_documents_are_not_compared(history: History) -> None:
    history.results(found=9, corpus="other")
    history.commit()
    found = look(history)
    assert verdicts(found)["micro-F1"] == "not comparable"
    assert any("2 different sets of documents" in note for note in found.notes)


def test_scores_that_cannot_be_read_are_told(history: History) -> None:
    (history.root / "metrics" / "evaluate.json").unlink()
    history.commit()
    found = look(history)
    assert verdicts(found)["micro-F1"] == "gone"
    assert "`change` has no scores to test: no metrics/evaluate.json." in found.notes
    assert "`change`: `metrics/evaluate.json` cannot be read (FileNotFoundError)." in found.notes
    assert found.stale.reasons == {"evaluate": ["metrics/evaluate.json missing"]}


def test_a_leak_is_told_and_a_missing_check_too(history: History) -> None:
    history.results(found=8, twins=2)
    history.commit()
    leak = look(history).leak
    assert leak
    assert (leak.twins, leak.passed) == (2, False)
    (history.root / "metrics" / "tier_split.json").write_text("{}")
    history.commit()
    assert look(history).leak is None


def test_the_first_commit_stands_alone(history: History) -> None:
    found = look(history)
    assert found.revisions.base is None
    assert found.stale_base is None
    assert set(verdicts(found).values()) == {"new"}
    assert (found.settings, found.outputs, found.files, found.types) == ({}, {}, [], [])
    assert found.metrics


def test_a_base_that_is_out_of_date_is_told(history: History) -> None:
    history.run("git", "checkout", "-q", "main")
    history.write({"stages/evaluate.py": "# other\n"})
    history.commit()
    history.run("git", "checkout", "-q", "-B", "change")
    history.results(found=9)
    history.commit()
    found = look(history)
    assert found.stale_base
    assert list(found.stale_base.reasons) == ["evaluate"]
    assert not found.stale.found
