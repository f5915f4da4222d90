"""What a gate says of an output."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Side = Literal["source", "output"]


@dataclass(frozen=True)
class Failure:
    """One reason for which an output is not equivalent.

    Attributes:
        gate: The gate's name.
        kind: What is wrong, in one or two words, the same for all texts: what is counted.
        side: The text that the characters are of: what is lost stands in the source, what is new in the
            output.
        start: First character.
        end: Behind the last one.
    """

    gate: str
    kind: str
    side: Side
    start: int
    end: int

    def told(self, source: str, output: str) -> str:
        """The reason with the characters that it is about; these are text of the user."""
        text = source if self.side == "source" else output
        return f"{self.gate}: {self.kind}: {text[self.start : self.end]!r}"
