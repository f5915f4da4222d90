"""A finished run, from the files of its stages."""

from __future__ import annotations

from pathlib import Path

import pytest

from spanwise.errors import UserError
from spanwise.tracking.finished import FILES, read
from tests.trackers import write_run


def test_settings_curves_and_figures_are_read(tmp_path: Path) -> None:
    write_run(tmp_path)
    run = read(tmp_path)
    assert run.name == "tiny_20260131-184502"
    assert len(run.key) == 64
    assert run.parameters["seed"] == 13
    assert run.points == {
        4: {"epoch": 1, "train_loss": 1.5, "validation_loss": 1.25, "validation_score": 0.5},
        8: {"epoch": 2, "train_loss": 0.5, "validation_loss": 0.75, "validation_score_other": 0.25},
    }
    assert run.figures["best_score"] == run.figures["train.best_score"] == 0.5
    assert run.figures["seconds"] == 12.5
    assert run.figures["evaluate.test.strict.micro.f1"] == 0.7
    assert all(isinstance(value, int | float) for value in run.figures.values())
    assert [file.name for file in run.files] == ["model_card.md"]


def test_what_quotes_documents_is_not_read() -> None:
    assert not {file for file in FILES if "report." in file or "predictions" in file or "errors" in file}


def test_the_same_lock_is_the_same_run(tmp_path: Path) -> None:
    write_run(tmp_path)
    before = read(tmp_path).key
    assert read(tmp_path).key == before
    (tmp_path / "dvc.lock").write_text("another")
    assert read(tmp_path).key != before


def test_stages_that_are_not_done_are_left_out(tmp_path: Path) -> None:
    write_run(tmp_path)
    for file in ("metrics/evaluate.json", "reports/model_card.md", "plots/train/score.csv"):
        (tmp_path / file).unlink()
    run = read(tmp_path)
    assert run.files == []
    assert not any(name.startswith("evaluate") for name in run.figures)
    assert run.points[4] == {"epoch": 1, "train_loss": 1.5, "validation_loss": 1.25}


@pytest.mark.parametrize("file", ["dvc.lock", "metrics/train.json"])
def test_without_a_training_there_is_no_run(file: str, tmp_path: Path) -> None:
    write_run(tmp_path)
    (tmp_path / file).unlink()
    with pytest.raises(UserError, match=f"no finished run: {file} is missing"):
        read(tmp_path)
