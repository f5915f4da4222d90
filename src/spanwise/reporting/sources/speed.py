"""How fast the model is, how large, and how it stands beside Hugging Face's pipeline."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import Field

from spanwise.reporting.sources.records import Metrics


class Latency(Metrics):
    """Milliseconds for one batch, and of how many batches."""

    p50: float | None = None
    p95: float | None = None
    p99: float | None = None
    timings: int | None = None


class Lasting(Metrics):
    """The time for 10,000 documents, extrapolated, with its interval."""

    hours_per_10k_documents: float | None = None
    hours_per_10k_documents_low: float | None = None
    hours_per_10k_documents_high: float | None = None

    @property
    def seconds_per_10k_documents(self) -> float | None:
        """The same time in the unit that can be shown in any size."""
        return _seconds(self.hours_per_10k_documents)

    @property
    def seconds_bounds(self) -> tuple[float | None, float | None]:
        """Its interval in the same unit."""
        return _seconds(self.hours_per_10k_documents_low), _seconds(self.hours_per_10k_documents_high)


class Backend(Lasting):
    """The speed and size of one way to run the model; latencies by batch size.

    Its quality is an `f1` where the model finds spans. Where it writes, it is what the references cost it, in
    nats a token, and the share of its answers that are the `same` as those of the main backend.
    """

    latency_ms: dict[int, Latency] = Field(default_factory=dict)
    documents_per_s: float | None = None
    tokens_per_s: float | None = None
    length_exponent: float | None = None
    model_mb: float | None = None
    peak_rss_mb: float | None = None
    peak_gpu_mb: float | None = None
    f1: float | None = None
    loss: float | None = None
    perplexity: float | None = None
    same: float | None = None


class Called(Metrics):
    """One setting of the pipeline, and how many times as fast the model is."""

    window: int | None = None
    stride: int | None = None
    batch_size: int | None = None
    precision: str | None = None
    documents_per_s: float | None = None
    speedup: float | None = None
    speedup_low: float | None = None
    speedup_high: float | None = None


class Truncating(Called):
    """The pipeline as it is by itself, and what it leaves unread."""

    documents_truncated: int = 0
    tokens: int = 0
    tokens_dropped: int = 0
    entities: int = 0
    entities_dropped: int = 0


class Own(Metrics):
    """A backend of the model in the same rounds, against the quickest setting that reads every token."""

    documents_per_s: float | None = None
    speedup: float | None = None
    speedup_low: float | None = None
    speedup_high: float | None = None


class Peer(Metrics):
    """The pipeline and the model, run in turn on the same documents."""

    name: str
    version: str
    documents: int
    rounds: int
    backend: str
    speedup_batch1: float | None = None
    speedup_batch1_low: float | None = None
    speedup_batch1_high: float | None = None
    speedup_best: float | None = None
    speedup_best_low: float | None = None
    speedup_best_high: float | None = None
    quickest: Called
    bfloat16: Called
    truncating: Truncating
    ours: dict[str, Own] = Field(default_factory=dict)
    tokens_dropped_by_us: int | None = None

    def settings(self) -> Iterator[tuple[str, Called]]:
        """The settings of the pipeline that are shown, each with what it is."""
        yield "quickest that reads every token", self.quickest
        yield "with weights in bfloat16", self.bfloat16
        yield "as it is by itself, truncating", self.truncating


class Speed(Lasting):
    """`metrics/benchmark.json`; the time for 10,000 documents is that of the backend the settings name."""

    device: str | None = None
    cpu: str | None = None
    threads: int | None = None
    load_per_core: float | None = None
    backend: str | None = None
    backends: dict[str, Backend]
    timed_documents: int | None = None
    peer: Peer | None = None

    @property
    def machine(self) -> str:
        """What did the work: the accelerator, or else the CPU."""
        return self.device if self.device not in (None, "cpu") else self.cpu or "an unnamed CPU"

    @property
    def quickest(self) -> str | None:
        """The backend with the most documents a second."""
        rates = {name: each.documents_per_s for name, each in self.backends.items()}
        known = {name: rate for name, rate in rates.items() if rate is not None}
        return max(known, key=lambda name: known[name]) if known else None


def _seconds(hours: float | None) -> float | None:
    return None if hours is None else hours * 3600
