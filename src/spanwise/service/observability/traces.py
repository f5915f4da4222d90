"""OpenTelemetry traces of requests (extra `tracing`), for a collector that the standard variables name.

    trace of a client: ... -> request -> queue, then model
    trace of its own:  batch, linked to the requests whose documents it holds

Spans hold names, numbers and times; never a text, a path with its query, or what an exception says.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, MutableMapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from spanwise.errors import UserError
from spanwise.service.contract import Answer, Endpoint, Item, Loader, Operation

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SpanExporter
    from opentelemetry.trace import Span
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

COLLECTOR = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
NAME = "spanwise"
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


TOLD = ("backend", "concurrent")
"""What the engine asks of an operation besides answers."""


class NoTracing:
    """Traces nothing: what `start` gives where no collector is named."""

    def middleware(self, app: ASGIApp) -> ASGIApp:
        """The application itself."""
        return app

    def load(self, loader: Loader) -> Loader:
        """The loader itself."""
        return loader

    def waiting(self, items: Sequence[Item]) -> AbstractContextManager[None]:  # noqa: ARG002
        """Nothing."""
        return nullcontext()

    def close(self) -> None:
        """Nothing."""


def start(*, exporter: SpanExporter | None = None) -> NoTracing:
    """Trace to the collector that `OTEL_EXPORTER_OTLP_ENDPOINT` names, if it does.

    The other standard variables hold too, e.g. `OTEL_SERVICE_NAME` and `OTEL_TRACES_SAMPLER`
    (https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/).

    Args:
        exporter: Takes the spans in the place of a collector.

    Raises:
        UserError: If a collector is named but the extra `tracing` is not installed.
    """
    off = os.environ.get("OTEL_SDK_DISABLED", "").lower() == "true"
    if off or (exporter is None and not any(os.environ.get(name) for name in COLLECTOR)):
        return NoTracing()
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import SERVICE_NAME, Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        raise UserError("traces take OpenTelemetry", hint="pip install 'spanwise[tracing]'") from None
    named = {} if os.environ.get("OTEL_SERVICE_NAME") else {SERVICE_NAME: NAME}
    provider = TracerProvider(resource=Resource.create(named))
    provider.add_span_processor(BatchSpanProcessor(exporter or OTLPSpanExporter()))
    return Tracing(provider)


class _Wait(NamedTuple):
    """Since when a document waits, in nanoseconds, and the request that it came with."""

    since: int
    request: Span


class Tracing(NoTracing):
    """Makes the spans, of one provider."""

    def __init__(self, provider: TracerProvider) -> None:
        self._provider = provider
        self._tracer = provider.get_tracer(NAME)
        self._waits: dict[int, _Wait] = {}  # by the identity of an item, which is what reaches the model

    def middleware(self, app: ASGIApp) -> ASGIApp:
        """The application with a span for each request, below the client's own where `traceparent` is sent.

        See https://www.w3.org/TR/trace-context/.
        """

        async def traced(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http":
                await app(scope, receive, send)
                return
            from opentelemetry.trace import SpanKind, StatusCode

            with self._tracer.start_as_current_span(
                "request",
                context=_parent(scope),
                kind=SpanKind.SERVER,
                record_exception=False,  # its message may quote a document
                set_status_on_exception=False,
            ) as span:

                async def observed(message: Message) -> None:
                    if message["type"] == "http.response.start":
                        span.set_attribute("http.response.status_code", message["status"])
                        if message["status"] >= 500:
                            span.set_status(StatusCode.ERROR)
                    await send(message)

                try:
                    await app(scope, receive, observed)
                except BaseException as error:
                    span.set_attribute("error.type", type(error).__qualname__)
                    span.set_status(StatusCode.ERROR)
                    raise
                finally:
                    _name(span, scope)

        return traced

    @contextmanager
    def waiting(self, items: Sequence[Item]) -> Iterator[None]:
        """While the engine has the documents of the current request in hand."""
        from opentelemetry.trace import get_current_span

        wait = _Wait(time.time_ns(), get_current_span())
        self._waits |= {id(item): wait for item in items}
        try:
            yield
        finally:
            for item in items:
                self._waits.pop(id(item), None)

    def load(self, loader: Loader) -> Loader:
        """The loader, whose operations have a span for each batch."""

        def traced(endpoint: Endpoint, folder: Path | None, *, threads: int) -> Operation:
            operation = loader(endpoint, folder, threads=threads)
            known: dict[str, str] = {"spanwise.endpoint": endpoint}
            if folder is not None:
                known |= {"spanwise.model": folder.parent.name, "spanwise.version": folder.name}

            def run(items: Sequence[Item]) -> Sequence[Answer | Exception]:
                return self._run(operation, items, known)

            vars(run).update({name: getattr(operation, name) for name in TOLD if hasattr(operation, name)})
            return run

        return traced

    def _run(
        self, operation: Operation, items: Sequence[Item], known: dict[str, str]
    ) -> Sequence[Answer | Exception]:
        from opentelemetry.context import Context
        from opentelemetry.trace import Link, set_span_in_context

        attributes: dict[str, Any] = {**known, "spanwise.documents": len(items)}
        waits = {id(wait.request): wait for item in items if (wait := self._waits.get(id(item)))}
        links = [Link(wait.request.get_span_context()) for wait in waits.values()]
        with self._tracer.start_as_current_span(
            "batch",
            context=Context(),
            links=links,
            attributes=attributes,
            record_exception=False,
            set_status_on_exception=False,
        ) as batch:
            models = []
            for wait in waits.values():
                above = set_span_in_context(wait.request)
                self._tracer.start_span("queue", context=above, start_time=wait.since).end()
                link = [Link(batch.get_span_context())]
                models.append(
                    self._tracer.start_span("model", context=above, links=link, attributes=attributes)
                )
            try:
                return operation(items)
            finally:
                for model in models:
                    model.end()

    def close(self) -> None:
        """Send what was not sent yet."""
        self._provider.shutdown()


def _parent(scope: MutableMapping[str, Any]) -> Context:
    """The client's span, if it names one."""
    from opentelemetry.context import Context
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    return TraceContextTextMapPropagator().extract(headers, Context())


def _name(span: Span, scope: MutableMapping[str, Any]) -> None:
    """Name a span by its route, which is known once it is over; never by the path."""
    method = scope["method"] if scope["method"] in METHODS else "_OTHER"
    route = getattr(scope.get("route"), "path", None)
    span.update_name(f"{method} {route}" if route else method)
    span.set_attribute("http.request.method", method)
    if route:
        span.set_attribute("http.route", route)
