from __future__ import annotations

import pytest

from spanwise.tasks.pii.levels import Level
from spanwise.tasks.pii.operators import MARKER, duration, generalise, is_coarse


@pytest.mark.parametrize(
    ("label", "surface", "level", "expected"),
    [
        ("AGE", "34 years", "moderate", "30–34"),
        ("DATE_TIME", "März 2019", "moderate", "2019"),
        ("DATE_TIME", "no date", "moderate", "[redacted]"),
        ("DATE_TIME", "2019", "thorough", "[redacted]"),
        ("LOCATION", "Lyon", "moderate", "Auvergne-Rhône-Alpes"),
        ("LOCATION", "Hamburg", "moderate", "Germany"),
        ("LOCATION", "Nowhere", "moderate", None),
        ("ORGANIZATION", "Sparkasse Musterstadt", "thorough", "[bank]"),
        ("ORGANIZATION", "Brackwater Ltd", "thorough", "[company]"),
        ("SCHOOL", "Universität Musterstadt", "thorough", "[university]"),
        ("SCHOOL", "Brack", "thorough", "[school]"),
        ("RARE_TITLE", "CEO", "thorough", "[executive]"),
    ],
)
def test_something_coarser_stands_for_it(
    label: str, surface: str, level: Level, expected: str | None
) -> None:
    assert generalise(label, surface, level) == expected


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("03/2015", "05/2017", "[2 years 2 months]"),
        ("2015", "2018", "[3 years]"),
        ("Jan 2015", "Jan 2015", "[less than a year]"),
        ("2018", "2015", "[redacted]"),
        ("soon", "2015", "[redacted]"),
    ],
)
def test_a_period_becomes_how_long_it_was(start: str, end: str, expected: str) -> None:
    assert duration(start, end) == expected
    assert MARKER.fullmatch(expected)


def test_years_and_countries_are_coarse_already() -> None:
    assert is_coarse("DATE_TIME", "2019")
    assert is_coarse("LOCATION", "Deutschland")
    assert not is_coarse("LOCATION", "Lyon")
    assert not is_coarse("AGE", "34")
