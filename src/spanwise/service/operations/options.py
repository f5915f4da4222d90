"""What a request may ask of each operation, for all of its documents."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from spanwise.schema import Record, Share
from spanwise.service.contract import Endpoint
from spanwise.tasks.compression.budget import Purpose
from spanwise.tasks.pii.levels import Level

LONGEST_ANSWER = 1_024  # tokens
LONGEST_SYSTEM = 4_000  # characters


def _whole(value: object) -> object:
    """JSON knows no difference between 3 and 3.0."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


WHOLE = BeforeValidator(_whole)  # behind the bounds, or the schema would lose them


class ExtractOptions(Record):
    """Of `/v1/extract`."""

    min_confidence: Annotated[
        Share, Field(description="Entities that the model is less sure of are left out.")
    ] = 0.0
    with_text: Annotated[
        bool, Field(description="Whether the text that offsets count is part of the answer.")
    ] = False


class ParseOptions(Record):
    """Of `/v1/parse`."""

    origins: Annotated[
        bool, Field(description="Whether page, offsets, confidence and raw text of each field are told.")
    ] = True
    with_text: Annotated[
        bool, Field(description="Whether the text that offsets count is part of the answer.")
    ] = False


class AnonymiseOptions(Record):
    """Of `/v1/anonymise`."""

    level: Annotated[Level, Field(description="How much is masked; no level makes a document anonymous.")] = (
        "basic"
    )
    operator: Annotated[
        Literal["level", "alias", "redact"],
        Field(
            description="What stands in place of what is masked: what the level has for its kind, "
            "`[PERSON_1]`, or `[redacted]`."
        ),
    ] = "level"


class CompressOptions(Record):
    """Of `/v1/compress`; tokens are words, by white space."""

    rate: Annotated[
        Annotated[float, Field(gt=0, le=1)] | Purpose | None,
        Field(description="The share of the words that may be left, or what the text is for."),
    ] = None
    max_tokens: Annotated[
        Annotated[int, Field(ge=0, le=1_000_000), WHOLE] | None,
        Field(description="The number of words that may be left."),
    ] = None


class GenerateOptions(Record):
    """Of `/v1/generate`."""

    system: Annotated[
        str, Field(max_length=LONGEST_SYSTEM, description="What the model is told before the text.")
    ] = ""
    max_new_tokens: Annotated[
        int, Field(ge=1, le=LONGEST_ANSWER, description="The longest answer."), WHOLE
    ] = 128
    temperature: Annotated[
        float, Field(ge=0, le=2, description="0 takes the likeliest token; above it tokens are drawn.")
    ] = 0.0
    top_p: Annotated[
        float, Field(gt=0, le=1, description="They are drawn from the likeliest that reach this together.")
    ] = 1.0
    seed: Annotated[int, Field(ge=0, le=2**31 - 1, description="Of what is drawn."), WHOLE] = 0


OPTIONS: dict[Endpoint, type[Record]] = {
    "extract": ExtractOptions,
    "parse": ParseOptions,
    "anonymise": AnonymiseOptions,
    "compress": CompressOptions,
    "generate": GenerateOptions,
}
