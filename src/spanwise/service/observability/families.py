"""What is exported: each metric's name, labels and buckets."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
SIZES = (1, 2, 4, 8, 16, 32, 64, 128)
CONFIDENCES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98, 0.99, 1.0)
"""Narrow where calibrated confidence is dense and thresholds lie; `drift` bins a test set by them too."""


class Families:
    """The metrics of a service in a registry of their own, so that two services in one process stay apart."""

    def __init__(self) -> None:
        # When a series began says nothing that `started` does not, and is one series more for each.
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry = own = CollectorRegistry()
        self.requests = Counter(
            "spanwise_requests",
            "Requests answered, by the class of their status.",
            ("endpoint", "method", "status", "version"),
            registry=own,
        )
        self.errors = Counter(
            "spanwise_errors", "Problems told to clients, by their code.", ("endpoint", "code"), registry=own
        )
        self.seconds = Histogram(
            "spanwise_request_duration_seconds",
            "From the first byte of a request to the last of its answer.",
            ("endpoint", "method"),
            buckets=SECONDS,
            registry=own,
        )
        self.keys = Counter(
            "spanwise_key_requests",
            "Requests by the name of the API key.",
            ("key", "endpoint", "status"),
            registry=own,
        )
        self.depth = Gauge(
            "spanwise_queue_depth",
            "Documents that wait to be computed.",
            ("endpoint",),
            multiprocess_mode="livesum",
            registry=own,
        )
        self.sizes = Histogram(
            "spanwise_batch_size",
            "Documents computed at once.",
            ("endpoint",),
            buckets=SIZES,
            registry=own,
        )
        self.batch_seconds = Histogram(
            "spanwise_batch_duration_seconds",
            "What computing a batch took.",
            ("endpoint",),
            buckets=SECONDS,
            registry=own,
        )
        self.documents = Counter(
            "spanwise_documents",
            "Documents answered for, by what answered: computed, cache or rules.",
            ("model", "version", "source"),
            registry=own,
        )
        self.lookups = Counter(
            "spanwise_cache_lookups",
            "Questions to the cache of answers.",
            ("endpoint", "result"),
            registry=own,
        )
        self.swaps = Counter(
            "spanwise_swaps",
            "Times that a version took the place of another.",
            ("model", "version"),
            registry=own,
        )
        self.swap_seconds = Histogram(
            "spanwise_swap_duration_seconds",
            "What loading and swapping a version took.",
            ("model",),
            buckets=SECONDS,
            registry=own,
        )
        self.confidence = Histogram(
            "spanwise_confidence",
            "Calibrated confidence of what was found.",
            ("model", "version", "label"),
            buckets=CONFIDENCES,
            registry=own,
        )
        self.entities = Counter(
            "spanwise_entities",
            "What was found, by label.",
            ("model", "version", "label"),
            registry=own,
        )
        self.started = Gauge(
            "spanwise_started_timestamp_seconds",
            "When the first of the processes began to count.",
            multiprocess_mode="min",
            registry=own,
        )
        self.build = Gauge(
            "spanwise_build_info", "Always 1.", ("version", "python"), multiprocess_mode="max", registry=own
        )
