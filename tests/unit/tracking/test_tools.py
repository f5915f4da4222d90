"""Which trackers there are."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest

from spanwise.errors import UserError
from spanwise.tracking.run import Run
from spanwise.tracking.tools import make_trackers, track
from tests.extras import needs

TOOLS = ["wandb", "mlflow", "dvclive"]


@needs(*TOOLS)
def test_each_tool_has_one_tracker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RANK", raising=False)
    assert list(make_trackers([*TOOLS, "wandb"], tmp_path)) == TOOLS
    assert make_trackers([], tmp_path) == {}


@needs(*TOOLS)
def test_of_several_processes_the_first_one_records(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RANK", "0")
    assert list(make_trackers(TOOLS, tmp_path)) == TOOLS
    monkeypatch.setenv("RANK", "1")
    assert make_trackers(TOOLS, tmp_path) == {}


def test_a_tool_that_is_not_installed_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(UserError, match="names mlflow, which is not installed") as error:
        make_trackers(["mlflow"], tmp_path)
    assert "pip install 'spanwise[tracking]'" in str(error.value)


@pytest.mark.parametrize("log_model", [True, False])
def test_a_training_is_recorded_with_all_its_settings(
    log_model: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DVC_ROOT", str(tmp_path))
    monkeypatch.delenv("RANK", raising=False)
    (tmp_path / "params.yaml").write_text("seed: 13\nreport: {title: A report}\n")
    settings: dict[str, Any] = {"tools": [], "project": "notes", "group": "g", "mlflow_uri": None}
    with track("name", tmp_path / "params.yaml", **settings, log_model=log_model) as recorder:
        recorder.finish({"best_score": 0.5}, tmp_path)
    assert recorder.run == Run("name", "notes", "g", {"seed": 13, "report": {"title": "A report"}})
    assert (recorder.outcomes, recorder.log_model) == ({}, log_model)
