"""What a service has counted, read back from the text that Prometheus reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from spanwise.errors import UserError

Key = tuple[str, ...]


@dataclass(frozen=True)
class Histogram:
    """How often a value fell between two edges.

    Attributes:
        edges: The upper edge of each bucket, the last being infinite.
        counts: [buckets], not cumulated.
        total: The sum of all values.
    """

    edges: tuple[float, ...]
    counts: tuple[float, ...]
    total: float

    @property
    def number(self) -> float:
        """How many values there were."""
        return sum(self.counts)

    def quantile(self, share: float) -> float | None:
        """The value that a share of them does not exceed; None of nothing.

        Linear inside a bucket, and the last finite edge beyond it, as Prometheus' `histogram_quantile` does.
        """
        rank, below, floor = share * self.number, 0.0, 0.0
        for edge, count in zip(self.edges, self.counts, strict=True):
            if count and below + count >= rank:
                return floor if edge == float("inf") else floor + (edge - floor) * (rank - below) / count
            below, floor = below + count, edge
        return None


class Snapshot:
    """Samples by the name of their series, e.g. `spanwise_requests_total`, and their labels.

    Args:
        samples: (name, labels, value); those of one name and the same labels are added.
    """

    def __init__(self, samples: Sequence[tuple[str, Mapping[str, str], float]]) -> None:
        self._samples: dict[str, dict[frozenset[tuple[str, str]], float]] = {}
        for name, labels, value in samples:
            own = self._samples.setdefault(name, {})
            key = frozenset(labels.items())
            own[key] = own.get(key, 0.0) + value

    @classmethod
    def parse(cls, text: str) -> Snapshot:
        """What a service answers at `/metrics`; of several, one text behind the other.

        Raises:
            UserError: If it is not Prometheus' text format.
        """
        from prometheus_client.parser import text_string_to_metric_families

        try:
            families = list(text_string_to_metric_families(text))
        except (ValueError, IndexError, KeyError):
            raise UserError("not metrics in Prometheus' text format") from None
        return cls([(s.name, s.labels, s.value) for family in families for s in family.samples])

    def since(self, earlier: Snapshot) -> Snapshot:
        """What was counted after an earlier snapshot of the same processes.

        Raises:
            UserError: If something was counted less often, as the service was started anew in between.
        """
        found = []
        for name, own in self._samples.items():
            before = earlier._samples.get(name, {})
            for key, value in own.items():
                change = value - before.get(key, 0.0)
                if change < 0 and name.endswith(("_total", "_bucket", "_count")):
                    raise UserError(
                        f"{name} was higher before", hint="The service was started anew: leave --since away."
                    )
                found.append((name, dict(key), change))
        return Snapshot(found)

    def sums(self, name: str, *by: str) -> dict[Key, float]:
        """The samples of a series added up by the values of some labels, sorted."""
        found: dict[Key, float] = {}
        for key, value in self._samples.get(name, {}).items():
            labels = dict(key)
            own = tuple(labels.get(label, "") for label in by)
            found[own] = found.get(own, 0.0) + value
        return dict(sorted(found.items()))

    def histograms(self, name: str, *by: str) -> dict[Key, Histogram]:
        """The histograms of a metric added up by the values of some labels, sorted."""
        totals = self.sums(f"{name}_sum", *by)
        buckets: dict[Key, dict[float, float]] = {}
        for (*own, edge), value in self.sums(f"{name}_bucket", *by, "le").items():
            buckets.setdefault(tuple(own), {})[float(edge)] = value
        return {
            key: _histogram(cumulated, totals.get(key, 0.0)) for key, cumulated in sorted(buckets.items())
        }


def _histogram(cumulated: Mapping[float, float], total: float) -> Histogram:
    edges = tuple(sorted(cumulated))
    ordered = [cumulated[edge] for edge in edges]
    counts = [high - low for low, high in zip([0.0, *ordered], ordered, strict=False)]
    return Histogram(edges, tuple(counts), total)
