"""What goes wrong, as problem details (RFC 9457): a stable code, and nothing of what was sent."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from fastapi import HTTPException
from pydantic_core import ErrorDetails, to_json
from starlette.responses import Response

from spanwise.service.contract import QueueFullError, ServiceError

MEDIA_TYPE = "application/problem+json"
URN = "urn:spanwise:problem:"


class Kind(NamedTuple):
    """What a code means: the status it comes with, and its title."""

    status: int
    title: str


KINDS: Mapping[str, Kind] = {
    "bad-request": Kind(400, "The request cannot be understood"),
    "invalid-json": Kind(400, "The body is not valid JSON"),
    "invalid-multipart": Kind(400, "The body is not a valid form"),
    "unknown-host": Kind(400, "The server is not asked by this name"),
    "unauthenticated": Kind(401, "A valid API key is needed"),
    "forbidden": Kind(403, "The API key does not allow this"),
    "not-found": Kind(404, "There is nothing at this path"),
    "no-version": Kind(404, "The version is not deployed"),
    "method-not-allowed": Kind(405, "The path does not know this method"),
    "request-timeout": Kind(408, "The body did not arrive in time"),
    "body-too-large": Kind(413, "The body is too large"),
    "document-too-large": Kind(413, "The document is too large"),
    "unsupported-media-type": Kind(415, "The body is neither JSON nor a form"),
    "unsupported-document": Kind(415, "The file is neither PDF, DOCX nor text"),
    "invalid-request": Kind(422, "The request does not fit its schema"),
    "encrypted": Kind(422, "The document needs a password"),
    "corrupt": Kind(422, "The document is damaged"),
    "no-text": Kind(422, "The document has no text: it may be a scan"),
    "unreadable-in-time": Kind(422, "The document takes too long to read"),
    "document-failed": Kind(422, "The document cannot be processed"),
    "quota-exceeded": Kind(429, "The quota of the API key is used up"),
    "headers-too-large": Kind(431, "The headers are too large"),
    "client-gone": Kind(499, "The client has closed the connection"),
    "internal": Kind(500, "The server has failed"),
    "overloaded": Kind(503, "More requests wait than can be answered in time"),
    "draining": Kind(503, "The server is about to stop"),
    "not-ready": Kind(503, "The server is not ready"),
    "worker-lost": Kind(503, "The process that would have answered has ended"),
    "no-model": Kind(503, "No model is deployed for this"),
    "no-key": Kind(503, "The server has no secret for this level"),
    "deadline-exceeded": Kind(504, "The answer would come too late"),
}
"""Codes are never renamed; `docs/service.md` says what to do about each."""

UNREADABLE: Mapping[str, str] = {
    "no_text_layer": "no-text",
    "encrypted": "encrypted",
    "corrupt": "corrupt",
    "too_large": "document-too-large",
    "unsupported": "unsupported-document",
    "timeout": "unreadable-in-time",
}
"""The status of a document that was read -> the code."""

RETRY_S: Mapping[str, float] = {
    "overloaded": 1,
    "draining": 1,
    "not-ready": 2,
    "no-model": 60,
    "no-key": 3600,
    "worker-lost": 1,
}
"""Seconds after which to ask again."""

_BY_STATUS: Mapping[int, str] = {404: "not-found", 405: "method-not-allowed"}


class ProblemError(HTTPException):
    """A request that is not answered.

    It is an `HTTPException`, so that FastAPI lets it pass where it reads a body by itself.

    Args:
        code: A key of `KINDS`.
        detail: What was wrong with this request, in words that hold nothing of it.
        errors: What was wrong where, of several faults or documents.
        headers: Of the response.
    """

    def __init__(
        self,
        code: str,
        detail: str | None = None,
        *,
        errors: Sequence[Mapping[str, Any]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.code, self.kind, self.errors = code, KINDS[code], tuple(errors)
        known = {"Retry-After": str(math.ceil(RETRY_S[code]))} if code in RETRY_S else {}
        super().__init__(self.kind.status, detail or self.kind.title, headers=known | dict(headers or {}))

    def value(self) -> dict[str, Any]:
        """The problem without the request's id, as the failures of a batch have it."""
        return {
            "type": URN + self.code,
            "title": self.kind.title,
            "status": self.kind.status,
            "detail": self.detail,
            "code": self.code,
        }

    def response(self, request_id: str) -> Response:
        """The response that tells it."""
        value = self.value() | {"request_id": request_id}
        if self.errors:
            value["errors"] = self.errors
        return Response(to_json(value), self.status_code, dict(self.headers or {}), MEDIA_TYPE)


@dataclass(frozen=True)
class Failure:
    """Why one document of several was not answered for."""

    index: int
    problem: ProblemError

    def value(self) -> dict[str, Any]:
        """As an answer has it."""
        return {"index": self.index, **self.problem.value()}


def problem_of(error: ServiceError) -> ProblemError:
    """The problem of what the engine says."""
    code = error.code if error.code in KINDS else "internal"
    headers = None
    if isinstance(error, QueueFullError):
        headers = {"Retry-After": str(max(1, math.ceil(error.retry_after)))}
    detail = str(error) if error.code in {"document-failed", "no-key"} else None
    return ProblemError(code, detail, headers=headers)


def problem_of_status(status: int, headers: Mapping[str, str] | None) -> ProblemError:
    """The problem of what the framework refuses; its own words may quote the request."""
    known = {"allow": headers["Allow"]} if headers and "Allow" in headers else None
    fallback = "bad-request" if status < 500 else "internal"
    return ProblemError(_BY_STATUS.get(status, fallback), headers=known)


def invalid(faults: Sequence[ErrorDetails]) -> ProblemError:
    """The problem of what pydantic finds: where, and what was expected; no value, no name that was sent."""
    found = [{"path": _path(fault), "message": _message(fault)} for fault in faults]
    unique = {tuple(each.items()): each for each in found}
    return ProblemError("invalid-request", errors=list(unique.values()))


def _path(fault: ErrorDetails) -> str:
    known = fault["loc"][:-1] if fault["type"] == "extra_forbidden" else fault["loc"]
    return ".".join(str(part) for part in known)


def _message(fault: ErrorDetails) -> str:
    if fault["type"] == "extra_forbidden":
        return "There is a field that is not known"
    return fault["msg"].removeprefix("Value error, ")
