"""How far a run has come, on a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple


class Bar(NamedTuple):
    """What tells the bar: how many items an earlier run has done, and how many more are done."""

    begun: Callable[[int], None]
    advance: Callable[[int], None]


def wanted(*, quiet: bool) -> bool:
    """Whether someone is watching: standard error is a terminal, and silence was not asked for."""
    from rich.console import Console

    return not quiet and Console(stderr=True).is_terminal


@contextmanager
def shown(total: int | None, *, visible: bool) -> Iterator[Bar]:
    """A bar of documents, their rate and, where the total is known, the time left.

    Args:
        total: Documents.
        visible: Whether to show it.
    """
    from rich import progress
    from rich.console import Console

    columns = (
        progress.TextColumn("{task.completed:,.0f} documents"),
        progress.BarColumn(),
        progress.TaskProgressColumn(),
        progress.TextColumn("{task.fields[rate]}"),
        progress.TimeElapsedColumn(),
        progress.TimeRemainingColumn(),
    )
    console = Console(stderr=True)
    with progress.Progress(*columns, console=console, disable=not visible, speed_estimate_period=60) as bar:
        task = bar.add_task("", total=total, rate="")

        def begun(items: int) -> None:
            bar.reset(task, completed=items)  # its time tells nothing of this run's rate

        def advance(items: int) -> None:
            speed = bar.tasks[0].speed
            rate = "" if speed is None else f"{speed:,.1f}/s"
            bar.update(task, advance=items, rate=rate)

        yield Bar(begun, advance)
