"""Spans of requests, with an exporter in memory."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from spanwise.errors import UserError
from spanwise.schema import Record
from spanwise.service.contract import Answer, Endpoint, Item, Operation
from spanwise.service.observability import traces

pytest.importorskip("opentelemetry.sdk")
pytest.importorskip("httpx")

from fastapi import FastAPI
from fastapi.testclient import TestClient
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import ReadableSpan

SECRET = "Jane Doe"
PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


class Options(Record):
    """None."""


@pytest.fixture
def exporter() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def tracing(exporter: InMemorySpanExporter) -> Iterator[traces.NoTracing]:
    found = traces.start(exporter=exporter)
    yield found
    found.close()


def load(endpoint: Endpoint, folder: Path | None, *, threads: int) -> Operation:
    def run(items: Sequence[Item]) -> list[Answer | Exception]:
        if items[0].text == "fail":
            raise RuntimeError(SECRET)
        return [Answer({}) for _ in items]

    return run


def application(tracing: traces.NoTracing) -> FastAPI:
    app = FastAPI()
    operation = tracing.load(load)("extract", Path("deployed/ner/v1.2.0"), threads=1)

    @app.post("/v1/extract/{name}")
    async def extract(name: str) -> int:
        items = [Item(name, Options()), Item(SECRET, Options())]
        with tracing.waiting(items):
            return len(operation(items))

    app.add_middleware(tracing.middleware)
    return app


def spans(tracing: traces.NoTracing, exporter: InMemorySpanExporter) -> dict[str, ReadableSpan]:
    tracing.close()
    return {span.name: span for span in exporter.get_finished_spans()}


def test_a_request_waits_and_is_computed_in_the_trace_of_its_client(
    tracing: traces.NoTracing, exporter: InMemorySpanExporter
) -> None:
    client = TestClient(application(tracing))
    assert client.post("/v1/extract/x?q=Jane", headers={"traceparent": PARENT}).status_code == 200
    found = spans(tracing, exporter)
    request, queue, model, batch = (
        found[name] for name in ("POST /v1/extract/{name}", "queue", "model", "batch")
    )
    assert request.parent is not None
    assert f"{request.parent.span_id:016x}" == "b7ad6b7169203331"
    for span in (request, queue, model):
        assert f"{span.context.trace_id:032x}" == "0af7651916cd43dd8448eb211c80319c"
    for span in (queue, model):
        assert span.parent is not None
        assert span.parent.span_id == request.context.span_id
    assert batch.context.trace_id != request.context.trace_id
    assert [link.context.span_id for link in batch.links] == [request.context.span_id]
    assert [link.context.span_id for link in model.links] == [batch.context.span_id]
    assert dict(model.attributes or {}) == {
        "spanwise.endpoint": "extract",
        "spanwise.model": "ner",
        "spanwise.version": "v1.2.0",
        "spanwise.documents": 2,
    }
    assert request.attributes is not None
    assert request.attributes["http.response.status_code"] == 200
    assert queue.start_time is not None
    assert model.start_time is not None
    assert queue.start_time <= model.start_time


def test_no_span_holds_what_was_sent(tracing: traces.NoTracing, exporter: InMemorySpanExporter) -> None:
    client = TestClient(application(tracing), raise_server_exceptions=False)
    assert client.post("/v1/extract/fail?name=Jane").status_code == 500
    assert client.get("/Jane/Doe").status_code == 404
    assert client.request("JANE", "/v1/extract/x").status_code == 405
    tracing.close()
    text = "".join(span.to_json() for span in exporter.get_finished_spans())
    assert "jane" not in text.lower()
    found = {span.name: span for span in exporter.get_finished_spans()}
    assert {"POST /v1/extract/{name}", "GET"} <= found.keys()
    failed = found["POST /v1/extract/{name}"]
    assert failed.attributes is not None
    assert failed.attributes["error.type"] == "RuntimeError"
    assert (failed.status.is_ok, failed.status.description, failed.events) == (False, None, ())
    assert found["model"].end_time is not None


def test_an_operation_without_a_request_is_a_batch_alone(
    tracing: traces.NoTracing, exporter: InMemorySpanExporter
) -> None:
    tracing.load(load)("parse", None, threads=1)([Item("warm-up", Options())])
    found = spans(tracing, exporter)
    assert found.keys() == {"batch"}
    assert dict(found["batch"].attributes or {}) == {"spanwise.endpoint": "parse", "spanwise.documents": 1}


def test_nothing_is_traced_unless_a_collector_is_named(
    monkeypatch: pytest.MonkeyPatch, exporter: InMemorySpanExporter
) -> None:
    for name in traces.COLLECTOR:
        monkeypatch.delenv(name, raising=False)
    off = traces.start()
    assert type(off) is traces.NoTracing
    assert TestClient(application(off)).post("/v1/extract/x").status_code == 200
    assert off.load(load) is load
    off.close()
    monkeypatch.setenv("OTEL_SDK_DISABLED", "true")
    assert type(traces.start(exporter=exporter)) is traces.NoTracing


def test_a_collector_is_told_over_the_standard_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
    found = traces.start()
    assert isinstance(found, traces.Tracing)
    found.close()


def test_the_extra_is_named_where_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    with pytest.raises(UserError, match=r"spanwise\[tracing\]"):
        traces.start()
