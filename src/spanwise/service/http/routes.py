"""The endpoints."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from pydantic_core import to_json
from starlette.responses import Response

from spanwise.service.contract import ENDPOINTS, Endpoint, ModelState
from spanwise.service.http.answering import Answering
from spanwise.service.http.answers import ANSWERS, Models, Status
from spanwise.service.http.bodies import JSON
from spanwise.service.http.openapi import body_of, problems, version_parameters
from spanwise.service.http.problems import ProblemError
from spanwise.service.http.settings import Settings
from spanwise.service.http.uploads import Uploads
from spanwise.service.observability.metrics import CONTENT_TYPE, Metrics

if TYPE_CHECKING:
    from spanwise.service.engine.engine import Engine

ALIASES: dict[str, Endpoint] = {"/parse": "parse", "/anonymize": "anonymise"}

SUMMARIES: dict[Endpoint, tuple[str, str]] = {
    "extract": ("Find entities", "Offsets count the Unicode characters of the text and are half-open."),
    "parse": ("Parse résumés", "JSON Resume 1.0.0, with the origin of every field."),
    "anonymise": (
        "Mask personal data",
        "What is masked stays personal data (GDPR Art. 4(5)). `moderate` needs a secret of the server.",
    ),
    "compress": ("Shorten prompts", "Numbers, negations, names, links and code stay."),
    "generate": ("Answer", "By a tuned language model, where one is deployed."),
}
TOGETHER = (
    " Send `text`, or several `texts`, as JSON; or `files` (PDF, DOCX, TXT) as a form. Of several documents "
    "those that fail stand in `errors`; where none can be answered for, the answer is a problem."
)
READ = (400, 401, 404, 408, 413, 415, 422, 429, 431, 500, 503, 504)
PROBE = (400, 408, 413, 431, 500)

Handler = Callable[[Request], Awaitable[Response]]


def operations(answering: Answering, settings: Settings) -> APIRouter:
    """`/v1/extract` and the like, with two aliases.

    Args:
        answering: What answers.
        settings: The limits, which the schema tells.
    """
    routes = APIRouter(tags=["documents"])
    for endpoint in ENDPOINTS:
        handler = _handler(answering, endpoint)
        summary, description = SUMMARIES[endpoint]
        known: dict[str, Any] = {
            "methods": ["POST"],
            "name": endpoint,
            "summary": summary,
            "response_model": None,
            "responses": {200: {"model": ANSWERS[endpoint], "description": "Answered."}, **problems(READ)},
            "openapi_extra": {
                "requestBody": body_of(endpoint, settings),
                "parameters": version_parameters(),
            },
        }
        routes.add_api_route(
            f"/v1/{endpoint}", handler, operation_id=endpoint, description=description + TOGETHER, **known
        )
        for path, meant in ALIASES.items():
            if meant == endpoint:
                told = f"The same as `/v1/{endpoint}`."
                routes.add_api_route(
                    path, handler, operation_id=f"{endpoint}_alias", description=told, **known
                )
    return routes


def _handler(answering: Answering, endpoint: Endpoint) -> Handler:
    async def handle(request: Request) -> Response:
        return await answering.answer(request, endpoint)

    return handle


def models(engine: Engine) -> APIRouter:
    """`/v1/models`, and reading the registry again."""
    routes = APIRouter(tags=["models"])

    @routes.get(
        "/v1/models",
        name="models",
        operation_id="models",
        summary="What is loaded",
        response_model=None,
        responses={200: {"model": Models}, **problems((*PROBE, 401, 429))},
    )
    async def show() -> Response:
        """Each version that is loaded, or why it is not."""
        return _models(engine.models())

    @routes.post(
        "/v1/models/reload",
        name="reload",
        operation_id="reload",
        summary="Read the registry again",
        response_model=None,
        responses={200: {"model": Models}, **problems((*PROBE, 401, 403, 503))},
    )
    async def reload() -> Response:
        """Now, and not when the change is seen; what is loaded then. It takes a key with the role `admin`."""
        return _models(await engine.reload())

    return routes


def probes(engine: Engine, uploads: Uploads) -> APIRouter:
    """`/livez` and `/readyz`."""
    routes = APIRouter(tags=["probes"])

    @routes.get(
        "/livez",
        name="livez",
        operation_id="livez",
        summary="Whether the process answers",
        response_model=None,
        responses={200: {"model": Status}, **problems(PROBE)},
    )
    async def livez() -> Response:
        """It does, unless it is to be killed."""
        return _json({"status": "alive"})

    @routes.get(
        "/readyz",
        name="readyz",
        operation_id="readyz",
        summary="Whether it may be asked",
        response_model=None,
        responses={200: {"model": Status}, **problems((*PROBE, 503))},
    )
    async def readyz() -> Response:
        """503 until models are warm, and while it drains."""
        if not (engine.ready and uploads.ready):
            raise ProblemError("not-ready")
        return _json({"status": "ready"})

    return routes


def figures(metrics: Metrics) -> APIRouter:
    """`/metrics`, for Prometheus."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/metrics", name="metrics")
    def show() -> Response:
        return Response(metrics.render(), headers={"Content-Type": CONTENT_TYPE})

    return routes


def _models(states: list[ModelState]) -> Response:
    return _json({"models": [asdict(state) for state in states]})


def _json(value: Any) -> Response:
    return Response(to_json(value), media_type=JSON)
