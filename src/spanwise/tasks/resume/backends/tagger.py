"""A trained tagger and the rules, combined by confidence."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from spanwise.documents import ReadDocument
from spanwise.schema import Example, Prediction
from spanwise.tasks.resume.assembly import assemble
from spanwise.tasks.resume.candidate import Candidate
from spanwise.tasks.resume.combine import combine, without_overlaps
from spanwise.tasks.resume.fields import LABELS
from spanwise.tasks.resume.rows import find_rows
from spanwise.tasks.resume.rules.finding import find_candidates
from spanwise.tasks.resume.sections import find_sections

Predict = Callable[[Iterable[Example]], Iterator[Prediction]]
Confidences = Callable[[Sequence[Prediction]], Sequence[float]]


@dataclass(frozen=True)
class TaggerBackend:
    """Finds fields with a model, and with the rules where they are surer.

    Attributes:
        predict: As `runtime.predictor.Predictor` does.
        confidences: The calibrated confidence of each predicted span, over all predictions; without it the
            model's own probability of the span.
        with_rules: Whether the rules help.
        labels: Those that the model knows.
    """

    predict: Predict
    confidences: Confidences | None = None
    with_rules: bool = True
    labels: tuple[str, ...] = LABELS

    @property
    def name(self) -> str:
        """What it is called in the sidecar."""
        return "tagger+rules" if self.with_rules else "tagger"

    def __call__(self, documents: Sequence[ReadDocument]) -> Iterator[dict[str, Any]]:
        """See `Backend`."""
        examples = (
            Example(id=str(index), text=document.text, target=(), group=str(index))
            for index, document in enumerate(documents)
        )
        predictions = list(self.predict(examples))
        tagged = self._candidates(predictions)
        for document, own in zip(documents, tagged, strict=True):
            rows = find_rows(document)
            sections = find_sections(rows)
            rules = find_candidates(document.text, rows, sections, document.links) if self.with_rules else []
            found = combine(rules, own, self.labels) if self.with_rules else without_overlaps(own)
            yield assemble(document.text, sections, found, document.links)

    def _candidates(self, predictions: Sequence[Prediction]) -> list[list[Candidate]]:
        """What the model found in each document."""
        spans = [span for prediction in predictions for span in prediction.predicted]
        if self.confidences is None:
            sure = iter([span.confidence.span for span in spans])
        else:
            sure = iter([float(value) for value in self.confidences(predictions)])
        return [
            [
                Candidate(
                    start=span.start,
                    end=span.end,
                    label=span.label,
                    confidence=min(1.0, max(0.0, next(sure))),
                    source="tagger",
                )
                for span in prediction.predicted
            ]
            for prediction in predictions
        ]
