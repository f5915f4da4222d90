"""A text and its shorter form by an author, as one line of a file."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict


class Pair(BaseModel):
    """One pair of a corpus.

    Attributes:
        id: Unique in its file.
        domain: Prose or Python.
        kind: What sort of text it is.
        original: The source.
        compressed: The author's.
        facts: What a reader of either knows; of prose.
        tests: Statements that raise where the code is wrong; of code.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    domain: Literal["nl", "code"]
    kind: str
    original: str
    compressed: str
    facts: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()
