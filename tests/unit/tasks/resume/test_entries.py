"""Entries: one job or course after another, wherever their dates stand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spanwise.tasks.resume.entries import split_entries
from spanwise.tasks.resume.rows import Row


def rows_of(text: str, **look: dict[int, float]) -> list[Row]:
    rows, start = [], 0
    for index, line in enumerate(text.split("\n")):
        rows.append(Row(line, start, gap=look.get("gaps", {}).get(index, 0.0)))
        start += len(line) + 1
    return rows


def heads(text: str, **look: dict[int, float]) -> list[list[str]]:
    return [[row.text for row in entry.head] for entry in split_entries(rows_of(text, **look))]


@pytest.mark.parametrize(
    "text",
    [
        "Cook\nInn, 2019 – 2020\n• Cooked\nWaiter\nBar, 2017 – 2018\n• Waited",  # date behind
        "2019 – 2020\nCook\n• Cooked\n2017 – 2018\nWaiter\n• Waited",  # date before
        "Cook, Inn\t2019 – 2020\n• Cooked\nWaiter, Bar\t2017 – 2018\n• Waited",  # beside
        "Cook\n• Cooked\n2019 – 2020\nWaiter\n• Waited\n2017 – 2018",  # below everything
    ],
)
def test_an_entry_is_found_wherever_its_date_stands(text: str) -> None:
    entries = split_entries(rows_of(text))
    assert len(entries) == 2
    assert "Cook" in " ".join(row.text for row in entries[0].head)
    assert "Waiter" in " ".join(row.text for row in entries[1].head)
    assert [row.text for row in entries[0].body] == ["• Cooked"]
    assert [len(entry.periods) for entry in entries] == [1, 1]


def test_a_place_below_the_date_stays_with_its_entry() -> None:
    text = "Cook\n2019 – 2020\nBonn\nWaiter\n2017 – 2018\nKöln"
    assert heads(text) == [["Cook", "2019 – 2020", "Bonn"], ["Waiter", "2017 – 2018", "Köln"]]


def test_blank_space_tells_more_than_the_number_of_rows() -> None:
    text = "Cook\n2019 – 2020\nInn\nWaiter\nat night\n2017 – 2018"
    assert heads(text, gaps={3: 1.0}) == [
        ["Cook", "2019 – 2020", "Inn"],
        ["Waiter", "at night", "2017 – 2018"],
    ]


def test_a_length_of_time_is_neither_name_nor_text() -> None:
    [entry] = split_entries(rows_of("Cook\n2019 – 2020\n1 year\n• Cooked"))
    assert [row.text for row in entry.body] == ["• Cooked"]


def test_without_dates_a_name_behind_text_begins_an_entry() -> None:
    assert heads("Tracker\n• one\nMap\n• two") == [["Tracker"], ["Map"]]


def test_a_sentence_alone_names_nothing() -> None:
    [entry] = split_entries(rows_of("3 years of building web applications and services."))
    assert entry.head == ()


@given(
    st.lists(
        st.sampled_from(["Cook", "2019 – 2020", "• did it", "Inn", "2018", "1 year", "a b c d e f g."]),
        max_size=9,
    )
)
def test_each_row_is_in_one_entry_and_order_stays(lines: list[str]) -> None:
    rows = rows_of("\n".join(lines)) if lines else []
    entries = split_entries(rows)
    ends = [(entry.start, entry.end) for entry in entries if entry.head or entry.body]
    assert ends == sorted(ends)
    held = [row.start for entry in entries for row in (*entry.head, *entry.body)]
    assert len(held) == len(set(held))
