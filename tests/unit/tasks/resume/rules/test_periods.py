"""Dates in running text: where they stand, and what they say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spanwise.tasks.resume.rules.periods import find_periods, is_duration, without_periods

PRESENT = "goes on"


def told(text: str) -> list[tuple[str | None, str | None]]:
    def value(date: object) -> str | None:
        return None if date is None else getattr(date, "value") or PRESENT  # noqa: B009

    return [(value(period.begin), value(period.finish)) for period in find_periods(text)]


@pytest.mark.parametrize(
    ("text", "begin", "finish"),
    [
        ("Sept 2018 – May 2023", "2018-09", "2023-05"),
        ("June 2023 - present", "2023-06", PRESENT),
        ("May – Aug 2020", "2020-05", "2020-08"),
        ("2018/19", "2018", "2019"),
        ("2018–20", "2018", "2020"),
        ("03/2019 - 12/2020", "2019-03", "2020-12"),
        ("2016-09 to 2018-06", "2016-09", "2018-06"),
        ("15.03.2019 bis 01.04.2020", "2019-03-15", "2020-04-01"),
        ("from 2010 to 2012", "2010", "2012"),
        ("seit 2019", "2019", None),
        ("janv. 2019 à aujourd'hui", "2019-01", PRESENT),
        ("enero de 2018 - actualidad", "2018-01", PRESENT),
        ("ott 2019 – oggi", "2019-10", PRESENT),
        ("mrt. 2019 - heden", "2019-03", PRESENT),
        ("abr. 2014 – o momento", "2014-04", PRESENT),
        ("mars 2019 - nu", "2019-03", PRESENT),
        ("Jan '19 – Mar '20", "2019-01", "2020-03"),
        ("Spring 2019", None, "2019"),
        ("2019-05", None, "2019-05"),
        ("Jan 2018 -\nPresent", "2018-01", PRESENT),
    ],
)
def test_a_period_is_read_in_the_forms_of_many_countries(
    text: str, begin: str | None, finish: str | None
) -> None:
    assert told(text) == [(begin, finish)]


@pytest.mark.parametrize(
    "text", ["raised 2000+ users", "EUR 1.234,2019", "10.1234/neurips.2023.1234", "no date"]
)
def test_other_numbers_are_no_dates(text: str) -> None:
    assert told(text) == []


def test_a_legal_form_before_a_period_is_no_preposition() -> None:
    text = "Revisor | Fransson AB\t11.2016–08.2018"
    [period] = find_periods(text)
    assert text[: period.start].rstrip() == "Revisor | Fransson AB"


def test_offsets_move_with_a_period() -> None:
    [period] = find_periods("x 2019 - 2020")
    moved = period.moved(10)
    assert [(date.start, date.end) for date in moved.dates] == [(12, 16), (19, 23)]
    assert (moved.start, moved.end) == (12, 23)


@given(st.text(alphabet="2019 -–/.seitMay,\n", max_size=40))
def test_blanking_keeps_the_length_and_dates_lie_inside(text: str) -> None:
    assert len(without_periods(text)) == len(text)
    for period in find_periods(text):
        assert 0 <= period.start < period.end <= len(text)
        assert all(period.start <= date.start < date.end <= period.end for date in period.dates)


@pytest.mark.parametrize("text", ["2 years 10 months", "(3 yrs)", "1 an", "4 Monate"])
def test_a_length_of_time_is_told_from_a_date(text: str) -> None:
    assert is_duration(text)
    assert told(text) == []
