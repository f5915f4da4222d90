"""Questions with references and answers side by side, the terms that may not lack marked in both."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from spanwise.calibration import Calibration, apply
from spanwise.reporting.answers.sources import Answered, Loss, Term
from spanwise.schema import Answer


@dataclass(frozen=True)
class Piece:
    """A stretch of text, and the terms that it stands for; empty where it is none."""

    text: str
    terms: tuple[str, ...] = ()


@dataclass(frozen=True)
class Shown:
    """One example as it is shown; `confidence` is calibrated."""

    id: str
    stratum: str
    question: str
    system: str | None
    reference: tuple[Piece, ...]
    answer: tuple[Piece, ...]
    written: Answer
    terms: tuple[Term, ...]
    failures: tuple[str, ...]
    acceptable: bool
    confidence: float | None
    chrf: float | None
    loss: Loss | None


def choose(answered: Sequence[Answered], number: int) -> list[Answered]:
    """`number` answers at even distances in the order of strata and ids: not by how well they went."""
    if len(answered) <= number:
        return list(answered)
    return [answered[index * (len(answered) - 1) // max(number - 1, 1)] for index in range(number)]


def show(answered: Sequence[Answered], calibration: Calibration) -> list[Shown]:
    """The examples as they are shown, in the order given."""
    return [_show(each, calibration) for each in answered]


def _show(each: Answered, calibration: Calibration) -> Shown:
    prediction, judged = each.prediction, each.judged
    known: dict[str, Any] = prediction.attributes or {}
    answer, reference = prediction.answer, prediction.reference
    assert answer is not None
    assert reference is not None
    sure = apply(calibration, [prediction]).tolist() if prediction.predicted else []
    return Shown(
        id=prediction.id,
        stratum=each.stratum,
        question=prediction.text,
        system=known.get("system"),
        reference=cut(reference, [(each.reference, each.term) for each in judged.terms]),
        answer=cut(answer.text, [(each.answer, each.term) for each in judged.terms]),
        written=answer,
        terms=tuple(judged.terms),
        failures=tuple(judged.failures),
        acceptable=each.acceptable,
        confidence=sure[0] if sure else None,
        chrf=judged.measures.get("chrf"),
        loss=each.loss,
    )


def cut(text: str, places: Iterable[tuple[tuple[int, int] | None, str]]) -> tuple[Piece, ...]:
    """A text cut at the places of terms; places that overlap are one, and those behind its end none."""
    merged: list[tuple[int, int, list[str]]] = []
    for start, end, term in sorted((*place, term) for place, term in places if place is not None):
        if end > len(text):
            continue
        if merged and start < merged[-1][1]:
            first, behind, terms = merged[-1]
            merged[-1] = (first, max(behind, end), [*terms, term])
        else:
            merged.append((start, end, [term]))
    pieces, done = [], 0
    for start, end, terms in merged:
        pieces += [Piece(text[done:start]), Piece(text[start:end], tuple(terms))]
        done = end
    return tuple(piece for piece in (*pieces, Piece(text[done:])) if piece.text)
