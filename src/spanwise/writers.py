"""What is found in documents, written for others: JSON lines and brat standoff."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from spanwise.schema import Prediction, Record, Share, Span

_LINE_ENDS = dict.fromkeys(map(ord, "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"), " ")


class Entity(Span):
    """A span found in a document, with its text and one confidence."""

    text: str
    confidence: Share


class Entities(Record):
    """The spans found in one document, in the order of its text."""

    id: str
    entities: tuple[Entity, ...]


def entities(prediction: Prediction, confidence: Sequence[float]) -> Entities:
    """What users get of a prediction: the spans, each with one number of `confidence`, 0 to 1."""
    return Entities(
        id=prediction.id,
        entities=tuple(
            Entity(
                start=span.start,
                end=span.end,
                label=span.label,
                text=prediction.text[span.start : span.end],
                confidence=round(float(sure), 4),
            )
            for span, sure in zip(prediction.predicted, confidence, strict=True)
        ),
    )


def brat_lines(document: Entities) -> Iterator[str]:
    """The document's `.ann` lines: each entity, and its confidence as a note.

    The format: https://brat.nlplab.org/standoff.html. Line ends inside an entity become spaces, as in brat.
    """
    for number, entity in enumerate(document.entities, start=1):
        text = entity.text.translate(_LINE_ENDS)
        label = "_".join(entity.label.split())  # brat ends a type at a space
        yield f"T{number}\t{label} {entity.start} {entity.end}\t{text}"
        yield f"#{number}\tAnnotatorNotes T{number}\tconfidence {entity.confidence:.4f}"
