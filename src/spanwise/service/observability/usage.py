"""The usage page: what was asked since the service was started, by endpoint and by API key."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from fastapi import APIRouter, Response

from spanwise.service.observability.metrics import Metrics
from spanwise.service.observability.snapshot import Histogram, Snapshot
from spanwise.service.pages import HEADERS

TEMPLATE = "usage.html.j2"
ASKED = "spanwise_requests_total"
PROBES = frozenset({"livez", "readyz", "metrics"})
"""Asked by machines every few seconds, and refused while models are loaded: left out of the totals."""


class Requests(NamedTuple):
    """How many requests there were, and how many of them failed.

    Attributes:
        refused: Told that they were wrong, 4xx.
        failed: Not answered, 5xx.
    """

    all: int
    refused: int
    failed: int


@dataclass(frozen=True)
class OfEndpoint:
    """One endpoint; times in seconds, None where there is none."""

    name: str
    requests: Requests
    documents: int
    p50: float | None
    p95: float | None
    p99: float | None
    batch: float | None
    waiting: int


class Answered(NamedTuple):
    """What a version has answered."""

    model: str
    version: str
    documents: int
    cached: int
    entities: int


@dataclass(frozen=True)
class Usage:
    """All of the page.

    Attributes:
        problems: (endpoint, code, number).
        hits: The share of questions to the cache that it could answer; None if it was never asked.
    """

    since: datetime
    now: datetime
    requests: Requests
    documents: int
    hits: float | None
    endpoints: tuple[OfEndpoint, ...]
    keys: tuple[tuple[str, Requests], ...]
    versions: tuple[Answered, ...]
    problems: tuple[tuple[str, str, int], ...]


def router(metrics: Metrics) -> APIRouter:
    """`/usage`, for people; it tells the names of API keys, models and versions."""
    routes = APIRouter(include_in_schema=False)

    # Not async: of many processes all files are read, which takes a while.
    @routes.get("/usage", name="usage")
    def usage() -> Response:
        snapshot = Snapshot.parse(metrics.render().decode())
        page = render_usage(snapshot, datetime.now(UTC), static="static")
        return Response(page, headers={**HEADERS, "Content-Type": "text/html; charset=utf-8"})

    return routes


def tell_usage(snapshot: Snapshot, now: datetime) -> Usage:
    """What the metrics say, and nothing else does."""
    endpoints = tuple(_endpoint(snapshot, name) for name in _endpoints(snapshot))
    versions = _versions(snapshot)
    lookups = snapshot.sums("spanwise_cache_lookups_total", "result")
    asked = sum(lookups.values())
    started = snapshot.sums("spanwise_started_timestamp_seconds").get((), now.timestamp())
    problems = snapshot.sums("spanwise_errors_total", "endpoint", "code")
    return Usage(
        since=datetime.fromtimestamp(started, UTC),
        now=now,
        requests=_total(endpoints),
        documents=sum(each.documents for each in versions),
        hits=lookups.get(("hit",), 0.0) / asked if asked else None,
        endpoints=endpoints,
        keys=_keys(snapshot),
        versions=versions,
        problems=tuple((*key, round(value)) for key, value in problems.items()),  # type: ignore[misc]
    )


def render_usage(snapshot: Snapshot, now: datetime, *, static: str) -> str:
    """The page.

    Args:
        snapshot: Of the metrics.
        now: The time, with its zone.
        static: Where the page finds its style, without the last slash.
    """
    from spanwise.reporting.templating import environment_of

    template = environment_of("spanwise.service.web").get_template(TEMPLATE)
    return template.render(usage=tell_usage(snapshot, now), static=static)


def _endpoints(snapshot: Snapshot) -> Sequence[str]:
    return [key[0] for key in snapshot.sums(ASKED, "endpoint")]


def _endpoint(snapshot: Snapshot, name: str) -> OfEndpoint:
    own = {
        key[1:]: value for key, value in snapshot.sums(ASKED, "endpoint", "status").items() if key[0] == name
    }
    seconds = snapshot.histograms("spanwise_request_duration_seconds", "endpoint").get((name,))
    sizes = snapshot.histograms("spanwise_batch_size", "endpoint").get((name,))
    hits = snapshot.sums("spanwise_cache_lookups_total", "endpoint", "result").get((name, "hit"), 0.0)
    quantile = _quantiles(seconds)
    return OfEndpoint(
        name=name,
        requests=_requests(own),
        documents=round((sizes.total if sizes else 0.0) + hits),
        p50=quantile(0.5),
        p95=quantile(0.95),
        p99=quantile(0.99),
        batch=sizes.total / sizes.number if sizes and sizes.number else None,
        waiting=round(snapshot.sums("spanwise_queue_depth", "endpoint").get((name,), 0.0)),
    )


def _quantiles(found: Histogram | None) -> Callable[[float], float | None]:
    return found.quantile if found else lambda _share: None


def _requests(by_status: dict[tuple[str, ...], float]) -> Requests:
    return Requests(
        round(sum(by_status.values())),
        round(by_status.get(("4xx",), 0.0)),
        round(by_status.get(("5xx",), 0.0)),
    )


def _total(endpoints: Sequence[OfEndpoint]) -> Requests:
    counted = [each.requests for each in endpoints if each.name not in PROBES]
    return Requests(*(sum(each[place] for each in counted) for place in range(3)))


def _keys(snapshot: Snapshot) -> tuple[tuple[str, Requests], ...]:
    found: dict[str, dict[tuple[str, ...], float]] = {}
    for (key, status), value in snapshot.sums("spanwise_key_requests_total", "key", "status").items():
        found.setdefault(key, {})[(status,)] = value
    return tuple((key, _requests(own)) for key, own in found.items())


def _versions(snapshot: Snapshot) -> tuple[Answered, ...]:
    documents = snapshot.sums("spanwise_documents_total", "model", "version")
    cached = snapshot.sums("spanwise_documents_total", "model", "version", "source")
    entities = snapshot.sums("spanwise_entities_total", "model", "version")
    return tuple(
        Answered(
            model,
            version,
            documents=round(number),
            cached=round(cached.get((model, version, "cache"), 0.0)),
            entities=round(entities.get((model, version), 0.0)),
        )
        for (model, version), number in documents.items()
    )
