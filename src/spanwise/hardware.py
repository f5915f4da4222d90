"""What a figure is measured on: device, threads, memory, and computing the same twice."""

from __future__ import annotations

import os
import platform
import re
import resource
import sys
import time
from pathlib import Path

from spanwise.schema import Record

# ru_maxrss of a program counts what held the one that started it, too: Linux keeps it across exec.
STATUS = Path("/proc/self/status")
CPUS = Path("/proc/cpuinfo")


class Hardware(Record):
    """The machine behind a figure; results are byte-identical between equal ones only."""

    device: str
    cpu: str
    threads: int


def set_threads(threads: int | None) -> None:
    """Let torch compute on so many CPU threads; None leaves it one per core."""
    import torch

    if threads is not None:
        torch.set_num_threads(threads)


def thread_count(threads: int | None) -> int:
    """So many CPU threads; None is $OMP_NUM_THREADS, as torch reads it, else the cores that may be used."""
    if threads is not None:
        return threads
    asked = os.environ.get("OMP_NUM_THREADS", "")
    if asked.isdecimal() and int(asked):
        return int(asked)
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def cpu_name() -> str:
    """The CPU as the system names it, without torch."""
    stated = CPUS.read_text() if CPUS.exists() else ""
    named = re.search(r"^model name\s*:\s*(.+)$", stated, re.MULTILINE)
    return named[1] if named else platform.processor() or platform.machine()


def be_deterministic() -> None:
    """Let torch compute the same from the same, or warn where the device cannot."""
    import torch

    # What CUDA asks for to be deterministic, https://docs.nvidia.com/cuda/cublas/#results-reproducibility
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    torch.use_deterministic_algorithms(True, warn_only=True)
    # Filling fresh memory would only show what reads it too early, for about a tenth of the time.
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]


def describe() -> Hardware:
    """The device that torch computes on, the CPU and the threads in use."""
    import torch

    device = torch.cuda.get_device_name() if torch.cuda.is_available() else "cpu"
    name = torch.cpu.get_capabilities().get("cpu_name") or platform.machine()
    cpu = f"{name} ({torch.backends.cpu.get_cpu_capability()})"
    return Hardware(device=device, cpu=cpu, threads=torch.get_num_threads())


class Stopwatch:
    """Tells what this process took since it was made."""

    def __init__(self) -> None:
        self._clock, self._processor = time.perf_counter(), time.process_time()

    def figures(self) -> dict[str, float]:
        """`seconds` on the clock, `cpu_seconds` of all threads, and `peak_rss_mb`, the most memory ever."""
        return {
            "seconds": time.perf_counter() - self._clock,
            "cpu_seconds": time.process_time() - self._processor,
            "peak_rss_mb": peak_rss_mb(),
        }


def peak_rss_mb() -> float:
    """The most memory that this process has held, in MB (10^6 bytes)."""
    held = re.search(r"^VmHWM:\s*(\d+) kB$", STATUS.read_text() if STATUS.exists() else "", re.MULTILINE)
    if held:
        return int(held[1]) * 1024 / 1e6
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak * 1024 / 1e6
