"""What is loaded, and what is made of it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from spanwise.schema import Record, SplitName

Filled = Annotated[str, Field(min_length=1)]
Domain = Literal["prose", "code", "mixed", "structured"]


class Passage(Record):
    """A text that can be shortened.

    `id` names the file and the line it starts in, `group` the file: passages of one file must not stand on
    two sides of a split.
    """

    id: Filled
    domain: Domain
    kind: Filled
    text: Filled
    group: Filled
    language: Filled | None = None


class Pair(Record):
    """A text and a shortened form of it, as `readers.pairs` reads them; `nl` is prose in older files.

    `teacher` says who shortened it.
    """

    id: Filled
    domain: Literal["nl", "prose", "code", "mixed", "structured"]
    kind: Filled
    original: Filled
    compressed: str
    facts: tuple[Filled, ...] = ()
    tests: tuple[Filled, ...] = ()
    language: Filled | None = None
    teacher: Filled | None = None
    group: Filled | None = None
    split: SplitName | None = None
