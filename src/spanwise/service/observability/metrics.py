"""Prometheus metrics of the service: what comes, how long it takes, what fails, what was found.

Labels hold names that the service itself knows, never what a client sent: no text, no file name, no value,
no unknown path. `processes` tells how several of them count together.
"""

from __future__ import annotations

import platform
import time
from collections import Counter
from collections.abc import Collection

from prometheus_client import generate_latest

from spanwise import __version__
from spanwise.service.contract import ENDPOINTS, Endpoint, Observer, Served
from spanwise.service.observability import processes
from spanwise.service.observability.families import Families
from spanwise.service.observability.labels import OTHER, Capped, Known

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

ROUTES = (
    *ENDPOINTS,
    "models",
    "reload",
    "feedback",
    "livez",
    "readyz",
    "metrics",
    "usage",
    "drift",
    "page",
    "openapi",
)
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")

VERSIONS, LABELS, CODES, KEYS, MODELS = 64, 128, 64, 128, 32  # values a label may have


class Metrics(Observer):
    """Counts what the engine and the HTTP layer tell it, and writes it as Prometheus reads it.

    Args:
        endpoints: The names that requests are counted under; any other becomes `other`.
    """

    def __init__(self, endpoints: Collection[str] = ROUTES) -> None:
        self._families = Families()
        self._endpoint, self._method = Known(endpoints), Known(METHODS)
        self._version, self._label = Capped(VERSIONS), Capped(LABELS)
        self._code, self._key, self._model = Capped(CODES), Capped(KEYS), Capped(MODELS)
        self._families.started.set(time.time())
        self._families.build.labels(__version__, platform.python_version()).set(1)

    def request(
        self,
        endpoint: str,
        method: str,
        status: int,
        seconds: float,
        version: str,
        *,
        code: str | None = None,
        key: str | None = None,
    ) -> None:
        """A request was answered.

        Args:
            endpoint: The name of its route; one that is unknown counts as `other`.
            method: Of HTTP.
            status: Of HTTP.
            seconds: From its first byte to the last of its answer.
            version: What answered, as resolved; one that has answered nothing yet counts as `other`.
            code: Of the problem, if it was one.
            key: The name of the API key, if there was one.
        """
        name, verb = self._endpoint(endpoint), self._method(method)
        group = f"{status // 100}xx" if 100 <= status < 600 else OTHER
        self._families.requests.labels(name, verb, group, self._version.seen(version)).inc()
        self._families.seconds.labels(name, verb).observe(seconds)
        if code:
            self._families.errors.labels(name, self._code(code)).inc()
        if key:
            self._families.keys.labels(self._key(key), name, group).inc()

    def queued(self, endpoint: Endpoint, depth: int) -> None:
        """The number of documents that wait has changed."""
        self._families.depth.labels(endpoint).set(depth)

    def batched(self, endpoint: Endpoint, size: int, seconds: float) -> None:
        """A batch was computed."""
        self._families.sizes.labels(endpoint).observe(size)
        self._families.batch_seconds.labels(endpoint).observe(seconds)

    def looked_up(self, endpoint: Endpoint, *, hit: bool) -> None:
        """The cache was asked."""
        self._families.lookups.labels(endpoint, "hit" if hit else "miss").inc()

    def swapped(self, name: str, version: str, seconds: float) -> None:
        """A version took the place of another."""
        model = self._model(name)
        self._families.swaps.labels(model, self._version(version)).inc()
        self._families.swap_seconds.labels(model).observe(seconds)

    def answered(self, served: Served) -> None:
        """A document was answered for."""
        model, version = self._model(served.model), self._version(served.version)
        source = "cache" if served.cached else "rules" if served.fallback else "computed"
        self._families.documents.labels(model, version, source).inc()
        answer = served.answer
        for label, number in Counter(map(self._label, answer.labels)).items():
            self._families.entities.labels(model, version, label).inc(number)
        for label, sure in zip(answer.labels, answer.confidences, strict=False):
            self._families.confidence.labels(model, version, self._label(label)).observe(sure)

    def render(self) -> bytes:
        """All metrics in Prometheus' text format; where there are several processes, of all of them."""
        return generate_latest(processes.registry_of_all() or self._families.registry)
