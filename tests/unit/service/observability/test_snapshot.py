from __future__ import annotations

import pytest

from spanwise.errors import UserError
from spanwise.service.observability.snapshot import Histogram, Snapshot

TEXT = """\
# TYPE a_total counter
a_total{x="1",y="p"} 2.0
a_total{x="1",y="q"} 3.0
a_total{x="2",y="p"} 4.0
# TYPE s histogram
s_bucket{x="1",le="0.1"} 1.0
s_bucket{x="1",le="1.0"} 4.0
s_bucket{x="1",le="+Inf"} 5.0
s_count{x="1"} 5.0
s_sum{x="1"} 6.5
"""


def test_samples_are_added_up_by_labels() -> None:
    found = Snapshot.parse(TEXT)
    assert found.sums("a_total", "x") == {("1",): 5, ("2",): 4}
    assert found.sums("a_total") == {(): 9}
    assert found.sums("nothing") == {}


def test_the_same_metrics_of_two_machines_are_added() -> None:
    assert Snapshot.parse(TEXT + TEXT).sums("a_total", "y") == {("p",): 12, ("q",): 6}


def test_buckets_are_no_longer_cumulated() -> None:
    found = Snapshot.parse(TEXT).histograms("s", "x")[("1",)]
    assert found == Histogram((0.1, 1.0, float("inf")), (1, 3, 1), 6.5)


@pytest.mark.parametrize(("share", "value"), [(0.1, 0.05), (0.2, 0.1), (0.5, 0.55), (0.8, 1.0), (1.0, 1.0)])
def test_quantiles_are_those_of_prometheus(share: float, value: float) -> None:
    assert Histogram((0.1, 1.0, float("inf")), (1, 3, 1), 6.5).quantile(share) == pytest.approx(value)


def test_nothing_has_no_quantile() -> None:
    assert Histogram((1.0, float("inf")), (0, 0), 0).quantile(0.5) is None


def test_what_was_counted_before_is_taken_off() -> None:
    earlier = Snapshot.parse('# TYPE a_total counter\na_total{x="1",y="p"} 1.0\n')
    assert Snapshot.parse(TEXT).since(earlier).sums("a_total", "x") == {("1",): 4, ("2",): 4}


def test_a_service_that_was_started_anew_is_noticed() -> None:
    with pytest.raises(UserError, match="was higher before"):
        Snapshot.parse(TEXT).since(Snapshot.parse(TEXT + TEXT))


def test_anything_else_is_refused_without_being_quoted() -> None:
    with pytest.raises(UserError, match="not metrics") as caught:
        Snapshot.parse("<html>Jane Doe</html>")
    assert "Jane" not in str(caught.value)
