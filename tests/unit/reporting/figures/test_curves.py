from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import pytest

from spanwise.reporting.figures.curves import draw_series
from spanwise.reporting.figures.drawing import Figure
from spanwise.reporting.figures.files import draw_figures


def texts(figure: Figure) -> list[str]:
    return [element.text or "" for element in ElementTree.fromstring(figure.svg).iter("text")]


def points(*values: float, series: str = "train", x: str = "epoch", start: int = 1) -> list[dict[str, Any]]:
    return [{x: place, "value": value, "series": series} for place, value in enumerate(values, start=start)]


def test_lines_are_labelled_from_the_file(inputs: Any) -> None:
    loss = draw_figures(inputs.plots, "train")[0]
    assert {"Train", "Validation", "Epoch"} <= set(texts(loss))
    assert loss.caption == "Loss during training"
    assert loss.text.startswith("Loss during training. Train: 2.5 at epoch 1, 0.75 at 2; Validation: 1.5")


@pytest.mark.parametrize("name", ["loss", "histogram"])
def test_without_rows_the_figure_says_so(name: str) -> None:
    figure = draw_series(name, [], "epoch")
    assert texts(figure) == ["no data"]
    assert figure.text.endswith(". No data")


def test_a_hostile_series_is_escaped() -> None:
    figure = draw_series("loss", points(2, series='<b onload="x">'), "epoch")
    assert "<b" not in figure.svg
    assert '<b onload="x">' in texts(figure)


def test_a_long_name_is_not_cut() -> None:
    name = "a corpus with a rather long name " * 2 + "validation"
    assert name in texts(draw_series("score", points(0.5, series=name), "epoch"))


def test_a_series_of_a_further_corpus_keeps_its_name_and_changes_the_caption(rich: Any) -> None:
    score = next(figure for figure in draw_figures(rich.plots, "train") if figure.name == "score")
    assert {"Validation", "gene-notes validation"} <= set(texts(score))
    assert score.caption.endswith("the main corpus chooses the best epoch")
    assert "gene-notes validation: 0.2 at epoch 1, 0.4 at 2" in score.text


def test_one_series_keeps_the_plain_caption(inputs: Any) -> None:
    score = next(figure for figure in draw_figures(inputs.plots, "train") if figure.name == "score")
    assert score.caption.endswith("by which the best epoch is chosen")


def test_scores_keep_their_range_unless_half_of_it_would_be_empty() -> None:
    assert "1.0" in texts(draw_series("score", points(0.3, 0.6), "epoch"))
    assert "1.0" not in texts(draw_series("risk_coverage", points(0.1, 0.2), "epoch"))


def places(figure: Figure) -> list[float]:
    axis: list[float] = figure.specification["layer"][0]["encoding"]["x"]["axis"]["values"]
    return axis


def test_epochs_and_batch_sizes_are_named_and_nothing_between_them() -> None:
    assert places(draw_series("loss", points(3, 2), "epoch")) == [1, 2]
    sizes = [{"batch_size": float(size), "value": 9.0, "series": "onnx"} for size in (1, 8, 32)]
    latency = draw_series("latency", sizes, "batch_size")
    assert places(latency) == [1, 8, 32]
    assert {"1", "8", "32", "ONNX"} <= set(texts(latency))


def test_time_by_length_is_a_line_where_both_axes_are_logarithmic() -> None:
    rows = [{"subwords": float(size), "value": 0.1 * size, "series": "torch"} for size in (130, 510, 2050)]
    scaling = draw_series("scaling", rows, "subwords")
    encoding = scaling.specification["layer"][0]["encoding"]
    assert (encoding["x"]["scale"]["type"], encoding["y"]["scale"]["type"]) == ("log", "log")
    assert places(scaling) == [130, 510, 2050]
    assert encoding["y"]["axis"]["values"] == [10, 100, 1000]


def test_many_epochs_are_named_in_part() -> None:
    assert places(draw_series("loss", points(*range(25)), "epoch")) == [1, 4, 7, 10, 13, 16, 19, 22, 25]


def test_many_points_are_pointed_at_but_not_drawn() -> None:
    few, many = (draw_series("loss", points(*range(number)), "epoch") for number in (16, 17))
    assert few.svg.count("<path") - many.svg.count("<path") == 16
    assert "tooltip" in str(many.specification["layer"][1])


def test_the_reference_is_a_dotted_line_in_ink() -> None:
    rows = [*points(0.4, 0.8, series="raw"), *points(0, 1, series="ideal")]
    svg = draw_series("reliability", rows, "epoch").svg
    assert 'stroke="currentColor" stroke-width="1.7" stroke-dasharray="1.5,1.5"' in svg


def test_bars_of_a_histogram_stand_side_by_side_on_the_axis() -> None:
    rows = [
        {"confidence": place, "value": 4.0, "series": series}
        for series in ("right", "wrong")
        for place in (0.25, 0.75)
    ]
    (data,) = draw_series("histogram", rows, "confidence").specification["datasets"].values()
    edges = [(round(bar["left"], 4), round(bar["right"], 4)) for bar in data]
    assert edges == [(0.025, 0.25), (0.525, 0.75), (0.25, 0.475), (0.75, 0.975)]
    assert [bar["bin"] for bar in data] == ["0 to 0.5", "0.5 to 1"] * 2


def test_a_click_on_the_legend_picks_a_series() -> None:
    parameters = draw_series("loss", points(1, 2), "epoch").specification["params"]
    assert [(each["name"], each["bind"]) for each in parameters] == [("pick", "legend")]
