"""What a training may run on: this machine, or a card by its data sheet."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path

from spanwise.errors import UserError
from spanwise.schema import Record

MEMORY = Path("/proc/meminfo")
LIMIT = Path("/sys/fs/cgroup/memory.max")  # of a container, as the kernel's cgroup v2 tells it
GB = 1e9
GIB = 2**30 / GB


class Machine(Record):
    """What counts of it: `memory_gb` is free for a training, in GB (10^9 bytes).

    `reserve_gb` is what the process takes beside tensors: a CUDA context or Python with its libraries.
    `slack` is the share of memory that cannot be given out whole. `flops` are the operations a second of
    matrix products in 16 bits (on a CPU: in the precision asked for), and `share` how much of that a training
    comes to.
    """

    name: str
    memory_gb: float
    reserve_gb: float
    slack: float
    flops: float
    share: float
    measured: bool


def _card(name: str, gib: int, teraflops: float) -> Machine:
    """A card of so many GiB; dense bfloat16 products with sums in float32, as its maker's data sheet says.

    Trainings of 7 B models on one card commonly reach 30 to 50 % of that; none was measured here.
    """
    return Machine(
        name=name,
        memory_gb=gib * GIB,
        reserve_gb=0.8,
        slack=0.06,
        flops=teraflops * 1e12,
        share=0.35,
        measured=False,
    )


CARDS = {
    card.name: card
    for card in (
        _card("rtx-3090", 24, 71.0),
        _card("rtx-4090", 24, 165.2),
        _card("l4", 24, 121.0),
        _card("a10", 24, 125.0),
        _card("l40s", 48, 362.0),
        _card("a100-40gb", 40, 312.0),
        _card("a100-80gb", 80, 312.0),
        _card("h100-80gb", 80, 989.4),
        _card("h200", 141, 989.4),
    )
}
"""24 GB and 80 GB cards, and some between and beyond."""

THIS = ("this", "cpu")
CPU_RESERVE = 0.6  # Python, torch and Transformers, loaded
CPU_SHARE = 0.5


def machine(name: str, *, mixed: bool) -> Machine:
    """The machine of this name: a card, `this` for the GPU here or else the CPU, or `cpu`.

    Args:
        name: Of it.
        mixed: Whether matrix products are in 16 bits: what is measured.

    Raises:
        UserError: If no card is called so.
    """
    if name in CARDS:
        return CARDS[name]
    if name not in THIS:
        raise UserError(f"{name} is no machine", hint=f"There are {', '.join([*THIS, *CARDS])}.")
    import torch

    gpu = name == "this" and torch.cuda.is_available()
    if not gpu:
        flops = _measured("cpu", 1024, mixed)
        return Machine(
            name="cpu",
            memory_gb=free_memory() / GB,
            reserve_gb=CPU_RESERVE,
            slack=0.05,
            flops=flops,
            share=CPU_SHARE,
            measured=True,
        )
    free, _ = torch.cuda.mem_get_info()
    return Machine(
        name=torch.cuda.get_device_name(),
        memory_gb=free / GB,
        reserve_gb=0.3,  # the context is there already
        slack=0.06,
        flops=_measured("cuda", 8192, mixed),
        share=0.5,
        measured=True,
    )


def free_memory() -> float:
    """The bytes that this machine can still give to a process."""
    stated = MEMORY.read_text() if MEMORY.exists() else ""
    available = re.search(r"^MemAvailable:\s*(\d+) kB$", stated, re.MULTILINE)
    free = (
        int(available[1]) * 1024.0
        if available
        else float(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    )
    limit = LIMIT.read_text().strip() if LIMIT.exists() else "max"
    return min(free, float(limit)) if limit.isdecimal() else free


def _measured(device: str, size: int, mixed: bool) -> float:
    """Operations a second of a square matrix product: the best of a few."""
    import torch

    dtype = torch.bfloat16 if mixed else torch.float32
    matrix = torch.ones(size, size, device=device, dtype=dtype)
    best = float("inf")
    for _ in range(4):
        start = time.perf_counter()
        (matrix @ matrix)[0, 0].item()
        best = min(best, time.perf_counter() - start)
    return 2.0 * size**3 / best
