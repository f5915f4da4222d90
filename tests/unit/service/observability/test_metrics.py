"""Metrics of one process, and of several."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spanwise import __version__
from spanwise.service.contract import RULES, Answer, Served
from spanwise.service.observability.metrics import LABELS, Metrics
from spanwise.service.observability.snapshot import Snapshot

FOUND = Served(Answer({}, ("Drug", "Drug", "Age"), (0.97, 0.4, 1.0)), "ner", "v1.2.0", batch=4)


def read(metrics: Metrics) -> Snapshot:
    return Snapshot.parse(metrics.render().decode())


def test_requests_are_counted_by_endpoint_method_and_class_of_status() -> None:
    metrics = Metrics()
    metrics.answered(FOUND)
    metrics.request("extract", "POST", 200, 0.02, "v1.2.0", key="ward-7")
    metrics.request("extract", "POST", 503, 0.001, "", code="overloaded")
    found = read(metrics)
    assert found.sums("spanwise_requests_total", "endpoint", "method", "status", "version") == {
        ("extract", "POST", "2xx", "v1.2.0"): 1,
        ("extract", "POST", "5xx", "none"): 1,
    }
    assert found.sums("spanwise_errors_total", "endpoint", "code") == {("extract", "overloaded"): 1}
    assert found.sums("spanwise_key_requests_total", "key", "status") == {("ward-7", "2xx"): 1}
    seconds = found.histograms("spanwise_request_duration_seconds", "endpoint")[("extract",)]
    assert seconds.number == 2
    assert seconds.total == pytest.approx(0.021)


def test_what_a_client_sends_is_no_label() -> None:
    metrics = Metrics()
    metrics.request("/v1/Jane Doe", "BREW", 999, 0.1, "v0.0.0-jane", code="Jane Doe", key="jane@example.org")
    text = metrics.render().decode()
    assert "jane" not in text.lower()
    assert "BREW" not in text
    assert 'endpoint="other",method="other",status="other",version="other"' in text


@given(
    st.lists(
        st.tuples(st.text(), st.text(), st.integers(), st.floats(0, 100), st.text(), st.text(), st.text()),
        max_size=5,
    )
)
def test_any_request_can_be_told_and_read_back(
    requests: list[tuple[str, str, int, float, str, str, str]],
) -> None:
    metrics = Metrics()
    for endpoint, method, status, seconds, version, code, key in requests:
        metrics.request(endpoint, method, status, seconds, version, code=code, key=key)
    counted = read(metrics).sums("spanwise_requests_total", "version")
    assert sum(counted.values()) == len(requests)
    assert {version for (version,) in counted} <= {"none", "other"}


def test_labels_and_confidence_of_what_was_found_are_counted() -> None:
    metrics = Metrics()
    metrics.answered(FOUND)
    found = read(metrics)
    assert found.sums("spanwise_entities_total", "model", "version", "label") == {
        ("ner", "v1.2.0", "Age"): 1,
        ("ner", "v1.2.0", "Drug"): 2,
    }
    drug = found.histograms("spanwise_confidence", "label")[("Drug",)]
    assert dict(zip(drug.edges, drug.counts, strict=True)) | {0.4: 1, 0.98: 1} == dict(
        zip(drug.edges, drug.counts, strict=True)
    )
    assert drug.number == 2


def test_documents_are_told_apart_by_what_answered() -> None:
    metrics = Metrics()
    metrics.answered(FOUND)
    metrics.answered(Served(FOUND.answer, "ner", "v1.2.0", cached=True, batch=0))
    metrics.answered(Served(Answer({}, ("PERSON",)), RULES, __version__, fallback=True))
    found = read(metrics)
    assert found.sums("spanwise_documents_total", "model", "source") == {
        ("ner", "cache"): 1,
        ("ner", "computed"): 1,
        ("rules", "rules"): 1,
    }
    assert ("rules", "PERSON") in found.sums("spanwise_entities_total", "model", "label")
    assert ("rules",) not in found.sums("spanwise_confidence_count", "model")


def test_no_model_can_make_labels_without_end() -> None:
    metrics = Metrics()
    metrics.answered(Served(Answer({}, tuple(f"L{n}" for n in range(3 * LABELS))), "ner", "v1.0.0"))
    entities = read(metrics).sums("spanwise_entities_total", "label")
    assert len(entities) == LABELS + 1
    assert entities[("other",)] == 2 * LABELS


def test_the_engine_is_observed() -> None:
    metrics = Metrics()
    metrics.queued("extract", 7)
    metrics.queued("extract", 3)
    metrics.batched("extract", 4, 0.05)
    metrics.looked_up("extract", hit=True)
    metrics.looked_up("extract", hit=False)
    metrics.swapped("ner", "v1.2.0", 0.8)
    found = read(metrics)
    assert found.sums("spanwise_queue_depth", "endpoint") == {("extract",): 3}
    assert found.histograms("spanwise_batch_size", "endpoint")[("extract",)].total == 4
    assert found.sums("spanwise_batch_duration_seconds_count") == {(): 1}
    assert found.sums("spanwise_cache_lookups_total", "result") == {("hit",): 1, ("miss",): 1}
    assert found.sums("spanwise_swaps_total", "model", "version") == {("ner", "v1.2.0"): 1}
    assert found.sums("spanwise_swap_duration_seconds_count", "model") == {("ner",): 1}
    assert found.sums("spanwise_build_info", "version") == {(__version__,): 1}


def test_two_services_in_one_process_count_apart() -> None:
    first, second = Metrics(), Metrics()
    first.queued("parse", 1)
    assert read(second).sums("spanwise_queue_depth") == {}


WORKER = """
import sys
from spanwise.service.contract import Answer, Served
from spanwise.service.observability.metrics import Metrics
metrics = Metrics()
metrics.queued("extract", int(sys.argv[1]))
metrics.request("extract", "POST", 200, 0.01, "")
metrics.answered(Served(Answer({}, ("Drug",), (0.9,)), "ner", "v1.0.0"))
sys.stdin.readline()
"""
SUPERVISOR = """
import os, sys, time
from pathlib import Path
from spanwise.service.observability import processes
folder = Path(sys.argv[1])
(folder / "counter_1.db").write_bytes(b"of yesterday")
processes.share(folder)
import subprocess
workers = [
    subprocess.Popen([sys.executable, sys.argv[2], str(n)], stdin=subprocess.PIPE) for n in (2, 5)
]
from spanwise.service.observability.metrics import Metrics
from spanwise.service.observability.snapshot import Snapshot
metrics = Metrics()
# The last thing that a worker counts.
while Snapshot.parse(metrics.render().decode()).sums("spanwise_confidence_count") != {(): 2.0}:
    time.sleep(0.05)
