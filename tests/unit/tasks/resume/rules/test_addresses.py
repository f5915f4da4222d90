"""Where somebody lives, in the forms of several countries."""

from __future__ import annotations

import pytest

from spanwise.tasks.resume.rows import Row
from spanwise.tasks.resume.rules.addresses import find_address


def parts(text: str) -> dict[str, str]:
    rows, start = [], 0
    for line in text.split("\n"):
        rows.append(Row(line, start))
        start += len(line) + 1
    return {each.label: text[each.start : each.end] for each in find_address(rows, [])}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("San Francisco, CA", {"City": "San Francisco", "Region": "CA"}),
        (
            "12 rue de la Paix, 75002 Paris, France",
            {"Street": "12 rue de la Paix", "Postcode": "75002", "City": "Paris", "Country": "France"},
        ),
        (
            "64651 James Locks, Austin, TX 60354, United States",
            {
                "Street": "64651 James Locks",
                "City": "Austin",
                "Region": "TX",
                "Postcode": "60354",
                "Country": "United States",
            },
        ),
        (
            "Musterstraße 12\n10115 Berlin",
            {"Street": "Musterstraße 12", "Postcode": "10115", "City": "Berlin"},
        ),
        (
            "Flat 95, Day Shore, Norwich L43 0PH",
            {"Street": "Flat 95, Day Shore", "City": "Norwich", "Postcode": "L43 0PH"},
        ),
        (
            "Residencial Aparecida, Curitiba - PR, 17794-338, Brasil",
            {
                "Street": "Residencial Aparecida",
                "City": "Curitiba",
                "Region": "PR",
                "Postcode": "17794-338",
                "Country": "Brasil",
            },
        ),
        ("1012 AB Amsterdam", {"Postcode": "1012 AB", "City": "Amsterdam"}),
        ("Wohnort: Bonn", {"City": "Bonn"}),
        ("Lyon, Auvergne, France", {"City": "Lyon", "Region": "Auvergne", "Country": "France"}),
        ("Last updated in Mar 2026", {}),
        ("Anna Berg", {}),
    ],
)
def test_an_address_is_taken_apart(text: str, expected: dict[str, str]) -> None:
    assert parts(text) == expected


def test_what_is_something_else_is_no_part_of_an_address() -> None:
    row = Row("Anna Berg, Berlin, Germany", 0)
    found = find_address([row], [(0, 9)])
    assert [(each.label, row.text[each.start : each.end]) for each in found] == [
        ("City", "Berlin"),
        ("Country", "Germany"),
    ]


def test_only_the_first_address_counts() -> None:
    assert parts("10115 Berlin\nsome words\n80331 München")["City"] == "Berlin"
