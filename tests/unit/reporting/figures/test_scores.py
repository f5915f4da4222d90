from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

from spanwise.reporting.figures.drawing import Figure
from spanwise.reporting.figures.files import draw_figures
from spanwise.reporting.figures.scores import draw_robustness, draw_types


def texts(figure: Figure) -> list[str]:
    return [element.text or "" for element in ElementTree.fromstring(figure.svg).iter("text")]


def test_types_are_labelled_from_the_file_and_an_undefined_score_is_a_dash(inputs: Any) -> None:
    (types,) = draw_figures(inputs.plots, "evaluate")
    labels = texts(types)
    assert [label for label in labels if label in {"Sign", "Drug", "Date"}] == ["Sign", "Drug", "Date"]
    assert labels.count("\N{EN DASH}") == 1
    assert {"High tier", "Low tier"} <= set(labels)
    assert "Best: Sign, 0.811; last: Drug, 0.791." in types.text


def test_types_without_any_score_are_drawn() -> None:
    row = {"label": "Sign", "f1": None, "low": None, "high": None, "support": 0.0, "tier": "high"}
    assert "No type has a score" in draw_types("types", [row]).text


def test_robustness_is_told_in_the_order_given_with_intervals() -> None:
    figure = draw_robustness(
        [
            {"variant": "unchanged", "f1": 0.75, "low": 0.7, "high": 0.8},
            {"variant": "typos", "f1": 0.5, "low": None, "high": None},
            {"variant": "lower", "f1": None, "low": None, "high": None},
        ]
    )
    names = ["Unchanged", "Typos", "Lower"]
    assert [text for text in texts(figure) if text in names] == names
    assert figure.text.endswith("Unchanged: 0.750 (0.700\N{EN DASH}0.800); Typos: 0.500; Lower: \N{EN DASH}")


def test_a_line_marks_the_unchanged_text_where_it_was_measured() -> None:
    changed = {"variant": "typos", "f1": 0.5, "low": 0.4, "high": 0.6}
    assert "stroke-dasharray" not in draw_robustness([changed]).svg
    assert "stroke-dasharray" in draw_robustness([changed | {"variant": "unchanged"}, changed]).svg


def test_without_variants_the_figure_says_so() -> None:
    assert draw_robustness([]).text.endswith(". No data")
