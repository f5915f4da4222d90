"""What is known of a request while it is answered: for its logs, its metrics and its limits."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from spanwise.service.http.keys import Caller
from spanwise.service.http.problems import ProblemError

REQUEST_ID = "X-Request-ID"
_VALID_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_SLOT = "spanwise.exchange"


@dataclass
class Exchange:
    """One request and its answer.

    Attributes:
        request: Its id.
        caller: Who asks, once that is known.
        model: The name of what answered.
        version: Its version, as resolved.
        documents: How many it held.
        bytes: Of its body, as far as that was read.
        code: Of the problem, if it was one.
    """

    request: str
    caller: Caller | None = None
    model: str = ""
    version: str = ""
    documents: int = 0
    bytes: int = 0
    code: str | None = None


def exchange_of(scope: Scope) -> Exchange:
    """That of a request, which `RequestIds` has put there."""
    found = scope[_SLOT]
    assert isinstance(found, Exchange)
    return found


class RequestIds:
    """Gives each request an id, its own where it came with a valid one, and echoes it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        told = header(scope, b"x-request-id") or ""
        exchange = Exchange(told if _VALID_ID.fullmatch(told) else uuid.uuid4().hex)
        scope[_SLOT] = exchange

        async def named(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)[REQUEST_ID] = exchange.request
            await send(message)

        await self._app(scope, receive, named)


def header(scope: Scope, name: bytes) -> str | None:
    """The first header of a name, in lower case."""
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), None)


async def refuse(problem: ProblemError, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer a request with a problem."""
    exchange = exchange_of(scope)
    exchange.code = problem.code
    await problem.response(exchange.request)(scope, receive, send)
