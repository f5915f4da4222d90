"""What a figure was measured on: device, threads, memory."""

from __future__ import annotations

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
