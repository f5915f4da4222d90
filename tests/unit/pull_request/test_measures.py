from __future__ import annotations

from pathlib import Path

import pytest

from spanwise.errors import UserError
from spanwise.experiments import Experiment
from spanwise.pull_request.measures import ABSENT, Difference, Values, differences, measure, outputs
from tests.histories import History


def head(history: History) -> Experiment:
    return Experiment("HEAD", history.commit())


def test_metrics_and_settings_are_read_from_git_by_file_and_key(history: History) -> None:
    found = measure(history.root, head(history))
    assert found.value("metrics/evaluate.json", "test.documents") == 6
    assert found.value("metrics/evaluate.json", "test.other") is ABSENT
    assert found.value("metrics/other.json", "test.documents") is ABSENT
    assert found.settings["params.yaml"]["train.rate"] == 0.1
    assert found.unread == {}


def test_a_metrics_file_that_is_missing_or_broken_is_named(history: History) -> None:
    history.write({"metrics/evaluate.json": "{"})
    (history.root / "metrics" / "benchmark.json").unlink()
    found = measure(history.root, head(history))
    assert sorted(found.unread) == ["metrics/benchmark.json", "metrics/evaluate.json"]
    assert found.value("metrics/tier_split.json", "leak.twins_across") == 0


def test_a_metrics_file_of_one_number_has_an_empty_key(history: History) -> None:
    history.write({"metrics/benchmark.json": "0.5"})
    assert measure(history.root, head(history)).value("metrics/benchmark.json", "") == 0.5


def test_a_pipeline_that_dvc_cannot_read_is_told(history: History) -> None:
    history.write({"dvc.yaml": "stages: [\n"})
    with pytest.raises(UserError, match="DVC cannot read"):
        measure(history.root, head(history))


def test_differences_tell_absent_values_from_undefined_ones() -> None:
    before: dict[str, Values] = {"a.json": {"same": 1, "gone": 2, "undefined": None}, "lost.json": {"x": 1}}
    after: dict[str, Values] = {"a.json": {"same": 1, "undefined": 0.5, "new": None}}
    assert differences(before, after) == {
        "a.json": [
            Difference("gone", 2, ABSENT),
            Difference("new", ABSENT, None),
            Difference("undefined", None, 0.5),
        ],
        "lost.json": [Difference("x", 1, ABSENT)],
    }


def test_outputs_are_those_that_git_does_not_keep(history: History, tmp_path: Path) -> None:
    found = outputs(history.root, head(history), tmp_path / "scratch")
    assert list(found) == ["data/predictions", "data/splits"]
    assert found["data/splits"].files == 1


def test_without_a_lock_there_are_no_outputs(history: History, tmp_path: Path) -> None:
    (history.root / "dvc.lock").unlink()
    assert outputs(history.root, head(history), tmp_path / "scratch") == {}


def test_a_broken_lock_is_told(history: History, tmp_path: Path) -> None:
    history.write({"dvc.lock": "stages: ["})
    with pytest.raises(UserError, match=r"dvc\.lock of HEAD is not valid YAML"):
        outputs(history.root, head(history), tmp_path / "scratch")
