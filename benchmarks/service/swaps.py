"""`swaps`: versions take each other's place under load, and one is rolled back."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, NamedTuple

import typer
from benchmarks.service import figures
from benchmarks.service.client import Connection, Reply, closed_loop, post
from benchmarks.service.deployments import deploy, promote, threshold_of
from benchmarks.service.notes import extractions, read_notes
from benchmarks.service.options import HERE, UNCACHED, Json, Repository, Serve
from benchmarks.service.servers import HOST, spanwise

from spanwise.deployment import read_deployment

VERSIONS = 3
PATIENCE = 60.0
"""Seconds in which a promotion must show."""


class Swap(NamedTuple):
    """When `registry.json` was replaced, in seconds of `time.perf_counter`, and what it names since then."""

    at: float
    version: str


def swaps(
    serve: Serve = None,
    *,
    repository: Repository = HERE,
    clients: Annotated[int, typer.Option(min=1, help="That ask at once.")] = 8,
    number: Annotated[int, typer.Option(min=1, help="Promotions, before the rollback.")] = 20,
    every: Annotated[float, typer.Option(min=0.1, help="Seconds between them.")] = 2,
    json: Json = None,
) -> None:
    """Promote versions in turn under load, and roll the last one back."""
    texts = read_notes(repository / "data" / "splits")
    with TemporaryDirectory(prefix="spanwise-bench-") as scratch:
        deploy(repository, Path(scratch), versions=VERSIONS)
        with spanwise(["--deployed", scratch, *UNCACHED, *(serve or [])]) as running:
            done, replies = asyncio.run(_run(Path(scratch), running.port, texts, clients, number, every))
    settled = [
        settling(swap, following.at, replies) for swap, following in zip(done, [*done[1:], END], strict=True)
    ]
    rows = {
        "promotions and a rollback": f"{number} and 1",
        "requests": figures.summary(replies),
        "failed": sum(each.status != 200 for each in replies),
        "answers of mixed versions": sum(is_mixed(each) for each in replies),
        "versions that answered": sorted({version_of(each) for each in figures.answered(replies)}),
        "promotions, s to the last old answer": f"{max(settled[:-1]):.2f} at most",
        "rollback, s to the last old answer": round(settled[-1], 2),
    }
    figures.show("Versions that take each other's place under load", rows, json)


END = Swap(float("inf"), "")


async def _run(  # noqa: PLR0917 - of one caller
    folder: Path, port: int, texts: list[str], clients: int, number: int, every: float
) -> tuple[list[Swap], list[Reply]]:
    deployment = read_deployment(folder)
    done: list[Swap] = []
    over = False

    async def swapping() -> None:
        nonlocal over
        await asyncio.sleep(every)
        # The last one goes back to what was there before it.
        for turn in [*range(1, number + 1), number - 1]:
            version = f"v1.{turn % VERSIONS}.0"
            promote(folder, deployment, version)
            done.append(Swap(time.perf_counter(), version))
            await _wait_for(port, version)
            await asyncio.sleep(every)
        over = True

    asking = closed_loop(
        HOST, port, extractions(texts), clients=clients, seconds=3600, keep=True, stop=lambda: over
    )
    _, replies = await asyncio.gather(swapping(), asking)
    return done, replies


async def _wait_for(port: int, version: str) -> None:
    """Wait until a version answers: a promotion that is overtaken by the next one would show nothing."""
    connection = Connection(HOST, port, keep=True)
    end = time.perf_counter() + PATIENCE
    while time.perf_counter() < end:
        reply = await connection.send(post("/v1/extract", {"text": f"Which version? {time.time_ns()}"}))
        if reply.status == 200 and version_of(reply) == version:
            connection.close()
            return
        await asyncio.sleep(0.05)
    raise SystemExit(f"{version} does not answer {PATIENCE:g} s after it was promoted")


def version_of(reply: Reply) -> str:
    """Which version says that it has answered."""
    return str(reply.body["version"])


def is_mixed(reply: Reply) -> bool:
    """Whether the version that is named is not the one whose threshold the answer holds."""
    if reply.status != 200:
        return False
    number = int(version_of(reply).split(".")[1])
    return any(each["threshold"] != threshold_of(number) for each in reply.body["results"])


def settling(swap: Swap, until: float, replies: Sequence[Reply]) -> float:
    """Seconds from a swap to when the last request was sent that another version answered."""
    other = [
        each.start - swap.at
        for each in replies
        if swap.at <= each.start < until and each.status == 200 and version_of(each) != swap.version
    ]
    return max(other, default=0.0)
