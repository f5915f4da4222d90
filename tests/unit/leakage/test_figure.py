from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from spanwise.leakage.figure import COLOURS, INK, LINE, draw

SVG = "{http://www.w3.org/2000/svg}"


def scores(rows: int, f1: float, width: float | None = 0.02) -> dict[str, Any]:
    low, high = (None, None) if width is None else (f1 - width, f1 + width)
    return {"rows": rows, "f1": f1, "f1_low": low, "f1_high": high}


def arm(share: float, curve: list[float], test: dict[str, Any], **apart: Any) -> dict[str, Any]:
    points = [{"epoch": epoch, "validation_score": value} for epoch, value in enumerate(curve, start=1)]
    return {
        "twin_share": {"test": share},
        "curve": points,
        "test": test,
        "test_with_twin": None,
        "test_without_twin": None,
    } | apart


@pytest.fixture
def figures() -> dict[str, Any]:
    random = arm(
        0.75,
        [0.3, 0.6, 0.85],
        scores(80, 0.8),
        test_with_twin=scores(60, 0.875),
        test_without_twin=scores(20, 0.55, None),
    )
    return {
        "rows": 400,
        "arms": {"random_rows": random, "grouped": arm(0.0, [0.4, 0.55, 0.56], scores(80, 0.561))},
    }


def texts(svg: str) -> list[str]:
    """The lines of text."""
    root = ElementTree.fromstring(svg)
    elements = [*root.iter(f"{SVG}text"), *root.iter(f"{SVG}tspan")]
    return [element.text for element in elements if element.text]


def test_both_arms_are_named_with_their_share_of_twins(figures: dict[str, Any]) -> None:
    found = texts(draw(figures))
    assert "split by random rows: 75% of test rows have their twin in training" in found
    assert "split by document: 0% of test rows have their twin in training" in found


def test_each_test_score_is_written_beside_its_dot(figures: dict[str, Any]) -> None:
    found = texts(draw(figures))
    assert [text for text in found if re.fullmatch(r"0\.\d{3}", text)] == ["0.800", "0.875", "0.550", "0.561"]
    assert [text for text in found if text.startswith("(")] == ["(80)", "(60)", "(20)", "(80)"]


def test_rows_with_and_without_twin_stand_apart_only_where_there_are_both(figures: dict[str, Any]) -> None:
    figures["arms"]["random_rows"]["test_without_twin"] = None
    found = texts(draw(figures))
    assert [text for text in found if text.startswith("(")] == ["(80)", "(80)"]


def test_the_figure_is_told_in_words(figures: dict[str, Any]) -> None:
    label = ElementTree.fromstring(draw(figures)).attrib["aria-label"]
    assert label.startswith("Strict micro-F1 of the same recipe on 400 rows. Split by random rows: 75%")
    assert "validation 0.300 at epoch 1, 0.850 at 3; test 0.800 (0.780\N{EN DASH}0.820)." in label


def test_bytes_are_the_same_every_time(figures: dict[str, Any]) -> None:
    assert draw(figures) == draw(figures)


def test_the_order_of_the_file_changes_nothing(figures: dict[str, Any]) -> None:
    other = figures | {"arms": dict(sorted(figures["arms"].items()))}
    assert list(other["arms"]) != list(figures["arms"])
    assert draw(other) == draw(figures)


def test_colours_are_those_of_the_report_in_light(root: Path) -> None:
    css = (root / "src/spanwise/reporting/templates/report.css").read_text(encoding="utf-8")
    light = css[: css.index("prefers-color-scheme")]
    for name, colour in {
        "ink": INK,
        "line": LINE,
        "series-1": COLOURS["grouped"],
        "series-2": COLOURS["random_rows"],
    }.items():
        assert f"--{name}: {colour};" in light
