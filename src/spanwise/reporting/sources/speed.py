"""How fast the model is, and how large."""

from __future__ import annotations

from pydantic import Field

from spanwise.reporting.sources.records import Metrics


class Latency(Metrics):
    """Milliseconds for one batch."""

    p50: float | None = None
    p95: float | None = None
    p99: float | None = None


class Backend(Metrics):
    """The speed and size of one way to run the model; latencies by batch size."""

    latency_ms: dict[int, Latency] = Field(default_factory=dict)
    documents_per_s: float | None = None
    tokens_per_s: float | None = None
    model_mb: float | None = None
    peak_rss_mb: float | None = None
    f1: float | None = None


class Speed(Metrics):
    """`metrics/benchmark.json`."""

    device: str | None = None
    cpu: str | None = None
    threads: int | None = None
    backends: dict[str, Backend]
    hours_per_10k_documents: float | None = None

    @property
    def machine(self) -> str:
        """What did the work: the accelerator, or else the CPU."""
        return self.device if self.device not in (None, "cpu") else self.cpu or "an unnamed CPU"

    @property
    def seconds_per_10k_documents(self) -> float | None:
        """The same time in the unit that can be shown in any size."""
        return None if self.hours_per_10k_documents is None else self.hours_per_10k_documents * 3600
