"""What a benchmark counts, not how fast this machine is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from spanwise.errors import UserError
from spanwise.metrics.spans import micro_f1
from spanwise.runtime.benchmark.backends import (
    Plan,
    benchmark_backends,
    load_per_core,
    measure,
    measure_stored,
    model_mb,
    stored_backends,
)
from spanwise.runtime.benchmark.timing import WARM_UP
from spanwise.schema import Example, Prediction

PLAN = Plan(batch_sizes=[1, 4], documents=8, repeats=2, lengths=[10, 20, 40], samples=50, level=0.9, seed=3)


def test_speed_is_that_of_whole_rounds_and_the_interval_that_of_documents(
    steady: Any, examples: list[Example]
) -> None:
    found = measure(steady, examples[:6], PLAN, clock=steady.clock)
    # A warm-up; two rounds of each size, the whole sample being one; one and two of each length.
    assert steady.calls == [WARM_UP] + [1] * 16 + [4] * 4 + [8] * 2 + [1] * 9
    subwords = [steady.encoder(example.text).subwords for example in examples[:6]]
    tokens = sum((subwords * 2)[:8])
    assert found["documents_per_s"] == pytest.approx(8 / (0.001 * tokens))
    assert found["tokens_per_s"] == pytest.approx(1000)
    assert found["hours_per_10k_documents"] == pytest.approx(10_000 / found["documents_per_s"] / 3600)
    assert found["hours_per_10k_documents_low"] < found["hours_per_10k_documents_high"]
    assert found["latency_ms"]["1"]["timings"] == 16
    assert found["latency_ms"]["1"]["p50"] == pytest.approx(np.median(subwords + subwords[:2]))
    assert set(found["latency_ms"]) == {"1", "4"}
    assert found["length_exponent"] == pytest.approx(1)


def test_nothing_to_time_is_an_error(steady: Any) -> None:
    with pytest.raises(UserError, match="no document"):
        measure(steady, [], PLAN)


def test_a_stored_model_is_scored_and_weighed(stored: Path, examples: list[Example]) -> None:
    seen: list[int] = []

    def count(found: Sequence[Prediction]) -> float:
        seen.append(len(found))
        return 0.25

    threads = torch.get_num_threads()
    found = measure_stored(stored, "torch", examples[:3], PLAN, threads=1, batch_tokens=512, score=count)
    torch.set_num_threads(threads)
    assert seen == [3]
    assert found["f1"] == 0.25
    assert found["model_mb"] == model_mb(stored, "torch")
    assert found["peak_rss_mb"] > found["model_mb"]
    assert ("peak_gpu_mb" in found) == torch.cuda.is_available()


def test_memory_on_a_gpu_is_told(
    stored: Path, examples: list[Example], monkeypatch: pytest.MonkeyPatch
) -> None:
    from spanwise.runtime.benchmark import backends

    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "max_memory_allocated", lambda: 5_000_000)
    assert backends._peak_gpu_mb() == {"peak_gpu_mb": 5.0}


def test_each_backend_has_a_process_of_its_own(stored: Path, examples: list[Example]) -> None:
    held = bytearray(600_000_000)  # by this process, and by none of those
    found = benchmark_backends(
        stored, ["torch"], examples[:3], PLAN, threads=1, batch_tokens=512, score=micro_f1
    )
    assert set(found) == {"torch"}
    assert found["torch"]["peak_rss_mb"] < 1e-6 * len(held) + 100
    assert 0 <= found["torch"]["f1"] <= 1


def test_what_the_folder_holds_is_measured_beside_what_is_wanted(tmp_path: Path) -> None:
    assert stored_backends(tmp_path, ["onnx-int8", "torch"]) == ["onnx-int8", "torch"]
    (tmp_path / "model.safetensors").touch()
    assert stored_backends(tmp_path, ["onnx-int8"]) == ["onnx-int8", "torch"]
    (tmp_path / "onnx").mkdir()
    (tmp_path / "onnx" / "model.onnx").touch()
    (tmp_path / "onnx" / "model.int8.onnx").touch()
    assert stored_backends(tmp_path, ["torch"]) == ["torch", "onnx"]
    assert stored_backends(tmp_path, beside=["onnx-int8"]) == ["onnx-int8"]


def test_the_size_of_a_backend_is_that_of_the_weights_that_it_takes(tmp_path: Path) -> None:
    (tmp_path / "onnx").mkdir()
    for name, megabytes in {
        "model.safetensors": 4,
        "head.safetensors": 1,
        "tokenizer.json": 9,
        "onnx/model.onnx": 2,
        "onnx/model.onnx.data": 16,
        "onnx/model.int8.onnx": 3,
    }.items():
        (tmp_path / name).write_bytes(b"0" * 1_000_000 * megabytes)
    sizes = {name: model_mb(tmp_path, name) for name in ("torch", "torch-bf16", "onnx", "onnx-int8")}
    assert sizes == {"torch": 5, "torch-bf16": 5, "onnx": 19, "onnx-int8": 4}


def test_load_is_told_for_each_core(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.getloadavg", lambda: (3.0, 0.0, 0.0))
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    assert load_per_core() == 1.5
