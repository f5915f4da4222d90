"""Exceptions of the providers' packages as failed requests, without what was asked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from spanwise.pairs.generation.answers import FailedRequestError


def told(error: Exception, sdk: Any) -> FailedRequestError:
    """An exception of the packages of OpenAI or Anthropic, which are made by one generator.

    Args:
        error: One of their exceptions.
        sdk: The package.
    """
    kind = type(error).__name__
    if isinstance(error, sdk.APIStatusError):
        return FailedRequestError(
            kind, status=error.response.status_code, retry_after=retry_after(error.response.headers)
        )
    return unanswered(error.__cause__ or error, kind, timed_out=isinstance(error, sdk.APITimeoutError))


def unanswered(error: BaseException, kind: str, *, timed_out: bool) -> FailedRequestError:
    """A request without an answer of the server, which may be charged unless no connection was made.

    Args:
        error: Of httpx2.
        kind: What to call it.
        timed_out: Whether that took too long.
    """
    connected = type(error).__name__ not in {"ConnectError", "ConnectTimeout", "PoolTimeout"}
    return FailedRequestError(kind, timed_out=timed_out, charged=connected)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """The seconds that a server asks to wait, by RFC 9110, section 10.2.3: a number of them, or a date.

    Args:
        headers: Of its answer, looked up whatever their case.

    Returns:
        None where it does not ask, or nobody can tell for how long; 0 for a date that has passed.
    """
    value = headers.get("retry-after", "").strip()
    try:
        return max(float(value), 0.0) if value else None
    except ValueError:
        pass
    try:
        date = parsedate_to_datetime(value)
    except ValueError:
        return None
    if date.tzinfo is None:  # -0000: UTC of which nobody knows the zone
        date = date.replace(tzinfo=UTC)
    return max((date - datetime.now(UTC)).total_seconds(), 0.0)
