"""What is found in documents, written for others: JSON lines, brat standoff, CoNLL columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from spanwise.encoding import WORD, tag_words
from spanwise.schema import Prediction, Record, Share, Span

_LINE_ENDS = dict.fromkeys(map(ord, "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"), " ")


class Entity(Span):
    """A span found in a document, with its text and one confidence."""

    text: str
    confidence: Share


class Entities(Record):
    """The spans found in one document, in the order of its text; `text` is all of that, if asked for."""

    id: str
    text: str | None = None
    entities: tuple[Entity, ...]


def entities(prediction: Prediction, confidence: Sequence[float], *, with_text: bool = False) -> Entities:
    """What users get of a prediction: the spans, each with one number of `confidence`, 0 to 1."""
    return Entities(
        id=prediction.id,
        text=prediction.text if with_text else None,
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


def json_line(document: Entities) -> str:
    """The document as one line of JSON, without its end.

    Its keys: `id`; `text`, if asked for; `entities`, each with `start`, `end`, `label`, `text` and
    `confidence`.
    """
    return document.model_dump_json(exclude_none=True)


def brat_lines(document: Entities) -> Iterator[str]:
    """The document's `.ann` lines: each entity, and its confidence as a note.

    The format: https://brat.nlplab.org/standoff.html. Line ends inside an entity become spaces, as in brat.
    """
    for number, entity in enumerate(document.entities, start=1):
        text = entity.text.translate(_LINE_ENDS)
        label = "_".join(entity.label.split())  # brat ends a type at a space
        yield f"T{number}\t{label} {entity.start} {entity.end}\t{text}"
        yield f"#{number}\tAnnotatorNotes T{number}\tconfidence {entity.confidence:.4f}"


def conll_lines(text: str, document: Entities) -> tuple[list[str], int]:
    """The document's lines, and how many entities they cannot express: those that overlap one before.

    `# id = ...`, then each word of `encoding.WORD` with its tag (IOB2, Tjong Kim Sang & Veenstra 1999),
    parted by a tab, and an empty line. Line ends in the id become spaces, spaces in a label underscores.
    """
    words = list(WORD.finditer(text))
    bounds = np.array([word.span() for word in words], dtype=np.int64).reshape(-1, 2)
    labels = sorted({entity.label for entity in document.entities})
    spans = sorted(document.entities, key=lambda entity: (entity.start, -entity.end))
    tagging = tag_words(bounds, spans, {label: number for number, label in enumerate(labels)})
    names = ["O"]
    for label in labels:
        names += [f"{prefix}-{'_'.join(label.split())}" for prefix in "BI"]
    tagged = (f"{word[0]}\t{names[tag]}" for word, tag in zip(words, tagging.tags, strict=True))
    return [f"# id = {document.id.translate(_LINE_ENDS)}", *tagged, ""], tagging.lost
