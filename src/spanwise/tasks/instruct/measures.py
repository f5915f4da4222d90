"""What can be told of one answer beside its reference."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from spanwise.metrics.language import identify
from spanwise.schema import Answer, Prediction
from spanwise.tasks.instruct.coverage import coverage
from spanwise.tasks.instruct.forms import adherence, agreement
from spanwise.tasks.instruct.overlap import chrf, rouge_l
from spanwise.tasks.instruct.repetition import distinct, repeated
from spanwise.tasks.instruct.words import words


@dataclass(frozen=True)
class Measures:
    """One answer; None where a measure does not apply."""

    coverage: float | None
    """The share of `must_include` that it mentions."""
    rouge_l: float
    """F-measure of ROUGE-L."""
    chrf: float
    """chrF2, 0 to 1."""
    form: float | None
    """How far it has the form of its category."""
    told: str | None
    """The language that it is told to be in."""
    faithful: bool | None
    """Whether that is the language of the question."""
    length_ratio: float
    """Its words over those of the reference."""
    repeated: float
    """The share of its 4-grams that came before."""
    distinct: float | None
    """Different bigrams over all of them."""
    agreement: float | None
    """Choices in common with the right ones over those in either."""
    finished: bool
    """Whether the model ended by itself."""


def take(prediction: Prediction) -> tuple[Answer, str, dict[str, Any]]:
    """The answer, the reference and the attributes of a prediction.

    Raises:
        ValueError: If it is one of spans.
    """
    if prediction.answer is None or prediction.reference is None:
        raise ValueError(f"{prediction.id}: no answer beside a reference")
    return prediction.answer, prediction.reference, prediction.attributes or {}


def told_language(prediction: Prediction) -> str | None:
    """The language that an answer is told to be in; None of multiple choice: lists of terms look like Latin.

    Raises:
        UserError: If py3langid is not installed.
        ValueError: If the prediction is one of spans.
    """
    answer, _, known = take(prediction)
    return None if known.get("correct") else identify(answer.text)


def measure(prediction: Prediction) -> Measures:
    """Measure one answer.

    Raises:
        UserError: If one of the libraries of the extra `instruct` is not installed.
        ValueError: If the prediction is one of spans.
    """
    answer, reference, known = take(prediction)
    language, text = known.get("language"), answer.text
    correct = frozenset(known.get("correct", ()))
    told = told_language(prediction)
    return Measures(
        coverage=coverage(known.get("must_include", ()), text, language),
        rouge_l=rouge_l(text, reference).f1,
        chrf=chrf(text, reference),
        form=adherence(known.get("category", ""), language, text),
        told=told,
        faithful=None if None in (told, language) else told == language,
        length_ratio=len(words(text)) / max(len(words(reference)), 1),
        repeated=repeated(text),
        distinct=distinct(text),
        agreement=agreement(text, correct) if correct else None,
        finished=answer.finished,
    )
