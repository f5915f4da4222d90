"""`drain`: SIGTERM under load."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
from benchmarks.service import figures
from benchmarks.service.client import LOST, REFUSED, Reply, closed_loop
from benchmarks.service.deployments import deploy
from benchmarks.service.notes import extractions, read_notes
from benchmarks.service.options import HERE, UNCACHED, Json, Repository, Serve
from benchmarks.service.servers import HOST, Running, spanwise, status


def drain(
    serve: Serve = None,
    *,
    repository: Repository = HERE,
    clients: Annotated[int, typer.Option(min=1, help="That ask at once.")] = 16,
    seconds: Annotated[float, typer.Option(min=1, help="Before the signal.")] = 4,
    rounds: Annotated[int, typer.Option(min=1, help="Servers that are ended.")] = 3,
    json: Json = None,
) -> None:
    """End servers under load, and tell what became of every request."""
    texts = read_notes(repository / "data" / "splits")
    rows: dict[str, object] = {}
    with TemporaryDirectory(prefix="spanwise-bench-") as scratch:
        deploy(repository, Path(scratch))
        for number in range(rounds):
            with spanwise(["--deployed", scratch, *UNCACHED, *(serve or [])]) as running:
                told, ready, replies = asyncio.run(_run(running, texts, clients, seconds))
                code = running.process.wait(60)
                took = time.perf_counter() - told
            rows[f"round {number + 1}"] = {
                "exit code": code,
                "seconds to the end": round(took, 2),
                "readyz after the signal": ready,
                **outcome(replies, told),
            }
    figures.show("SIGTERM under load", rows, json)


async def _run(
    running: Running, texts: list[str], clients: int, seconds: float
) -> tuple[float, int, list[Reply]]:
    told, ready = 0.0, 0

    async def end() -> None:
        nonlocal told, ready
        await asyncio.sleep(seconds)
        told = time.perf_counter()
        running.process.send_signal(signal.SIGTERM)
        await asyncio.sleep(0.01)
        ready = await asyncio.to_thread(status, running.port, "/readyz")

    asking = closed_loop(
        HOST,
        running.port,
        extractions(texts),
        clients=clients,
        seconds=3600,
        stop=lambda: running.process.poll() is not None,
    )
    _, replies = await asyncio.gather(end(), asking)
    return told, ready, replies


def outcome(replies: Sequence[Reply], told: float) -> dict[str, object]:
    """Statuses of what was under way when the signal came, and of what came later; what was lost of each."""
    before = [each for each in replies if each.start <= told <= each.start + each.seconds]
    later = [each for each in replies if each.start > told]
    return {
        "under way": figures.statuses(before),
        "lost of these": sum(each.status in {LOST, REFUSED} for each in before),
        "sent later": figures.statuses([each for each in later if each.status != REFUSED]),
    }
