"""What answers look like, for OpenAPI: they are written as the operations make them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from spanwise.schema import Record, Share
from spanwise.service.contract import Endpoint
from spanwise.tasks.compression.segments import Domain
from spanwise.tasks.pii.levels import Level
from spanwise.tasks.resume.value import Field as Origin

Count = Annotated[int, Field(ge=0)]


class Fault(Record):
    """What was wrong where in a request."""

    path: str
    message: str


class Failed(Record):
    """Why one document of several was not answered for: a problem, and its index in the request."""

    index: Count
    type: str
    title: str
    status: int
    detail: str
    code: str


class Problem(Record):
    """Problem details (RFC 9457). `code` is stable; `errors` are several faults, or documents that failed."""

    type: Annotated[str, Field(description="`urn:spanwise:problem:` and the code.")]
    title: str
    status: int
    detail: str
    code: str
    request_id: str
    errors: list[Fault | Failed] | None = None


class Result(Record):
    """Of one document: its index in the request, and whether it had been answered for before."""

    index: Count
    cached: bool


class Entity(Record):
    """A span `[start, end)` of the text in Unicode characters, and the chance that it is right."""

    start: Count
    end: Count
    label: str
    text: str
    tier: str
    confidence: Share
    auto_accept: Annotated[bool | None, Field(description="Whether it needs no review; null: no threshold.")]


class Extracted(Result):
    """The entities of a document."""

    characters: Count
    threshold: Share | None
    entities: list[Entity]
    text: str | None = None


class ParsedResume(Result):
    """A résumé as JSON Resume 1.0.0, and where each field stands."""

    characters: Count
    pages: Count | None
    backend: str
    resume: dict[str, Any]
    origins: list[Origin] | None = None
    text: str | None = None


class Place(Record):
    """What stands at `[start, end)` of the masked text."""

    start: Count
    end: Count
    label: str


class Anonymised(Result):
    """A masked text. It is still personal data."""

    level: Level
    operator: Literal["level", "alias", "redact"]
    text: str
    replacements: list[Place]
    counts: dict[str, Count]


class Shorter(Result):
    """A shorter prompt; `kept` are the intervals of the prompt that it is made of."""

    text: str
    kept: list[tuple[Count, Count]] | None
    domain: Domain
    scorer: str
    tokenizer: str
    before: Count
    after: Count
    target: Count | None
    shortfall: Count
    mended: Count


class Written(Result):
    """What a model wrote; `likelihood` is the geometric mean of its tokens' probabilities, not calibrated."""

    text: str
    tokens: Count
    finished: bool
    likelihood: Share


class _Answered(Record):
    """Who answered, and the documents that could not be answered for."""

    request_id: str
    model: Annotated[str, Field(description="Its name in the registry, or `rules`.")]
    version: str
    fallback: Annotated[bool, Field(description="Whether rules stood in for a model that is not deployed.")]
    errors: list[Failed]


class ExtractAnswer(_Answered):
    """Of `/v1/extract`."""

    results: list[Extracted]


class ParseAnswer(_Answered):
    """Of `/v1/parse`."""

    results: list[ParsedResume]


class AnonymiseAnswer(_Answered):
    """Of `/v1/anonymise`."""

    results: list[Anonymised]


class CompressAnswer(_Answered):
    """Of `/v1/compress`."""

    results: list[Shorter]


class GenerateAnswer(_Answered):
    """Of `/v1/generate`."""

    results: list[Written]


ANSWERS: dict[Endpoint, type[Record]] = {
    "extract": ExtractAnswer,
    "parse": ParseAnswer,
    "anonymise": AnonymiseAnswer,
    "compress": CompressAnswer,
    "generate": GenerateAnswer,
}


class Model(Record):
    """A version that is loaded, or why it is not."""

    name: str
    version: str
    endpoint: Endpoint
    state: Literal["loading", "ready", "failed", "retiring"]
    stages: list[str]
    backend: str
    digest: str
    reason: str
    metrics: dict[str, float]


class Models(Record):
    """Of `/v1/models`."""

    models: list[Model]


class Status(Record):
    """Of the probes."""

    status: Literal["alive", "ready"]
