"""Figures as people read them. An undefined figure is an en dash, never `None`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

DASH = "\N{EN DASH}"


def score(value: float | None) -> str:
    """A score between 0 and 1 with three decimals: `0.712`."""
    return DASH if value is None else f"{value:.3f}"


def interval(low: float | None, high: float | None) -> str:
    """Both ends of an interval of scores, with an en dash between them."""
    return DASH if low is None or high is None else f"{score(low)}{DASH}{score(high)}"


def percent(value: float | None) -> str:
    """A share between 0 and 1 in percent, with at most one decimal: `43.1%`, `95%`."""
    return DASH if value is None else f"{100 * value:.1f}".removesuffix(".0") + "%"


def percents(low: float | None, high: float | None) -> str:
    """Both ends of an interval of shares in percent, with an en dash between them."""
    return DASH if low is None or high is None else f"{percent(low)}{DASH}{percent(high)}"


def bounds(low: float | None, high: float | None) -> str:
    """An interval of shares in brackets, if there is one."""
    return "" if low is None or high is None else f" (interval {percent(low)} to {percent(high)})"


def points(value: float | None) -> str:
    """A difference of two scores in points, hundredths of a score: `1.8 points`, `1 point`."""
    if value is None:
        return DASH
    number = f"{100 * value:.1f}".removesuffix(".0")
    return f"{number} point" if number in {"1", "-1"} else f"{number} points"


def count(value: int | None) -> str:
    """A whole number with thousands marked: `25,189`."""
    return DASH if value is None else f"{value:,}"


def counted(value: int, noun: str) -> str:
    """A whole number and its noun, in the plural unless there is one: `1 document`, `12 entities`."""
    if value == 1:
        return f"1 {noun}"
    plural = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{count(value)} {plural}"


def amount(value: float | None) -> str:
    """A quantity of any size with three significant digits or all whole ones: `31,841`, `12.3`, `0.00016`."""
    if value is None:
        return DASH
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def duration(seconds: float | None) -> str:
    """A time in the unit that suits its size: `42 s`, `3.5 min`, `1.2 h`."""
    if seconds is None:
        return DASH
    for unit, size in (("h", 3600), ("min", 60)):
        if seconds >= size:
            return f"{amount(seconds / size)} {unit}"
    return f"{amount(seconds)} s"


def words(key: str) -> str:
    """A key of a JSON file as words: `edges_inside_words` -> `edges inside words`."""
    return key.replace("_", " ").replace("-", " ")


def listing(items: Sequence[str]) -> str:
    """Items in a sentence: `a, b and c`."""
    return " and ".join(filter(None, [", ".join(items[:-1]), *items[-1:]]))


def shortened(items: Sequence[str], most: int = 10) -> str:
    """The same for any number of items, of which it names `most`: `a, b and 24 others`."""
    more = len(items) - most
    return listing([*items[:most], *([counted(more, "other")] if more > 0 else [])])


def value(item: Any) -> str:
    """Any value of a JSON file, by its type."""
    if isinstance(item, bool):
        return "yes" if item else "no"
    if isinstance(item, int):
        return count(item)
    if isinstance(item, float):
        return amount(item)
    if isinstance(item, list | tuple):
        return ", ".join(map(value, item)) or "none"
    return DASH if item is None else str(item)


def code(text: str) -> str:
    """Text as inline code in a Markdown table, whatever it holds: `` `Sign_symptom` ``."""
    flat = " ".join(text.replace("`", "'").split())
    return f"`{flat}`".replace("|", "\\|")
