from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spanwise.tasks.compression.equivalence.numbers import quantities


@pytest.mark.parametrize(
    ("text", "value", "unit", "bound"),
    [
        ("at least 5 mg", "5", "mg", "at least"),
        ("no more than two thousand euros", "2000", "€", "at most"),
        ("twenty-five hours", "25", "h", None),
        ("3,6 pour cent", "3,6", "%", None),
        ("£1,284", "1,284", "£", None),
        ("up to a limit of 600 kilometres", "600", "km", "at most"),
        ("under the age of 14", "14", None, "less than"),
        ("au moins quinze jours", "15", "day", "at least"),
        ("50 mL/min", "50", "ml/min", None),
        ("at 17:30 sharp", "17:30", None, None),
    ],
)
def test_a_number_is_read_with_unit_and_bound(
    text: str, value: str, unit: str | None, bound: str | None
) -> None:
    (found,) = quantities(text)
    assert (found.value, found.unit, found.bound) == (value, unit, bound)


def test_digits_within_identifiers_are_no_numbers() -> None:
    assert quantities("the x86_64 build of one of them") == []


@given(st.text(alphabet="12 .,-abé%hundred°C", max_size=40))
def test_places_of_numbers_are_in_the_text_and_in_order(text: str) -> None:
    found = quantities(text)
    places = [place for each in found for place in (each.bound_start, each.start, each.end)]
    assert places == sorted(places)
    assert all(0 <= place <= len(text) for place in places)
