"""Where a prediction and the gold standard contradict each other, one entry for each thing to look at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from spanwise.label_noise.documents import Document
from spanwise.schema import GoldSpan, PredictedSpan, Span

Kind = Literal["type", "boundary", "boundary_and_type", "missing", "doubtful"]
KINDS: dict[Kind, str] = {
    "type": "the model reads another type at the same bounds",
    "boundary": "the model reads the same type at other bounds",
    "boundary_and_type": "the model reads another type at other, overlapping bounds",
    "missing": "the model reads an entity where none is annotated",
    "doubtful": "the model reads nothing where an entity is annotated",
}

INEXPRESSIBLE = "annotations that the model cannot express"
COVERED = "annotations that overlap one which the model found"
BESIDE = "predictions that overlap an annotation which is not judged"
SECOND = "further predictions that overlap a listed annotation"


@dataclass(frozen=True)
class Reading:
    """A predicted span and the model's confidence in it, calibrated where the run is."""

    span: PredictedSpan
    confidence: float


@dataclass(frozen=True)
class Disagreement:
    """A gold span that was not found, a predicted one that contradicts it, or both.

    Attributes:
        document: Where it is.
        kind: What is wrong if the model is right.
        gold: None where an annotation may be missing.
        predicted: None where the model reads nothing.
    """

    document: Document
    kind: Kind
    gold: GoldSpan | None
    predicted: Reading | None


@dataclass(frozen=True)
class Disagreements:
    """All of them, document by document, and how many spans have no entry of their own, by reason."""

    found: tuple[Disagreement, ...]
    unlisted: dict[str, int]


def find_disagreements(documents: Sequence[Document]) -> Disagreements:
    """Compare gold and predicted spans.

    Each gold span that was not found is listed once, with the predicted span that contradicts it most
    directly: at the same bounds, else of the same type, else the one the model is surest of. Predicted spans
    that overlap no such gold span are listed alone.
    """
    found: list[Disagreement] = []
    unlisted: Counter[str] = Counter()
    for document in documents:
        found += _of_document(document, unlisted)
    return Disagreements(tuple(found), dict(sorted(unlisted.items())))


def _of_document(document: Document, unlisted: Counter[str]) -> list[Disagreement]:
    gold, predicted = _unmatched(document, unlisted)
    strongest = [_strongest(span, predicted) for span in gold]
    found = [
        Disagreement(document, _kind(span, reading), span, reading)
        for span, reading in zip(gold, strongest, strict=True)
    ]
    for reading in predicted:
        if not any(_overlap(reading.span, span) for span in gold):
            found.append(Disagreement(document, "missing", None, reading))
        elif reading not in strongest:
            unlisted[SECOND] += 1
    return found


def _unmatched(document: Document, unlisted: Counter[str]) -> tuple[list[GoldSpan], list[Reading]]:
    """The spans without their equal on the other side of which the model can be a judge."""
    prediction = document.prediction
    wanted = {_key(span) for span in prediction.gold}
    right = [span for span in prediction.predicted if _key(span) in wanted]
    agreed = {_key(span) for span in right}
    gold, silent = [], []
    for span in prediction.gold:
        if _key(span) in agreed:
            continue
        reason = _unjudgeable(span, right)
        if reason is None:
            gold.append(span)
        else:
            silent.append(span)
            unlisted[reason] += 1
    predicted = []
    for found, sure in zip(prediction.predicted, document.confidence, strict=True):
        if _key(found) in wanted:
            continue
        if any(_overlap(found, span) for span in silent):
            unlisted[BESIDE] += 1
        else:
            predicted.append(Reading(found, sure))
    return gold, predicted


def _unjudgeable(span: GoldSpan, right: Sequence[Span]) -> str | None:
    """Why the model's not finding a gold span says nothing of it, if so."""
    if span.probability is None:
        return INEXPRESSIBLE
    # Most heads find one of two spans that overlap, whatever they think of the other.
    return COVERED if any(_overlap(span, other) for other in right) else None


def _strongest(gold: GoldSpan, predicted: Sequence[Reading]) -> Reading | None:
    overlapping = [reading for reading in predicted if _overlap(reading.span, gold)]
    return max(
        overlapping,
        key=lambda reading: (
            _bounds(reading.span) == _bounds(gold),
            reading.span.label == gold.label,
            reading.confidence,
            -reading.span.start,
        ),
        default=None,
    )


def _kind(gold: GoldSpan, reading: Reading | None) -> Kind:
    if reading is None:
        return "doubtful"
    if _bounds(reading.span) == _bounds(gold):
        return "type"
    return "boundary" if reading.span.label == gold.label else "boundary_and_type"


def _overlap(first: Span, second: Span) -> bool:
    return first.start < second.end and second.start < first.end


def _bounds(span: Span) -> tuple[int, int]:
    return span.start, span.end


def _key(span: Span) -> tuple[int, int, str]:
    return span.start, span.end, span.label
