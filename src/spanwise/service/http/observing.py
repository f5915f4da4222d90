"""Each request is counted and logged once, by the name of its route; no fault of the server goes untold."""

from __future__ import annotations

import logging
import time
import traceback

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from spanwise.service.http.exchange import exchange_of, refuse
from spanwise.service.http.problems import ProblemError
from spanwise.service.observability.logs import log_request
from spanwise.service.observability.metrics import Metrics

LOG = logging.getLogger(__name__)
UNKNOWN = "other"


class Observed:
    """Times requests, and answers 500 where the application fails.

    Args:
        app: The application.
        metrics: Where they are counted, if they are.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics | None) -> None:
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, status = time.perf_counter(), 0

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noted)
        except Exception as error:
            # Its message, and a traceback with it, might quote a document.
            LOG.error("a request failed: %s at %s", type(error).__name__, _place(error))  # noqa: TRY400
            if not status:
                await refuse(ProblemError("internal"), scope, receive, noted)
        finally:
            self._tell(scope, status, time.perf_counter() - started)

    def _tell(self, scope: Scope, status: int, seconds: float) -> None:
        exchange = exchange_of(scope)
        endpoint = getattr(scope.get("route"), "name", UNKNOWN)
        key = None if exchange.caller is None else exchange.caller.name
        log_request(
            request=exchange.request,
            endpoint=endpoint,
            method=scope["method"],
            status=status,
            seconds=seconds,
            model=exchange.model,
            version=exchange.version,
            documents=exchange.documents,
            bytes=exchange.bytes,
            code=exchange.code,
            key=key,
        )
        if self._metrics is not None:
            self._metrics.request(
                endpoint, scope["method"], status, seconds, exchange.version, code=exchange.code, key=key
            )


def _place(error: Exception) -> str:
    """The module and the line where it was raised."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{last.name}:{last.lineno}"
