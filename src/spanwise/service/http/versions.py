"""Which version a request asks for: `?version=`, or the header `X-Model-Version`."""

from __future__ import annotations

import re

from starlette.requests import Request

from spanwise.service.http.problems import ProblemError

LONGEST = 128
PATTERN = (
    r"^(v[0-9]{1,9}\.[0-9]{1,9}\.[0-9]{1,9}"
    r"|[a-z][a-z0-9-]*(@(prod|staging|v[0-9]{1,9}\.[0-9]{1,9}\.[0-9]{1,9}))?)$"
)
"""A version, a stage, a model, or a model's version or stage: `v1.2.0`, `staging`, `ner`, `ner@v1.2.0`."""

_VALID = re.compile(PATTERN.removesuffix("$") + r"\Z")


def asked_version(request: Request) -> str | None:
    """The version that is asked for, None where none is. That of the query goes before that of the header.

    Raises:
        ProblemError: If it is none.
    """
    told = request.query_params.getlist("version") + request.headers.getlist("x-model-version")
    for version in told:
        if len(version) > LONGEST or not _VALID.match(version):
            fault = {"path": "version", "message": "A version as v1.2.0, a stage, a model, or name@v1.2.0"}
            raise ProblemError("invalid-request", errors=[fault])
    return told[0] if told else None