print(metrics.render().decode(), end="")
print("----")
workers[1].kill()
workers[1].wait()
processes.worker_gone(workers[1].pid)
print(metrics.render().decode(), end="")
workers[0].communicate(b"\\n")
"""


def test_several_processes_count_as_one(tmp_path: Path, root: Path) -> None:
    (tmp_path / "worker.py").write_text(WORKER)
    (tmp_path / "supervisor.py").write_text(SUPERVISOR)
    folder = tmp_path / "metrics"
    folder.mkdir()
    done = subprocess.run(
        [sys.executable, str(tmp_path / "supervisor.py"), str(folder), str(tmp_path / "worker.py")],
        env={**os.environ, "PYTHONPATH": str(root / "src")},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    both, one = (Snapshot.parse(text) for text in done.stdout.split("----\n"))
    assert both.sums("spanwise_queue_depth", "endpoint") == {("extract",): 7}
    assert both.sums("spanwise_build_info") == {(): 1}
    assert one.sums("spanwise_queue_depth", "endpoint") == {("extract",): 2}  # what the dead one had in hand
    for found in (both, one):
        assert found.sums("spanwise_requests_total") == {(): 2}  # what it has counted stays counted
        assert found.sums("spanwise_entities_total", "label") == {("Drug",): 2}
        assert found.sums("spanwise_confidence_count") == {(): 2}
