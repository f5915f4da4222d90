from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spanwise.reporting import formatting
from spanwise.reporting.formatting import DASH


@pytest.mark.parametrize(
    "function",
    [
        formatting.score,
        formatting.percent,
        formatting.points,
        formatting.count,
        formatting.amount,
        formatting.duration,
        formatting.value,
    ],
)
def test_an_undefined_figure_is_a_dash(function: Any) -> None:
    assert function(None) == DASH


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (formatting.score(0.71234), "0.712"),
        (formatting.percent(0.4312), "43.1%"),
        (formatting.percent(0.95), "95%"),
        (formatting.percent(1.0), "100%"),
        (formatting.points(0.018), "1.8 points"),
        (formatting.points(-0.01), "-1 point"),
        (formatting.percents(0.9, 0.955), f"90%{DASH}95.5%"),
        (formatting.percents(None, 0.955), DASH),
        (formatting.count(25189), "25,189"),
        (formatting.counted(1, "document"), "1 document"),
        (formatting.counted(0, "document"), "0 documents"),
        (formatting.counted(1200, "entity"), "1,200 entities"),
        (formatting.amount(31841.4), "31,841"),
        (formatting.amount(12.345), "12.3"),
        (formatting.amount(12.0), "12"),
        (formatting.amount(0.00016), "0.00016"),
        (formatting.duration(42.0), "42 s"),
        (formatting.duration(210.0), "3.5 min"),
        (formatting.duration(4320.0), "1.2 h"),
        (formatting.words("edges_inside-words"), "edges inside words"),
        (formatting.listing([]), ""),
        (formatting.listing(["a"]), "a"),
        (formatting.listing(["a", "b", "c"]), "a, b and c"),
        (formatting.value(True), "yes"),
        (formatting.value(False), "no"),
        (formatting.value(22600000), "22,600,000"),
        (formatting.value(0.5), "0.5"),
        (formatting.value("bf16"), "bf16"),
        (formatting.value([1, "a"]), "1, a"),
        (formatting.value([]), "none"),
    ],
)
def test_formats(text: str, expected: str) -> None:
    assert text == expected


@pytest.mark.parametrize(("low", "high"), [(None, 0.5), (0.5, None), (None, None)])
def test_an_interval_with_an_undefined_end_is_a_dash(low: float | None, high: float | None) -> None:
    assert formatting.interval(low, high) == DASH


def test_an_interval_has_both_ends() -> None:
    assert formatting.interval(0.6811, 0.7429) == f"0.681{DASH}0.743"


@given(st.text())
def test_code_never_leaves_its_cell(text: str) -> None:
    cell = formatting.code(text)
    assert cell.startswith("`")
    assert cell.endswith("`")
    assert cell.count("`") == 2
    assert len(cell.splitlines()) == 1
    assert "|" not in cell.replace("\\|", "")


def test_long_listings_are_shortened_and_say_by_how_much() -> None:
    assert formatting.shortened(["a", "b"], 2) == "a and b"
    assert formatting.shortened(["a", "b", "c"], 2) == "a, b and 1 other"
    assert formatting.shortened(["a"] * 36, 1) == "a and 35 others"


def test_bounds_stand_in_brackets_if_there_are_any() -> None:
    assert formatting.bounds(0.9412, 0.9756) == " (interval 94.1% to 97.6%)"
    assert formatting.bounds(None, 0.9) == formatting.bounds(0.9, None) == ""
