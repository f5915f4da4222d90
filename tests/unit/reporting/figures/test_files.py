from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from spanwise.errors import UserError
from spanwise.io import write_csv, write_text
from spanwise.reporting.figures.drawing import Figure
from spanwise.reporting.figures.files import draw_figures


def drawn(plots: Path, name: str, content: str) -> Figure:
    write_text(plots / "train" / f"{name}.csv", content)
    return next(figure for figure in draw_figures(plots, "train") if figure.name == name)


def test_every_file_of_a_stage_is_drawn(inputs: Any) -> None:
    names = [figure.name for figure in draw_figures(inputs.plots, "confidence")]
    assert names == ["histogram", "reliability", "thresholds"]


def test_a_folder_may_hold_no_file(tmp_path: Path) -> None:
    (tmp_path / "train").mkdir()
    assert draw_figures(tmp_path, "train") == []


@pytest.mark.parametrize("stage", ["train", "evaluate", "confidence", "benchmark"])
def test_bytes_are_the_same_every_time(inputs: Any, stage: str) -> None:
    assert draw_figures(inputs.plots, stage) == draw_figures(inputs.plots, stage)


def test_a_missing_folder_names_the_command_that_makes_it(tmp_path: Path) -> None:
    with pytest.raises(UserError) as error:
        draw_figures(tmp_path, "benchmark")
    assert error.value.path == tmp_path / "benchmark"
    assert error.value.hint == "Make it with `dvc repro benchmark`."
    with pytest.raises(UserError) as error:
        draw_figures(tmp_path, "errors", stage="evaluate")
    assert error.value.hint == "Make it with `dvc repro evaluate`."


@pytest.mark.parametrize("header", ["", "epoch,value", "a,b,value,series", "label,f1", "gold"])
def test_other_columns_are_refused(tmp_path: Path, header: str) -> None:
    with pytest.raises(UserError, match="cannot be drawn") as error:
        drawn(tmp_path, "loss", f"{header}\n")
    assert (error.value.path, error.value.line) == (tmp_path / "train" / "loss.csv", 1)


@pytest.mark.parametrize("row", ["1,many,train", "1", "1,2,train,4"])
def test_a_row_that_does_not_fit_is_refused_with_its_line(tmp_path: Path, row: str) -> None:
    with pytest.raises(UserError, match="number") as error:
        drawn(tmp_path, "loss", f"epoch,value,series\n1,2,train\n{row}\n")
    assert error.value.line == 3


def test_an_empty_number_is_no_point(tmp_path: Path) -> None:
    figure = drawn(tmp_path, "loss", "epoch,value,series\n1,2,train\n,3,train\n2,,train\n")
    assert figure.text == "Loss during training. Train: 2 at epoch 1"


def test_pairs_of_more_types_than_fit_are_drawn_a_second_time_in_full(tmp_path: Path) -> None:
    pairs = [(f"Type{n:02}", "(none)") for n in range(15)]
    write_csv(tmp_path / "errors/confusion.csv", ("gold", "predicted"), pairs)
    assert [figure.name for figure in draw_figures(tmp_path, "errors")] == ["confusion"]
    write_csv(tmp_path / "errors/confusion.csv", ("gold", "predicted"), [*pairs, ("Type15", "Type00")])
    first, full = draw_figures(tmp_path, "errors")
    assert (first.name, first.wide, full.name, full.wide) == ("confusion", False, "confusion_all", True)
