"""What a request may weigh and how long it may take to arrive, enforced before anything parses it."""

from __future__ import annotations

import asyncio
import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from spanwise.service.http.exchange import exchange_of, header, refuse
from spanwise.service.http.problems import ProblemError
from spanwise.service.http.settings import Settings

CLOSE = {"Connection": "close"}  # what is still on its way is not read


class Limits:
    """Refuses what is too large or too slow.

    A body that tells its length is refused at once, one that does not when it passes the limit; neither is
    held.

    Args:
        app: What answers the others.
        settings: The limits.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app, self._settings = app, settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        problem = self._fault(scope)
        if problem is not None:
            await refuse(problem, scope, receive, send)
            return
        await self._app(scope, _Body(scope, receive, self._settings), send)

    def _fault(self, scope: Scope) -> ProblemError | None:
        headers, settings = scope["headers"], self._settings
        size = sum(len(name) + len(value) for name, value in headers)
        if len(headers) > settings.max_headers or size > settings.max_header_bytes:
            return ProblemError("headers-too-large", headers=CLOSE)
        told = header(scope, b"content-length")
        if told is None:
            return None
        if not (told.isascii() and told.isdecimal()):
            return ProblemError("bad-request", "Content-Length is no number", headers=CLOSE)
        return _too_large(settings) if int(told) > settings.max_body_bytes else None


class _Body:
    """Receives a request and counts it.

    Args:
        scope: Of the request.
        receive: Where it comes from.
        settings: The limits.
    """

    def __init__(self, scope: Scope, receive: Receive, settings: Settings) -> None:
        self._receive, self._settings = receive, settings
        self._exchange = exchange_of(scope)
        self._until: float | None = None
        self._whole = False

    async def __call__(self) -> Message:
        """The next message.

        Raises:
            ProblemError: If the body is too large or too slow.
        """
        if self._whole:
            return await self._receive()
        if self._until is None:
            self._until = time.monotonic() + self._settings.body_s
        try:
            message = await asyncio.wait_for(self._receive(), self._until - time.monotonic())
        except TimeoutError:
            raise ProblemError("request-timeout", headers=CLOSE) from None
        if message["type"] == "http.request":
            self._exchange.bytes += len(message.get("body", b""))
            if self._exchange.bytes > self._settings.max_body_bytes:
                raise _too_large(self._settings)
        self._whole = message["type"] != "http.request" or not message.get("more_body", False)
        return message


def _too_large(settings: Settings) -> ProblemError:
    detail = f"{settings.max_body_bytes:,} bytes at most"
    return ProblemError("body-too-large", detail, headers=CLOSE)
