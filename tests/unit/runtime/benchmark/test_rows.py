from __future__ import annotations

from spanwise.runtime.benchmark.rows import latency_rows, length_rows, throughput_rows

BACKENDS = {
    "onnx": {
        "latency_ms": {"1": {"p50": 2.0, "p95": 3.0}, "8": {"p50": 8.0}},
        "lengths": {"64": {"subwords": 63, "ms": 1.5}},
    },
    "torch": {"latency_ms": {"1": {"p50": 5.0}}, "lengths": {}},
}


def test_latency_is_the_median_of_each_batch_size_and_backend() -> None:
    assert list(latency_rows(BACKENDS)) == [(1, 2.0, "onnx"), (8, 8.0, "onnx"), (1, 5.0, "torch")]


def test_throughput_counts_the_documents_of_a_batch() -> None:
    assert list(throughput_rows(BACKENDS)) == [(1, 500.0, "onnx"), (8, 1000.0, "onnx"), (1, 200.0, "torch")]


def test_lengths_are_the_subwords_that_there_are() -> None:
    assert list(length_rows(BACKENDS)) == [(63, 1.5, "onnx")]
