"""What a figure is measured on: device, threads, memory, and computing the same twice."""

from __future__ import annotations

import os
import platform
import resource
import sys

from spanwise.schema import Record


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


def peak_rss_mb() -> float:
    """The most memory that this process has held, in MB (10^6 bytes)."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak * 1024 / 1e6
