"""Which punctuation stays when words go, so that what is left still reads as sentences."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from spanwise.tasks.compression.units import Unit

Keep = list[bool]


def settle(text: str, units: Sequence[Unit], keep: Sequence[bool]) -> Keep:
    """The decision about words, with the punctuation that follows from it.

    Brackets stay where something in them does, bullets where something of their item does, the end of a
    sentence where something of it does; commas and the like do not follow other punctuation. Words that would
    grow together with others, as nothing but dropped punctuation is between them, keep what is between them.

    Args:
        text: The prompt.
        units: All of one segment.
        keep: What was decided of each; protected ones are kept whatever is said, `[units]`.
    """
    settled = [unit.fixed or kept for unit, kept in zip(units, keep, strict=True)]
    _brackets(units, settled)
    _bullets(text, units, settled)
    _ends(text, units, settled)
    _separators(units, settled)
    _joints(text, units, settled)
    return settled


def _brackets(units: Sequence[Unit], keep: Keep) -> None:
    """Pairs stay or go together."""
    kept_before = [0]
    for unit, kept in zip(units, keep, strict=True):
        kept_before.append(kept_before[-1] + (kept and unit.role in ("word", "bullet")))
    opened: list[int] = []
    for place, unit in enumerate(units):
        if unit.role == "opening":
            opened.append(place)
        elif unit.role == "closing" and opened:
            first = opened.pop()
            holds = kept_before[place] > kept_before[first]
            keep[first] = units[first].fixed or holds
            keep[place] = unit.fixed or holds


def _bullets(text: str, units: Sequence[Unit], keep: Keep) -> None:
    following = False
    for place in range(len(units) - 1, -1, -1):
        unit = units[place]
        if unit.role == "bullet":
            keep[place] = unit.fixed or following
        elif unit.role == "word" and keep[place]:
            following = True
        if "\n" in text[units[place - 1].end if place else 0 : unit.start]:
            following = False


def _ends(text: str, units: Sequence[Unit], keep: Keep) -> None:
    """The sign at the end of a sentence; an empty line and a new item begin another one."""
    said, end = False, 0
    for place, unit in enumerate(units):
        if text[end : unit.start].count("\n") > 1 or unit.role == "bullet":
            said = False
        end = unit.end
        if unit.role == "end":
            keep[place] = unit.fixed or said or _inside(text, unit)
            said = said and place + 1 < len(units) and units[place + 1].start == unit.end
        else:
            said = said or (keep[place] and unit.role == "word")


def _inside(text: str, unit: Unit) -> bool:
    """Whether letters stand on both sides, as in a name of a file: no sentence ends there."""
    return text[unit.start - 1 : unit.start].isalnum() and text[unit.end : unit.end + 1].isalnum()


def _separators(units: Sequence[Unit], keep: Keep) -> None:
    last: int | None = None
    for place, unit in enumerate(units):
        if not keep[place]:
            continue
        role = None if last is None else units[last].role
        if unit.role == "separator" and not unit.fixed and role not in ("word", "closing"):
            keep[place] = False
            continue
        if unit.role in ("end", "closing") and last is not None and role == "separator":
            keep[last] = units[last].fixed
        last = place


def _joints(text: str, units: Sequence[Unit], keep: Keep) -> None:
    last: int | None = None
    for place in range(len(units)):
        if not keep[place]:
            continue
        if last is not None and place > last + 1 and _grown(text, units[last : place + 1]):
            keep[last + 1 : place] = [True] * (place - last - 1)
        last = place


def _grown(text: str, units: Sequence[Unit]) -> bool:
    """Whether the first and the last would be one word without those between."""
    if any(left.end < right.start for left, right in pairwise(units)):
        return False
    left, right = text[units[0].end - 1], text[units[-1].start]
    return not (left.isspace() or right.isspace()) and (left.isalnum() or left == "_") and right.isalnum()


def rendered(text: str, start: int, end: int, units: Sequence[Unit], keep: Keep) -> list[tuple[int, int]]:
    """What stays of `text[start:end]`, as intervals of its characters in order.

    Of the white space around what was dropped one piece stays, that with most line breaks.
    """
    found: list[tuple[int, int]] = []
    last = -1
    for place, stays in enumerate(keep):
        if not stays:
            continue
        if place == last + 1:
            found.append((units[last].end if place else start, units[place].start))
        elif last >= 0:
            found.append(_gap(text, units, last, place))
        elif text.count("\n", start, units[0].start):  # what parts it from code above
            found.append((start, units[0].start))
        found.append((units[place].start, units[place].end))
        last = place
    if last + 1 == len(units):
        found.append((units[last].end if units else start, end))
    else:
        edges = [units[last].end if last >= 0 else start, *(unit.end for unit in units[last + 1 :])]
        gaps = list(zip(edges, [*(unit.start for unit in units[last + 1 :]), end], strict=True))
        best = _most_lines(text, gaps)
        found.append(best if text.count("\n", *best) else (end, end))
    return [interval for interval in found if interval[0] < interval[1]]


def _gap(text: str, units: Sequence[Unit], last: int, place: int) -> tuple[int, int]:
    """The white space that stays between two kept units with others between them."""
    before = (units[place - 1].end, units[place].start)
    after = (units[last].end, units[last + 1].start)
    if before[0] == before[1] and units[place].role in ("end", "separator", "closing"):
        return before
    if after[0] == after[1] and units[last].role == "opening":
        return after
    gaps = [(left.end, right.start) for left, right in pairwise(units[last : place + 1])]
    if "\n" in text[after[0] : before[1]]:
        return _most_lines(text, gaps)
    return next((gap for gap in gaps if gap[0] < gap[1]), after)


def _most_lines(text: str, gaps: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """The gap with most line breaks, the first of them."""
    return max(gaps, key=lambda gap: (text.count("\n", *gap), gap[0] < gap[1]))
