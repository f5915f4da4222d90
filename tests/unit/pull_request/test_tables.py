from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spanwise.pull_request.measures import ABSENT, Difference, Output
from spanwise.pull_request.tables import (
    NOTE,
    OPEN_ROWS,
    Table,
    cell,
    difference_table,
    file_table,
    fitted,
    output_table,
)
from spanwise.reporting.formatting import DASH


def table(rows: int) -> Table:
    return Table(
        "Rows", ("key", "value"), [(f"`{number}`", "1") for number in range(rows)], "dvc metrics diff"
    )


def test_a_short_table_is_open_and_a_long_one_folded() -> None:
    [short, long] = fitted([table(OPEN_ROWS), table(OPEN_ROWS + 1)], 10_000)
    assert short.startswith("**Rows**\n\n| key | value |\n| --- | --- |\n| `0` | 1 |\n")
    assert long.startswith("<details><summary>Rows (13 rows)</summary>\n\n| key | value |")
    assert long.endswith("| `12` | 1 |\n\n</details>")


def test_rows_without_room_are_counted_and_the_command_is_told() -> None:
    [text] = fitted([table(1000)], 1000)
    kept = text.count("| 1 |")
    assert f"{1000 - kept} more rows left out for want of room: `dvc metrics diff` shows all." in text
    assert 0 < kept < 1000
    [nothing] = fitted([table(3)], 10)
    assert nothing == "**Rows**: 3 rows left out, `dvc metrics diff` shows them."


@given(sizes=st.lists(st.integers(1, 300), min_size=1, max_size=6), room=st.integers(0, 20_000))
def test_tables_never_need_more_than_the_room_and_their_notes(sizes: list[int], room: int) -> None:
    texts = fitted([table(size) for size in sizes], room)
    assert len("\n\n".join(texts)) <= max(room, NOTE * len(sizes))


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        (ABSENT, "*none*"),
        (None, DASH),
        (0.123456, "0.123"),
        (True, "yes"),
        ("a|b`@user", "`a\\|b'@user`"),
        ("x" * 61, f"`{'x' * 59}…`"),
        ([], "`[]`"),
        (["a", "b"], "`a, b`"),
        ([{"threshold": 0.5}] * 20, "20 values"),
        ([0.123456] * 20, "20 values"),
    ],
)
def test_values_are_written_short(item: Any, expected: str) -> None:
    assert cell(item) == expected


def test_differences_have_a_sign_where_both_are_numbers() -> None:
    pairs = [(1, 3), (0.5, 0.25), (ABSENT, 1), ("a", "b"), (True, False), (None, 1.0)]
    found = difference_table("T", [Difference("k", *pair) for pair in pairs], "c")
    assert [row[-1] for row in found.rows] == ["+2", "-0.25", "", "", "", ""]


def test_outputs_are_told_by_digest_and_size() -> None:
    found = output_table({"models": (None, Output("0123456789", 7, 91_200_000))}, "dvc diff")
    assert list(found.rows) == [("`models`", "*none*", "`0123456`, 7 files, 91.2 MB")]
    found = output_table({"one.json": (Output(None, None, 500), None)}, "dvc diff")
    assert list(found.rows) == [("`one.json`", f"{DASH}, 0.0005 MB", "*none*")]


def test_files_are_told_as_code() -> None:
    assert list(file_table(["a.py"], "git diff").rows) == [("`a.py`",)]
