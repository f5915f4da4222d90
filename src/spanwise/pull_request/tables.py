"""Markdown tables that fit: long ones are folded, and what is too long is cut and counted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from spanwise.pull_request.measures import ABSENT, Difference, Output
from spanwise.reporting.formatting import DASH, amount, code, counted
from spanwise.reporting.formatting import value as written

OPEN_ROWS = 12
"""A table of more rows is folded."""
LONGEST = 60
"""Characters of a cell; longer ones end in an ellipsis."""
NOTE = 200
"""Characters that are kept free for each table, to say at least that it was cut."""


@dataclass(frozen=True)
class Table:
    """A table of any length.

    Attributes:
        title: What it holds.
        header: Its columns.
        rows: Their cells, which are Markdown.
        command: What shows all of it.
    """

    title: str
    header: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    command: str


def fitted(tables: Sequence[Table], room: int) -> list[str]:
    """The tables as Markdown, in their order, of `room` characters together at most.

    Each takes what it needs as long as there is room; of the others, rows are left out and counted.
    """
    texts = []
    for number, table in enumerate(tables):
        later = NOTE * (len(tables) - number - 1)
        texts.append(_render(table, room - later))
        room -= len(texts[-1]) + 2  # the blank line between
    return texts


def _render(table: Table, room: int) -> str:
    rows = [_row(row) for row in table.rows]
    head, tail = _frame(table, folded=len(rows) > OPEN_ROWS)
    left = room - len(head) - len(tail) - NOTE
    kept = list(_within(rows, left))
    lost = len(rows) - len(kept)
    if not kept:
        return f"**{table.title}**: {counted(lost, 'row')} left out, `{table.command}` shows them."
    note = f"\n{counted(lost, 'more row')} left out for want of room: `{table.command}` shows all.\n"
    return "".join([head, *kept, note if lost else "", tail])


def _frame(table: Table, *, folded: bool) -> tuple[str, str]:
    columns = _row(table.header) + _row(["---"] * len(table.header))
    if not folded:
        return f"**{table.title}**\n\n{columns}", ""
    rows = counted(len(table.rows), "row")
    return f"<details><summary>{table.title} ({rows})</summary>\n\n{columns}", "\n</details>"


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |\n"


def _within(rows: Iterable[str], room: int) -> Iterator[str]:
    for row in rows:
        room -= len(row)
        if room < 0:
            return
        yield row


def difference_table(title: str, differences: Sequence[Difference], command: str) -> Table:
    """Values of two revisions, one a row."""
    rows = [
        (code(each.key or title), cell(each.before), cell(each.after), _signed(each)) for each in differences
    ]
    return Table(title, ("key", "base", "change", "difference"), rows, command)


def output_table(pairs: dict[str, tuple[Output | None, Output | None]], command: str) -> Table:
    """What DVC keeps and is another, one a row."""
    rows = [(code(path), _output(before), _output(after)) for path, (before, after) in pairs.items()]
    return Table("Data and models", ("path", "base", "change"), rows, command)


def file_table(files: Sequence[str], command: str) -> Table:
    """Paths that git has otherwise, one a row."""
    return Table("Files", ("path",), [(code(file),) for file in files], command)


def cell(item: Any) -> str:
    """A value of a metrics or settings file; of a list, how long it is."""
    if item is ABSENT:
        return "*none*"
    if isinstance(item, str):
        return code(item if len(item) <= LONGEST else f"{item[: LONGEST - 1]}…")
    return _list(item) if isinstance(item, list) else written(item)


def _list(items: Sequence[Any]) -> str:
    plain = all(isinstance(item, str | int | float) for item in items)
    text = ", ".join(map(str, items))
    return code(text or "[]") if plain and len(text) <= LONGEST else counted(len(items), "value")


def _signed(difference: Difference) -> str:
    sides = difference.before, difference.after
    if any(isinstance(side, bool) or not isinstance(side, int | float) for side in sides):
        return ""
    change = difference.after - difference.before
    return f"{'+' if change > 0 else '-'}{amount(abs(change))}"


def _output(output: Output | None) -> str:
    if output is None:
        return "*none*"
    digest = code(output.digest[:7]) if output.digest else DASH
    size = f"{amount((output.size or 0) / 1e6)} MB"
    return f"{digest}, {counted(output.files, 'file')}, {size}" if output.files else f"{digest}, {size}"
