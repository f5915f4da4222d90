"""The application: endpoints, what stands before them, and their life."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING

from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.telemetry import TelemetryConfig
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response

from spanwise import __version__
from spanwise.service.http import routes
from spanwise.service.http.answering import MODEL, VERSION, Answering
from spanwise.service.http.exchange import REQUEST_ID, RequestIds, exchange_of
from spanwise.service.http.limits import Limits
from spanwise.service.http.observing import Observed
from spanwise.service.http.openapi import describe
from spanwise.service.http.problems import ProblemError, invalid, problem_of_status
from spanwise.service.http.security import DOCS, Access, Hosts, SecurityHeaders, hosts_of, read_access
from spanwise.service.http.settings import Settings
from spanwise.service.http.uploads import Uploads
from spanwise.service.observability.audit import Audit
from spanwise.service.observability.metrics import Metrics
from spanwise.service.observability.traces import NoTracing

if TYPE_CHECKING:
    from spanwise.service.engine.engine import Engine

SILENT: TelemetryConfig = {
    "tracing": False,
    "metrics": False,
    "logs": False,
    "operation_spans": False,
    "auto_configure": False,
}
"""FastAPI's own telemetry would record paths with their queries, and messages of exceptions."""

LOG = logging.getLogger(__name__)

SENT = ("Authorization", "Content-Type", "X-API-Key", VERSION, REQUEST_ID)
SHOWN = (MODEL, VERSION, REQUEST_ID, "RateLimit", "RateLimit-Policy", "Retry-After")


def create_app(
    settings: Settings,
    engine: Engine,
    *,
    metrics: Metrics | None = None,
    audit: Audit | None = None,
    tracing: NoTracing | None = None,
    routers: Sequence[APIRouter] = (),
) -> FastAPI:
    """The service as an ASGI application.

    It starts the engine when the server starts it, and answers `/livez` while models are loaded; when the
    server stops it, the engine finishes what it has accepted.

    Args:
        settings: See there.
        engine: What computes; not started yet.
        metrics: What counts requests, and is shown at `/metrics`.
        audit: Where it is written who had what anonymised.
        tracing: What makes spans of requests.
        routers: Further endpoints: the page, feedback, usage, drift.

    Raises:
        UserError: If there are no API keys and the server is not bound to loopback, or their file is damaged.
    """
    keyring, anonymous = read_access(settings)
    uploads, tracing = Uploads(settings), tracing or NoTracing()
    access = functools.partial(Access, docs_behind_auth=settings.docs_behind_auth)
    app = FastAPI(
        title="spanwise",
        version=__version__,
        summary="Entities, résumés, anonymised documents and shorter prompts.",
        openapi_url=DOCS,
        telemetry=SILENT,
        docs_url=None,  # its page loads scripts from elsewhere
        redoc_url=None,
        lifespan=functools.partial(_life, settings=settings, engine=engine, uploads=uploads, tracing=tracing),
        exception_handlers={
            HTTPException: _refused,
            RequestValidationError: _invalid,
        },
        middleware=[
            Middleware(RequestIds),
            Middleware(SecurityHeaders),
            Middleware(tracing.middleware),
            Middleware(Observed, metrics),
            *_cors(settings),
            Middleware(Hosts, hosts_of(settings)),
            Middleware(Limits, settings),
            Middleware(access, keyring, anonymous),
        ],
    )
    answering = Answering(settings, engine, uploads, tracing, audit)
    app.include_router(routes.operations(answering, settings))
    app.include_router(routes.models(engine))
    app.include_router(routes.probes(engine, uploads))
    if metrics is not None:
        app.include_router(routes.figures(metrics))
    for router in routers:
        app.include_router(router)
    app.openapi = functools.cache(functools.partial(describe, app, keyed=anonymous is None))  # type: ignore[method-assign]
    return app


@contextlib.asynccontextmanager
async def _life(
    _app: FastAPI, *, settings: Settings, engine: Engine, uploads: Uploads, tracing: NoTracing
) -> AsyncIterator[None]:
    starting = asyncio.create_task(_start(engine, uploads))
    try:
        yield
    finally:
        starting.cancel()
        await asyncio.gather(starting, return_exceptions=True)
        await engine.drain(settings.drain_s)
        await engine.close()
        uploads.close()
        tracing.close()


async def _start(engine: Engine, uploads: Uploads) -> None:
    """Get ready; where that fails, the server never is, and `/readyz` says so."""
    try:
        await asyncio.gather(engine.start(), uploads.start())
    except Exception:
        LOG.exception("the service cannot start")


def _cors(settings: Settings) -> list[Middleware]:
    """Lets pages of the origins that are named ask; there is none by default."""
    if not settings.origins:
        return []
    cors = Middleware(
        CORSMiddleware,
        allow_origins=settings.origins,
        allow_methods=("GET", "POST"),
        allow_headers=SENT,
        expose_headers=SHOWN,
        max_age=600,
    )
    return [cors]


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    problem = (
        error if isinstance(error, ProblemError) else problem_of_status(error.status_code, error.headers)
    )
    return _told(request, problem)


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    kinds = {fault["type"] for fault in error.errors()}
    problem = ProblemError("invalid-json") if "json_invalid" in kinds else invalid(error.errors())
    return _told(request, problem)


def _told(request: Request, problem: ProblemError) -> Response:
    exchange = exchange_of(request.scope)
    exchange.code = problem.code
    return problem.response(exchange.request)
