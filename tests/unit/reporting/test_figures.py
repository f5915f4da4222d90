from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from spanwise.errors import UserError
from spanwise.io import write_text
from spanwise.reporting.figures import Figure, draw_figures, sentence

SVG = "{http://www.w3.org/2000/svg}"


def drawn(plots: Path, name: str, content: str) -> Figure:
    write_text(plots / "train" / f"{name}.csv", content)
    return next(figure for figure in draw_figures(plots, "train") if figure.name == name)


def texts(figure: Figure) -> list[str]:
    return [element.text or "" for element in ElementTree.fromstring(figure.svg).iter(f"{SVG}text")]


def test_every_file_of_a_stage_is_drawn(inputs: Any) -> None:
    names = [figure.name for figure in draw_figures(inputs.plots, "confidence")]
    assert names == ["histogram", "reliability", "thresholds"]


def test_a_folder_may_hold_no_file(tmp_path: Path) -> None:
    (tmp_path / "train").mkdir()
    assert draw_figures(tmp_path, "train") == []


def test_bytes_are_the_same_every_time(inputs: Any) -> None:
    assert draw_figures(inputs.plots, "evaluate") == draw_figures(inputs.plots, "evaluate")


def test_lines_are_labelled_from_the_file(inputs: Any) -> None:
    loss = draw_figures(inputs.plots, "train")[0]
    assert {"Train", "Validation", "Epoch"} <= set(texts(loss))
    assert loss.caption == "Loss during training"
    assert 'aria-label="Loss during training. Train: 2.5 at epoch 1, 0.75 at 2; Validation: 1.5' in loss.svg


def test_types_are_labelled_from_the_file_and_an_undefined_score_is_a_dash(inputs: Any) -> None:
    (types,) = draw_figures(inputs.plots, "evaluate")
    labels = texts(types)
    assert [label for label in labels if label in {"Sign", "Drug", "Date"}] == ["Sign", "Drug", "Date"]
    assert labels.count("\N{EN DASH}") == 1
    assert {"High tier", "Low tier"} <= set(labels)
    assert "Best: Sign, 0.811; last: Drug, 0.791." in types.svg


def test_types_without_any_score_are_drawn(tmp_path: Path) -> None:
    figure = drawn(tmp_path, "types", "label,f1,low,high,support,tier\nSign,,,,0,high\n")
    assert "No type has a score" in figure.svg


@pytest.mark.parametrize("name", ["loss", "histogram"])
def test_a_file_without_rows_says_so(tmp_path: Path, name: str) -> None:
    figure = drawn(tmp_path, name, "epoch,value,series\n")
    assert "no data" in texts(figure)
    assert "No data" in figure.svg


@pytest.mark.parametrize("stage", ["train", "evaluate", "confidence", "benchmark"])
def test_colours_and_fonts_are_those_of_the_page(inputs: Any, stage: str) -> None:
    for figure in draw_figures(inputs.plots, stage):
        colours = set(re.findall(r"(?:fill|stroke): ([^;\"]+)", figure.svg))
        colours = {colour for colour in colours if not colour.startswith("url(#")}
        assert colours <= {
            "none",
            "currentColor",
            "var(--line)",
            *(f"var(--series-{n})" for n in range(1, 7)),
        }
        assert "font-family" not in figure.svg
        assert "<style" not in figure.svg
        assert "<metadata" not in figure.svg


def test_a_point_without_a_place_is_not_drawn(tmp_path: Path) -> None:
    assert (
        "Train: 2 at epoch 1, 2 at 1"
        in drawn(tmp_path, "loss", "epoch,value,series\n1,2,train\n,3,train\n").svg
    )


def test_ids_are_unique_over_all_figures(inputs: Any) -> None:
    (inputs.plots / "benchmark" / "loss.csv").write_bytes((inputs.plots / "train" / "loss.csv").read_bytes())
    stages = ("train", "evaluate", "confidence", "benchmark")
    svgs = [figure.svg for stage in stages for figure in draw_figures(inputs.plots, stage)]
    elements = [element for svg in svgs for element in ElementTree.fromstring(svg).iter()]
    ids = [element.get("id") for element in elements if element.get("id")]
    assert len(ids) == len(set(ids))
    links = [link for svg in svgs for link in re.findall(r'(?:href="#|url\(#)([^")]+)', svg)]
    assert links
    assert set(links) <= set(ids)


def test_hostile_names_are_escaped(tmp_path: Path) -> None:
    figure = drawn(tmp_path, "loss", 'epoch,value,series\n1,2,"<b onload=""x"">"\n')
    assert "<b" not in figure.svg
    assert '<b onload="x">' in texts(figure)[-1]
    assert ElementTree.fromstring(figure.svg).get("onload") is None


def test_a_dollar_sign_is_no_mathematics(tmp_path: Path) -> None:
    assert "$a$b" in texts(drawn(tmp_path, "loss", "epoch,value,series\n1,2,$a$b\n"))


def test_a_missing_folder_names_the_command_that_makes_it(tmp_path: Path) -> None:
    with pytest.raises(UserError) as error:
        draw_figures(tmp_path, "benchmark")
    assert error.value.path == tmp_path / "benchmark"
    assert error.value.hint == "Make it with `dvc repro benchmark`."


@pytest.mark.parametrize("header", ["", "epoch,value", "a,b,value,series", "label,f1"])
def test_other_columns_are_refused(tmp_path: Path, header: str) -> None:
    with pytest.raises(UserError, match="cannot be drawn") as error:
        drawn(tmp_path, "loss", f"{header}\n")
    assert (error.value.path, error.value.line) == (tmp_path / "train" / "loss.csv", 1)


@pytest.mark.parametrize("row", ["1,many,train", "1", "1,2,train,4"])
def test_a_row_that_does_not_fit_is_refused_with_its_line(tmp_path: Path, row: str) -> None:
    with pytest.raises(UserError, match="number") as error:
        drawn(tmp_path, "loss", f"epoch,value,series\n1,2,train\n{row}\n")
    assert error.value.line == 3


def test_names_become_headings() -> None:
    assert sentence("batch_size") == "Batch size"
    assert sentence("f1") == "F1"
    assert sentence("p50") == "p50"


def test_a_series_of_a_further_corpus_keeps_its_name_and_changes_the_caption(rich: Any) -> None:
    score = next(figure for figure in draw_figures(rich.plots, "train") if figure.name == "score")
    assert {"Validation", "gene-notes validation"} <= set(texts(score))
    assert score.caption.endswith("the main corpus chooses the best epoch")
    assert "gene-notes validation: 0.2 at epoch 1, 0.4 at 2" in score.svg


def test_one_series_keeps_the_plain_caption(inputs: Any) -> None:
    score = next(figure for figure in draw_figures(inputs.plots, "train") if figure.name == "score")
    assert score.caption.endswith("by which the best epoch is chosen")


def test_percentiles_are_no_headings() -> None:
    assert [sentence(name) for name in ("p50", "p95", "p99")] == ["p50", "p95", "p99"]
