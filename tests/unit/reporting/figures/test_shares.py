from __future__ import annotations

from xml.etree import ElementTree

from spanwise.metrics import errors as metrics
from spanwise.reporting.figures.drawing import Figure
from spanwise.reporting.figures.shares import CATEGORIES, draw_categories, draw_lengths
from spanwise.reporting.formatting import words


def texts(figure: Figure) -> list[str]:
    return [element.text or "" for element in ElementTree.fromstring(figure.svg).iter("text")]


def test_categories_are_stacked_in_their_own_order_by_tier() -> None:
    figure = draw_categories(
        [
            {"tier": "low", "category": "missed", "spans": 2},
            {"tier": "low", "category": "correct", "spans": 2},
            {"tier": "high", "category": "boundary_and_type", "spans": 3},
            {"tier": "high", "category": "missed", "spans": 0},
        ]
    )
    (data,) = figure.specification["datasets"].values()
    assert [(row["tier"], row["category"], row["place"], row["share"]) for row in data] == [
        ("Low", "missed", 8, 0.5),
        ("Low", "correct", 0, 0.5),
        ("High", "boundary and type", 7, 1.0),
    ]
    assert [text for text in texts(figure) if text in {"Low", "High"}] == ["Low", "High"]
    assert figure.text.endswith("Low: 50% correct and 50% missed; High: 100% boundary and type")


def test_every_category_has_its_colour_in_the_legend() -> None:
    figure = draw_categories([{"tier": "high", "category": "correct", "spans": 1}])
    assert set(CATEGORIES) == set(metrics.CATEGORIES)
    assert {words(category) for category in CATEGORIES} <= set(texts(figure))
    assert len(set(CATEGORIES.values())) == len(CATEGORIES)


def test_lengths_keep_their_order_and_one_without_mentions_is_told_but_has_no_bar() -> None:
    figure = draw_lengths(
        [
            {"length": "1", "gold": 8, "errors": 2, "error_rate": 0.25},
            {"length": "4-5", "gold": 1, "errors": 1, "error_rate": 1.0},
            {"length": "6+", "gold": 0, "errors": 0, "error_rate": None},
        ]
    )
    assert [text for text in texts(figure) if text in {"1", "4-5", "6+"}] == ["1", "4-5", "6+"]
    assert figure.text.endswith("1: 25% of 8 mentions; 4-5: 100% of 1 mention; 6+: \N{EN DASH} of 0 mentions")
    (data,) = figure.specification["datasets"].values()
    assert len(data) == 2


def test_without_rows_the_figures_say_so() -> None:
    assert draw_lengths([]).text.endswith(". No data")
    assert draw_categories([]).text.endswith(". No data")
