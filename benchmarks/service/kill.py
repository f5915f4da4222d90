"""`kill`: workers that are ended with signal 9 under load."""

from __future__ import annotations

import asyncio
import socket
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import psutil
import typer
from benchmarks.service import figures
from benchmarks.service.client import LOST, REFUSED, Reply, closed_loop
from benchmarks.service.deployments import deploy
from benchmarks.service.notes import extractions, read_notes
from benchmarks.service.options import HERE, UNCACHED, Json, Repository, Serve
from benchmarks.service.servers import HOST, STARTS, Running, spanwise

WORKER = "spanwise.service.serving"
"""What the command line of a worker holds."""


def kill(
    serve: Serve = None,
    *,
    repository: Repository = HERE,
    workers: Annotated[int, typer.Option(min=2, help="Processes.")] = 2,
    clients: Annotated[int, typer.Option(min=1, help="That ask at once.")] = 16,
    number: Annotated[int, typer.Option(min=1, help="How often one is killed.")] = 5,
    json: Json = None,
) -> None:
    """Kill workers, one when the one before is back, and tell what clients saw."""
    texts = read_notes(repository / "data" / "splits")
    with TemporaryDirectory(prefix="spanwise-bench-") as scratch:
        deploy(repository, Path(scratch))
        options = ["--deployed", scratch, "--workers", str(workers), *UNCACHED, *(serve or [])]
        with spanwise(options) as running:
            back, replies = asyncio.run(_run(running, texts, clients, workers, number))
    rows = {
        "workers killed": len(back),
        "seconds until another is ready": back,
        "requests": figures.summary(replies),
        "connections closed without an answer": sum(each.status == LOST for each in replies),
        "connections refused": sum(each.status == REFUSED for each in replies),
        "answered 503": sum(each.status == 503 for each in replies),
    }
    figures.show("Workers ended by signal 9 under load", rows, json)


async def _run(
    running: Running, texts: list[str], clients: int, workers: int, number: int
) -> tuple[list[float], list[Reply]]:
    back: list[float] = []
    over = False

    async def killing() -> None:
        nonlocal over
        await asyncio.to_thread(wait_for_workers, running, workers)
        for _ in range(number):
            await asyncio.sleep(2)
            victim = ready_workers(running)[0]
            victim.kill()
            start = time.perf_counter()
            await asyncio.to_thread(wait_for_workers, running, workers, victim.pid)
            back.append(round(time.perf_counter() - start, 2))
        await asyncio.sleep(2)
        over = True

    asking = closed_loop(
        HOST, running.port, extractions(texts), clients=clients, seconds=3600, stop=lambda: over
    )
    _, replies = await asyncio.gather(killing(), asking)
    return back, replies


def ready_workers(running: Running) -> list[psutil.Process]:
    """The workers that are ready."""
    return [each for each in running.family()[1:] if _serves(each)]


def _serves(process: psutil.Process) -> bool:
    try:
        if not any(WORKER in word for word in process.cmdline()):
            return False
        listening = {str(each.laddr) for each in process.net_connections("unix")}
        return any(_is_ready(path) for path in listening if path.endswith(".socket"))
    except psutil.NoSuchProcess:
        return False


def _is_ready(path: str) -> bool:
    with socket.socket(socket.AF_UNIX) as asking:
        asking.settimeout(5)
        try:
            asking.connect(path)
            asking.sendall(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            return asking.recv(64).startswith(b"HTTP/1.1 200")
        except OSError:
            return False


def wait_for_workers(running: Running, workers: int, gone: int = 0) -> None:
    """Wait until so many are ready, none of which is `gone`."""
    end = time.monotonic() + STARTS
    while time.monotonic() < end:
        if len([each for each in ready_workers(running) if each.pid != gone]) == workers:
            return
        time.sleep(0.1)
    raise SystemExit(f"the workers were not back within {STARTS:g} s")
