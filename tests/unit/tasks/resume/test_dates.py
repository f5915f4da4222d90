from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spanwise.tasks.resume.dates import (
    MONTHS,
    PRESENT,
    SHORT_MONTHS,
    STYLES,
    Style,
    format_date,
    is_iso_date,
    is_present,
    parse_date,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2019", "2019"),
        ("2019-03", "2019-03"),
        ("2019/03/14", "2019-03-14"),
        ("03/2019", "2019-03"),
        ("3.2019", "2019-03"),
        ("March 2019", "2019-03"),
        ("Sept. 2019", "2019-09"),
        ("14. März 2019", "2019-03-14"),
        ("March 14th, 2019", "2019-03-14"),
        ("1er mars 2019", "2019-03-01"),
        ("14 de março de 2019", "2019-03-14"),
        ("Octubre del 2019", "2019-10"),
        ("Mar '19", "2019-03"),
        ("03/98", "1998-03"),
        ("2019 March", "2019-03"),
        ("summer 2019", "2019"),
        ("since 2019", "2019"),
    ],
)
def test_a_date_keeps_the_precision_that_is_stated(text: str, expected: str) -> None:
    assert parse_date(text) == expected


@pytest.mark.parametrize("text", ["", "Present", "2018 - 2019", "12345", "no year"])
def test_what_tells_no_date_or_two_is_none(text: str) -> None:
    assert parse_date(text) is None


def test_days_come_first_unless_months_do_or_there_is_no_such_month() -> None:
    assert parse_date("03/04/2019") == "2019-04-03"
    assert parse_date("03/04/2019", month_first=True) == "2019-03-04"
    assert parse_date("03/14/2019") == parse_date("14/03/2019", month_first=True) == "2019-03-14"


def test_a_day_that_the_calendar_lacks_leaves_the_year() -> None:
    assert parse_date("31/02/2019") == "2019"
    assert parse_date("30 February 2019") == "2019"


@given(
    st.dates(date(1950, 1, 1), date(2049, 12, 31)), st.sampled_from(STYLES), st.sampled_from(sorted(MONTHS))
)
def test_what_is_written_is_read_again(day: date, style: Style, language: str) -> None:
    iso = f"{day:%Y-%m}"
    assert parse_date(format_date(iso, style, language)) == (iso[:4] if style == "year" else iso)


@pytest.mark.parametrize("language", sorted(MONTHS))
def test_a_bare_year_is_written_as_one_in_any_style(language: str) -> None:
    assert {format_date("2019", style, language) for style in STYLES} == {"2019"}


def test_each_language_has_twelve_months_and_a_word_for_today() -> None:
    assert MONTHS.keys() == SHORT_MONTHS.keys() == PRESENT.keys()
    assert {len(names) for names in (*MONTHS.values(), *SHORT_MONTHS.values())} == {12}


@pytest.mark.parametrize("text", ["present", "HEUTE", "Aujourd’hui", "présent", "oggi", "d.d."])
def test_today_is_told_in_any_language_and_case(text: str) -> None:
    assert is_present(text)


def test_today_in_one_language_is_not_in_another() -> None:
    assert is_present("heute", "de")
    assert not is_present("heute", "en")
    assert not is_present("2019")


@pytest.mark.parametrize("text", ["2019", "2019-12", "2020-02-29"])
def test_an_iso_date_exists(text: str) -> None:
    assert is_iso_date(text)


@pytest.mark.parametrize("text", ["", "19", "2019-13", "2019-02-29", "2019-3", "Present", "２０１９", "0000"])  # noqa: RUF001
def test_other_text_is_no_iso_date(text: str) -> None:
    assert not is_iso_date(text)
