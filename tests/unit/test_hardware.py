"""What a figure was measured on."""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from spanwise import hardware


def test_threads_are_set_and_told() -> None:
    before = torch.get_num_threads()
    try:
        hardware.set_threads(2)
        assert hardware.describe().threads == 2
        hardware.set_threads(None)
        assert hardware.describe().threads == 2
    finally:
        torch.set_num_threads(before)


def test_the_cpu_has_a_name() -> None:
    assert hardware.describe().cpu


def test_a_gpu_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda: "Some GPU")
    assert hardware.describe().device == "Some GPU"


@pytest.mark.parametrize(("platform", "megabytes"), [("linux", 2.048), ("darwin", 0.002)])
def test_peak_memory_is_in_megabytes_on_every_system(
    platform: str, megabytes: float, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("sys.platform", platform)
    monkeypatch.setattr(hardware, "STATUS", tmp_path / "none")
    monkeypatch.setattr(resource, "getrusage", lambda _: SimpleNamespace(ru_maxrss=2000))
    assert hardware.peak_rss_mb() == pytest.approx(megabytes)


@pytest.mark.skipif(not hardware.STATUS.exists(), reason="only Linux keeps it across exec")
def test_peak_memory_leaves_out_the_program_that_started_this_one() -> None:
    held = bytearray(400_000_000)
    script = "from spanwise import hardware; print(hardware.peak_rss_mb())"
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert 0 < float(told.stdout) < len(held) / 1e6


@pytest.mark.parametrize(("stated", "expected"), [("3", 3), ("0", None), ("many", None), ("", None)])
def test_threads_are_as_asked_else_as_the_environment_says_else_one_a_core(
    stated: str, expected: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", stated)
    assert hardware.thread_count(5) == 5
    monkeypatch.setattr("os.sched_getaffinity", lambda _: {0, 2, 3, 7})
    assert hardware.thread_count(None) == (expected or 4)
    monkeypatch.delattr("os.sched_getaffinity")
    monkeypatch.setattr("os.cpu_count", lambda: 6)
    assert hardware.thread_count(None) == (expected or 6)


def test_the_cpu_is_named_without_torch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hardware, "CPUS", tmp_path / "cpuinfo")
    assert hardware.cpu_name()
    (tmp_path / "cpuinfo").write_text("processor\t: 0\nmodel name\t: Some CPU @ 3 GHz\nmodel name\t: other\n")
    assert hardware.cpu_name() == "Some CPU @ 3 GHz"


def test_a_stopwatch_tells_time_processor_and_memory() -> None:
    watch = hardware.Stopwatch()
    first = watch.figures()
    sum(range(200_000))
    second = watch.figures()
    assert set(first) == {"seconds", "cpu_seconds", "peak_rss_mb"}
    assert 0 <= first["seconds"] < second["seconds"]
    assert 0 <= first["cpu_seconds"] < second["cpu_seconds"]
    assert first["peak_rss_mb"] > 1
