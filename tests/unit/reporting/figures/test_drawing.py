from __future__ import annotations

import re
import subprocess
import sys
from xml.etree import ElementTree

import pytest

from spanwise.io import write_csv
from spanwise.reporting.figures import (
    Figure,
    draw_categories,
    draw_confusion,
    draw_figures,
    draw_lengths,
    draw_robustness,
    script,
)
from spanwise.reporting.figures.drawing import WIDTH, tint

ROBUSTNESS = [
    {"variant": "unchanged", "f1": 0.75, "low": 0.7, "high": 0.8},
    {"variant": "typos", "f1": 0.5, "low": 0.45, "high": 0.55},
]
CATEGORIES = [
    {"tier": "high", "category": "correct", "spans": 3},
    {"tier": "high", "category": "missed", "spans": 1},
]
LENGTHS = [{"length": "1", "gold": 8, "errors": 2, "error_rate": 0.25}]
PAIRS = [
    {"gold": "Sign", "predicted": "Sign"},
    {"gold": "Sign", "predicted": "Drug"},
    {"gold": "Drug", "predicted": "(none)"},
    {"gold": "(none)", "predicted": "Drug"},
]


@pytest.fixture(scope="module")
def figures(tmp_path_factory: pytest.TempPathFactory) -> list[Figure]:
    """One figure of every kind."""
    plots = tmp_path_factory.mktemp("plots")
    columns = ("confidence", "value", "series")
    write_csv(plots / "made/histogram.csv", columns, [(0.25, 3, "right"), (0.25, 4, "wrong")])
    write_csv(plots / "made/thresholds.csv", columns, [(n / 20, n / 20, "precision") for n in range(21)])
    write_csv(plots / "made/empty.csv", columns, [])
    write_csv(
        plots / "made/reliability.csv",
        columns,
        [(0.4, 0.35, "raw"), (0.0, 0.0, "ideal"), (1.0, 1.0, "ideal")],
    )
    types = [("Sign", 0.8, 0.7, 0.9, 900, "high"), ("Date", None, None, None, 0, "low")]
    write_csv(plots / "made/types.csv", ("label", "f1", "low", "high", "support", "tier"), types)
    return [
        *draw_figures(plots, "made"),
        draw_robustness(ROBUSTNESS),
        draw_categories(CATEGORIES),
        draw_lengths(LENGTHS),
        draw_confusion(PAIRS),
        draw_confusion(PAIRS, most=None),
    ]


def test_colours_and_fonts_are_those_of_the_page(figures: list[Figure]) -> None:
    series = [f"var(--series-{number})" for number in range(1, 7)]
    page = {"none", "transparent", "currentColor", "var(--line)", "var(--card)", *series}
    mixed = {tint(colour, percentage) for colour in series for percentage in range(101)}
    for figure in figures:
        assert set(re.findall(r'(?:fill|stroke)="([^"]+)"', figure.svg)) <= page | mixed
        assert "font-family" not in figure.svg
        assert "<style" not in figure.svg


def test_a_drawing_is_one_image_with_a_text(figures: list[Figure]) -> None:
    for figure in figures:
        root = ElementTree.fromstring(figure.svg)
        assert (root.tag, root.get("role"), root.get("aria-label")) == ("svg", "img", figure.text)
        assert figure.text.startswith(f"{figure.caption}. ")
        inner = [element for element in root.iter() if element is not root]
        assert not any(name in {"role", "class"} or "aria" in name for each in inner for name in each.attrib)


def test_no_drawing_has_an_id_that_another_on_the_page_could_have(figures: list[Figure]) -> None:
    for figure in figures:
        assert not re.search(r'\bid="|url\(#|href=', figure.svg)


def test_a_drawing_keeps_to_the_width_of_a_column_unless_it_is_wide(figures: list[Figure]) -> None:
    for figure in figures:
        width = float(ElementTree.fromstring(figure.svg).attrib["width"])
        assert figure.wide or width == WIDTH


def test_text_stays_readable_on_a_telephone(figures: list[Figure]) -> None:
    for figure in figures:
        sizes = [float(size) for size in re.findall(r'font-size="([\d.]+)px"', figure.svg)]
        assert sizes
        assert min(sizes) >= 10


def test_a_specification_loads_nothing(figures: list[Figure]) -> None:
    for figure in figures:
        assert "'url'" not in str(figure.specification)


def test_every_figure_tells_its_numbers_to_the_pointer(figures: list[Figure]) -> None:
    for figure in figures:
        assert "tooltip" in str(figure.specification) or figure.name == "empty"


def test_a_name_is_escaped() -> None:
    figure = draw_lengths([LENGTHS[0] | {"length": '<b onload="x">'}])
    assert "<b" not in figure.svg
    assert '<b onload="x">' in ElementTree.fromstring(figure.svg).attrib["aria-label"]


def test_another_process_makes_the_same_bytes_whatever_was_drawn_before(figures: list[Figure]) -> None:
    program = (
        "from spanwise.reporting.figures import draw_robustness, script;"
        f"figure = draw_robustness({ROBUSTNESS!r});"
        "print(figure.svg, figure.specification, script(), end='')"
    )
    other = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    figure = next(figure for figure in figures if figure.name == "robustness")
    assert other.stdout.decode() == f"{figure.svg} {figure.specification} {script()}"


def test_the_script_can_stand_in_a_page() -> None:
    assert "window.vegaEmbed=" in script()[-100:]
    assert "</script" not in script()
    assert "<!--" not in script()
