"""Entities of documents, each with its place, the chance that it is right, and whether it needs review."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from spanwise.artifact import ONNX
from spanwise.errors import UserError
from spanwise.io import read_json
from spanwise.schema import PredictedSpan, Prediction
from spanwise.service.contract import Answer, Item
from spanwise.service.operations.options import ExtractOptions
from spanwise.service.operations.taggers import Tagger

FIGURES = Path("metrics") / "confidence.json"  # of a package: what the stage `confidence` measured


@dataclass(frozen=True)
class Extract:
    """Finds entities with a tagger.

    Attributes:
        tagger: What finds them.
        threshold: The confidence from which on they need no review, chosen on validation for the package's
            target precision; None where none reaches that.
    """

    tagger: Tagger
    threshold: float | None

    @classmethod
    def load(cls, folder: Path, *, threads: int) -> Extract:
        """The operation of a package.

        Raises:
            UserError: See `Tagger.load`.
        """
        return cls(Tagger.load(folder, threads=threads), read_threshold(folder))

    @property
    def backend(self) -> str:
        """What computes, for `/v1/models`."""
        return self.tagger.backend

    @property
    def concurrent(self) -> bool:
        """Whether several threads may call it at once: a session of ONNX Runtime, yes."""
        return self.backend in ONNX

    def __call__(self, items: Sequence[Item]) -> list[Answer | Exception]:
        """See `contract.Operation`."""
        predictions = self.tagger.predict([item.text for item in items])
        confidences = iter(self.tagger.confidences(predictions))
        return [
            self._answer(item, list(_sure(prediction, confidences)))
            for item, prediction in zip(items, predictions, strict=True)
        ]

    def _answer(self, item: Item, found: Sequence[tuple[PredictedSpan, float]]) -> Answer:
        options = item.options
        assert isinstance(options, ExtractOptions)
        kept = [(span, sure) for span, sure in found if sure >= options.min_confidence]
        value: dict[str, Any] = {
            "characters": len(item.text),
            "threshold": self.threshold,
            "entities": [self._entity(item.text, span, sure) for span, sure in kept],
        }
        if options.with_text:
            value["text"] = item.text
        return Answer(value, tuple(span.label for span, _ in kept), tuple(sure for _, sure in kept))

    def _entity(self, text: str, span: PredictedSpan, sure: float) -> dict[str, Any]:
        return {
            "start": span.start,
            "end": span.end,
            "label": span.label,
            "text": text[span.start : span.end],
            "tier": span.tier,
            "confidence": sure,
            "auto_accept": None if self.threshold is None else sure >= self.threshold,
        }


def read_threshold(folder: Path) -> float | None:
    """The confidence from which on a package's entities need no review: `test.automation.threshold`.

    It was chosen on calibrated confidence, which means the same for each backend.

    Raises:
        UserError: If the figures are there and damaged.
    """
    path = folder / FIGURES
    if not path.is_file():
        return None
    try:
        found = read_json(path)["test"]["automation"]["threshold"]
    except (KeyError, TypeError):
        raise UserError("holds no test.automation.threshold", path=path) from None
    return None if found is None else float(found)


def _sure(prediction: Prediction, confidences: Iterator[float]) -> Iterator[tuple[PredictedSpan, float]]:
    """The spans of a document with their confidence, as `writers` rounds it."""
    for span in prediction.predicted:
        yield span, round(next(confidences), 4)
