from __future__ import annotations

from datetime import UTC, datetime

from fastapi import FastAPI
from fastapi.testclient import TestClient

from spanwise.service.contract import Answer, Served
from spanwise.service.observability.metrics import Metrics
from spanwise.service.observability.snapshot import Snapshot
from spanwise.service.observability.usage import Answered, Requests, render_usage, router, tell_usage

NOW = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)


def used() -> Metrics:
    metrics = Metrics()
    served = Served(Answer({}, ("Drug", "Sign"), (0.9, 0.8)), "ner", "v1.2.0")
    metrics.answered(served)
    metrics.answered(Served(served.answer, "ner", "v1.2.0", cached=True, batch=0))
    metrics.batched("extract", 1, 0.02)
    metrics.looked_up("extract", hit=False)
    metrics.looked_up("extract", hit=True)
    metrics.queued("extract", 4)
    for _ in range(98):
        metrics.request("extract", "POST", 200, 0.02, "v1.2.0", key="ward-7")
    metrics.request("extract", "POST", 422, 0.002, "", code="invalid-request", key="ward-7")
    metrics.request("extract", "POST", 503, 4.0, "", code="overloaded", key="lab<script>")
    return metrics


def test_the_metrics_alone_tell_the_usage() -> None:
    found = tell_usage(Snapshot.parse(used().render().decode()), NOW)
    assert (found.requests, found.documents, found.hits) == (Requests(100, 1, 1), 2, 0.5)
    [extract] = found.endpoints
    assert (extract.name, extract.documents, extract.batch, extract.waiting) == ("extract", 2, 1, 4)
    assert extract.p50 is not None
    assert extract.p99 is not None
    assert 0.01 < extract.p50 < 0.025 <= extract.p99 < 5
    assert found.keys == (("other", Requests(1, 0, 1)), ("ward-7", Requests(99, 1, 0)))
    assert found.versions == (Answered("ner", "v1.2.0", documents=2, cached=1, entities=4),)
    assert found.problems == (("extract", "invalid-request", 1), ("extract", "overloaded", 1))


def test_probes_are_no_part_of_the_totals() -> None:
    metrics = used()
    metrics.request("readyz", "GET", 503, 0.001, "", code="not-ready")
    found = tell_usage(Snapshot.parse(metrics.render().decode()), NOW)
    assert found.requests == Requests(100, 1, 1)
    assert [each.name for each in found.endpoints] == ["extract", "readyz"]


def test_a_service_that_nobody_asked_has_a_page_too() -> None:
    page = render_usage(Snapshot([]), NOW, static="static")
    assert "Nothing was asked yet." in page
    assert "Since 2026-01-02 03:04 UTC" in page


def test_the_page_is_served_without_anything_inline() -> None:
    app = FastAPI()
    app.include_router(router(used()))
    response = TestClient(app).get("/usage")
    assert "default-src 'none'" in response.headers["content-security-policy"]
    assert '<tr><th scope="row">ward-7</th><td class="n">99</td>' in response.text
    assert "<style" not in response.text
    assert "style=" not in response.text
    assert "<script" not in response.text
