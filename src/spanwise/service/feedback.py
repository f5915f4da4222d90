"""`POST /v1/feedback`: what a client says of an answer, for `spanwise feedback`.

A service keeps no text of a request, so who judges an answer sends it again, with what was asked. Unlike
everything else here that is kept: in the store, until someone deletes it. So there is no such endpoint unless
a store is named.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Body
from pydantic import Field, model_validator

from spanwise.errors import UserError
from spanwise.feedback.judging import judge
from spanwise.feedback.records import Feedback, Rating
from spanwise.feedback.store import append
from spanwise.schema import Answer, Confidence, PredictedSpan, Prediction, Record, Span
from spanwise.service.http.problems import ProblemError

Word = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:+-]{0,127}$")]

_UNKNOWN = Confidence(words=(), minimum=0, mean=0, product=0, span=0)  # a store keeps none


class Judged(Record):
    """An answer, and what is said of it.

    An answer is either the spans that were found in the text, or the text that was written; the correction is
    of the same kind.
    """

    request: Annotated[Word, Field(description="The id of the request that was answered, `X-Request-ID`.")]
    model: Annotated[Word, Field(description="As the answer names it.")]
    version: Annotated[Word, Field(description="As the answer names it.")]
    text: Annotated[str, Field(min_length=1, description="What was sent. It is kept.")]
    spans: Annotated[tuple[Span, ...] | None, Field(description="What was found, e.g. by `/v1/extract`.")] = (
        None
    )
    answer: Annotated[str | None, Field(description="What was written, e.g. by `/v1/generate`.")] = None
    rating: Annotated[Rating | None, Field(description="From 1, useless, to 5, as it should be.")] = None
    correction: Annotated[
        tuple[Span, ...] | str | None, Field(description="What would have been right. It is kept.")
    ] = None
    language: Annotated[
        str | None,
        Field(pattern="^[a-z]{2,3}$", description="Of a written answer, ISO 639; to learn from it."),
    ] = None
    category: Annotated[
        str | None,
        Field(pattern="^[a-z][a-z0-9_-]{0,63}$", description="Of a written answer; to learn from it."),
    ] = None

    @model_validator(mode="after")
    def _one_answer(self) -> Judged:
        if (self.spans is None) == (self.answer is None):
            raise ValueError("give either spans or answer")
        if any(span.end > len(self.text) for span in self.spans or ()):
            raise ValueError("a span ends behind the text")
        return self


class Received(Record):
    """The id under which `spanwise feedback list` shows it."""

    id: str


def router(store: Path) -> APIRouter:
    """The endpoint.

    Args:
        store: Where feedback is kept; several processes may share it.
    """
    routes = APIRouter()

    # Not async: it waits for the disk, and for other processes.
    @routes.post("/v1/feedback", status_code=201, name="feedback", summary="Rate or correct an answer")
    def feedback(judged: Annotated[Judged, Body()]) -> Received:
        found = take(judged, now=datetime.now(UTC))
        try:
            append(store, found)
        except (UserError, OSError):
            raise ProblemError("not-ready", "the store of feedback cannot be written") from None
        return Received(id=found.id)

    return routes


def take(judged: Judged, *, now: datetime) -> Feedback:
    """The entry that a judgement makes.

    Raises:
        ProblemError: If there is neither rating nor correction, or the latter could not be learnt.
    """
    try:
        return judge(
            _prediction(judged),
            model=f"{judged.model}@{judged.version}",
            rating=judged.rating,
            correction=judged.correction,
            now=now,
        )
    except UserError as error:
        raise ProblemError("invalid-request", error.reason) from None


def _prediction(judged: Judged) -> Prediction:
    """What was answered, as the stages write it."""
    known: dict[str, Any] = {"language": judged.language, "category": judged.category}
    found = judged.spans or ()
    written = judged.answer
    return Prediction(
        id=f"request-{judged.request}",
        text=judged.text,
        # The same text again must stand on the same side of a split.
        group=f"served-{hashlib.sha256(judged.text.encode()).hexdigest()[:16]}",
        predicted=tuple(
            PredictedSpan(start=each.start, end=each.end, label=each.label, tier="", confidence=_UNKNOWN)
            for each in found
        ),
        answer=None
        if written is None
        else Answer(text=written, tokens=0, finished=True, minimum=0, likelihood=0),
        attributes={name: value for name, value in known.items() if value} or None,
    )
