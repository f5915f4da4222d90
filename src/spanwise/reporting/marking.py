"""Documents with their entities marked: right, wrong or missed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from spanwise.calibration import Calibration, apply
from spanwise.schema import Prediction, Span

Outcome = Literal["right", "wrong", "missed"]


@dataclass(frozen=True)
class Mark:
    """A span as it is shown, with its calibrated confidence if it was found."""

    start: int
    end: int
    label: str
    outcome: Outcome
    confidence: float | None = None


@dataclass(frozen=True)
class Piece:
    """A stretch of text, the marks that cover it, and those of them that end with it."""

    text: str
    marks: tuple[Mark, ...]
    ending: tuple[Mark, ...]
    begun: bool = False
    """Whether one of the marks began in the piece before."""
    goes_on: bool = False
    """Whether one of them goes on in the next one."""

    @property
    def outcomes(self) -> list[Outcome]:
        """What became of the spans here, each outcome once."""
        return sorted({mark.outcome for mark in self.marks})


@dataclass(frozen=True)
class MarkedDocument:
    """A test document cut into pieces."""

    id: str
    marks: tuple[Mark, ...]
    pieces: tuple[Piece, ...]

    def number(self, outcome: Outcome) -> int:
        """How many spans had this outcome."""
        return sum(mark.outcome == outcome for mark in self.marks)


def choose(predictions: Sequence[Prediction], number: int) -> list[Prediction]:
    """`number` documents at even distances in the order of their ids: not by how well they went."""
    ordered = sorted(predictions, key=lambda prediction: prediction.id)
    if len(ordered) <= number:
        return ordered
    return [ordered[index * (len(ordered) - 1) // max(number - 1, 1)] for index in range(number)]


def mark(prediction: Prediction, calibration: Calibration) -> MarkedDocument:
    """Cut a document at every edge of a gold or predicted span, so that these may overlap."""
    marks = marks_of(prediction, calibration)
    return MarkedDocument(prediction.id, marks, cut(prediction.text, marks, 0, len(prediction.text)))


def cut(text: str, marks: Sequence[Mark], first: int, behind: int) -> tuple[Piece, ...]:
    """`text[first:behind]` at every edge of a mark; all marks lie inside."""
    edges = sorted({first, behind, *(edge for each in marks for edge in (each.start, each.end))})
    return tuple(
        Piece(
            text=text[start:end],
            marks=tuple(each for each in marks if each.start <= start and end <= each.end),
            # The innermost first, as brackets close.
            ending=tuple(sorted((each for each in marks if each.end == end), key=lambda each: -each.start)),
            begun=any(each.start < start < each.end for each in marks),
            goes_on=any(each.start < end < each.end for each in marks),
        )
        for start, end in pairwise(edges)
    )


def marks_of(prediction: Prediction, calibration: Calibration) -> tuple[Mark, ...]:
    """A predicted span is right if the gold standard has its type and both boundaries."""
    gold = {_key(span) for span in prediction.gold}
    found = {_key(span) for span in prediction.predicted}
    confidence = apply(calibration, [prediction])
    marks = [
        Mark(*_key(span), "right" if _key(span) in gold else "wrong", float(sure))
        for span, sure in zip(prediction.predicted, confidence, strict=True)
    ]
    marks += [Mark(*_key(span), "missed") for span in prediction.gold if _key(span) not in found]
    return tuple(sorted(marks, key=lambda each: (each.start, each.end, each.label, each.outcome)))


def _key(span: Span) -> tuple[int, int, str]:
    return span.start, span.end, span.label
