"""Predictions of dropped words."""

from __future__ import annotations

from typing import Any

from spanwise.schema import Confidence, GoldSpan, PredictedSpan, Prediction


def predict(text: str, gold: list[str], found: list[str], *, id: str = "a", **attributes: Any) -> Prediction:
    """A document in which these pieces were dropped by people, and these by a tagger."""

    def place(piece: str) -> dict[str, Any]:
        start = text.index(piece)
        return {"start": start, "end": start + len(piece), "label": "DROP", "tier": "all"}

    def sure(words: int) -> Confidence:
        return Confidence(words=(0.9,) * words, minimum=0.9, mean=0.9, product=0.9**words, span=0.9)

    return Prediction(
        id=id,
        text=text,
        group=id,
        gold=tuple(GoldSpan(**place(piece)) for piece in gold),
        predicted=tuple(
            PredictedSpan(**place(piece), confidence=sure(len(piece.split()))) for piece in found
        ),
        attributes=attributes or None,
    )
