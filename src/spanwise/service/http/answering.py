"""A request to its answer: read, computed within its deadline, and given up when nobody waits for it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic_core import to_json
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive

from spanwise.errors import UserError
from spanwise.service.contract import DeadlineError, Endpoint, Item, Served, ServiceError
from spanwise.service.http.bodies import JSON, Bodies, Received
from spanwise.service.http.exchange import Exchange, exchange_of
from spanwise.service.http.problems import Failure, ProblemError, problem_of
from spanwise.service.http.settings import Settings
from spanwise.service.http.uploads import Uploads
from spanwise.service.http.versions import asked_version
from spanwise.service.observability.audit import Audit
from spanwise.service.observability.traces import NoTracing
from spanwise.service.operations.options import AnonymiseOptions

if TYPE_CHECKING:
    from spanwise.service.engine.engine import Engine

T = TypeVar("T")

MODEL, VERSION = "X-Model", "X-Model-Version"


class Answering:
    """Answers requests for documents.

    Args:
        settings: Limits and deadline.
        engine: What computes.
        uploads: What reads files.
        tracing: What traces the wait for the engine.
        audit: Where anonymising is written down, if it is.
    """

    def __init__(
        self, settings: Settings, engine: Engine, uploads: Uploads, tracing: NoTracing, audit: Audit | None
    ) -> None:
        self._bodies, self._deadline_s = Bodies(settings), settings.deadline_s
        self._engine, self._uploads, self._tracing, self._audit = engine, uploads, tracing, audit

    async def answer(self, request: Request, endpoint: Endpoint) -> Response:
        """The answer to a request; that of one whose client is gone reaches nobody.

        Raises:
            ProblemError: If nothing in it can be answered for.
        """
        exchange = exchange_of(request.scope)
        version = asked_version(request)
        try:
            received = await self._bodies.read(request, endpoint)
            self._charge(exchange, received)
            work = self._compute(endpoint, received, version)
            done = await _unless_gone(request.receive, work)
        except ClientDisconnect:
            raise ProblemError("client-gone") from None
        served = [(index, each) for index, each in done if isinstance(each, Served)]
        failures = [Failure(index, each) for index, each in done if isinstance(each, ProblemError)]
        if not served:
            raise _refused(failures)
        first = served[0][1]
        exchange.model, exchange.version = first.model, first.version
        await self._write_down(exchange, received)
        value = {
            "request_id": exchange.request,
            "model": first.model,
            "version": first.version,
            "fallback": first.fallback,
            "results": [
                {"index": index, "cached": each.cached, **each.answer.value} for index, each in served
            ],
            "errors": [failure.value() for failure in failures],
        }
        return Response(to_json(value), 200, {MODEL: first.model, VERSION: first.version}, JSON)

    def _charge(self, exchange: Exchange, received: Received) -> None:
        exchange.documents = received.documents
        if exchange.caller is not None and exchange.caller.bucket is not None:
            exchange.caller.bucket.spend(received.documents - 1)  # the first one let it in

    async def _compute(
        self, endpoint: Endpoint, received: Received, version: str | None
    ) -> list[tuple[int, Served | ProblemError]]:
        """What became of each document, by its index."""
        until = time.monotonic() + self._deadline_s
        read = await self._items(received)
        items = [each for each in read if isinstance(each, Item)]
        found: list[Served | ServiceError] = []
        if items:
            left = max(until - time.monotonic(), 0.0)
            try:
                with self._tracing.waiting(items):
                    found = await self._engine.run(endpoint, items, version=version, deadline_s=left)
            except ServiceError as error:
                raise problem_of(error) from None
        answers = iter(found)
        done: list[tuple[int, Served | ProblemError]] = []
        for index, each in enumerate(read):
            answer = each if isinstance(each, ProblemError) else next(answers)
            done.append((index, problem_of(answer) if isinstance(answer, ServiceError) else answer))
        return done

    async def _items(self, received: Received) -> list[Item | ProblemError]:
        options = received.options
        if received.texts:
            return [Item(text, options) for text in received.texts]
        try:
            async with asyncio.timeout(self._deadline_s):
                documents = await self._uploads.read(received.files)
        except TimeoutError:
            raise problem_of(DeadlineError()) from None
        return [
            each if isinstance(each, ProblemError) else Item(each.text, options, each) for each in documents
        ]

    async def _write_down(self, exchange: Exchange, received: Received) -> None:
        """The audit of what was anonymised, before it is handed out.

        Raises:
            ProblemError: If it cannot be written: nothing is anonymised without.
        """
        if self._audit is None or not isinstance(received.options, AnonymiseOptions):
            return
        key = None if exchange.caller is None else exchange.caller.name
        try:
            await asyncio.to_thread(
                self._audit.record,
                request=exchange.request,
                key=key,
                level=received.options.level,
                version=f"{exchange.model}@{exchange.version}",
            )
        except UserError:
            raise ProblemError("internal") from None


def _refused(failures: Sequence[Failure]) -> ProblemError:
    """The problem of a request of which no document was answered for: that of the first, with all of them."""
    first = failures[0].problem
    errors = [failure.value() for failure in failures] if len(failures) > 1 else []
    return ProblemError(first.code, first.detail, errors=errors, headers=first.headers)


async def _unless_gone(receive: Receive, work: Coroutine[Any, Any, T]) -> T:
    """The result of work, which is given up when the client closes the connection.

    Raises:
        ClientDisconnect: If it does.
    """
    task = asyncio.create_task(work)
    watch = asyncio.create_task(_gone(receive))
    try:
        await asyncio.wait({task, watch}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise ClientDisconnect
        return task.result()
    finally:
        for each in (task, watch):
            each.cancel()
        await asyncio.gather(task, watch, return_exceptions=True)


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
