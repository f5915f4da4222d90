"""The entries of a store: feedback, and reviews of it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import Field, RootModel

from spanwise.schema import Record, Span

Filled = Annotated[str, Field(min_length=1)]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Rating = Annotated[int, Field(ge=1, le=5)]
Verdict = Literal["accepted", "rejected"]


class Feedback(Record):
    """What a user says of one prediction.

    `id` is a digest of all else; `model` says which model predicted (a digest of its files, or a revision),
    and `prompt` is the digest of what it was given. The correction is a text where the answer was one, else
    the right spans.
    """

    kind: Literal["feedback"] = "feedback"
    id: str = ""
    time: datetime
    model: Filled
    prompt: Digest
    document: Filled
    group: Filled
    text: str
    answer: str | None = None
    spans: tuple[Span, ...] = ()
    attributes: dict[str, Any] = Field(default_factory=dict)
    rating: Rating | None = None
    correction: str | tuple[Span, ...] | None = None


class Review(Record):
    """A reviewer's verdict on the feedback `feedback`; the last one counts."""

    kind: Literal["review"] = "review"
    time: datetime
    feedback: Filled
    verdict: Verdict
    reviewer: Filled


class Entry(RootModel[Annotated[Feedback | Review, Field(discriminator="kind")]]):
    """A line of the store."""


class Standing(NamedTuple):
    """A feedback and the last verdict on it, None while there is none."""

    feedback: Feedback
    verdict: Verdict | None
