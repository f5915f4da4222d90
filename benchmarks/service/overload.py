"""`overload`: more than can be computed. What is taken must be answered, and the rest refused at once."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
from benchmarks.service import figures
from benchmarks.service.client import Reply, open_loop
from benchmarks.service.compare import turn
from benchmarks.service.deployments import deploy
from benchmarks.service.notes import extractions, read_notes
from benchmarks.service.options import HERE, UNCACHED, Json, Repository, Serve
from benchmarks.service.servers import HOST, spanwise

SHED = {429, 503}
AT_ONCE = 0.020
"""Seconds within which a request must be refused."""


def overload(
    serve: Serve = None,
    *,
    repository: Repository = HERE,
    clients: Annotated[int, typer.Option(min=1, help="That ask at once, for the capacity.")] = 32,
    times: Annotated[float, typer.Option(min=1, help="Of the capacity.")] = 4,
    seconds: Annotated[float, typer.Option(min=1, help="Of each part.")] = 20,
    json: Json = None,
) -> None:
    """Measure the capacity, then send so many times as many requests at even intervals."""
    texts = read_notes(repository / "data" / "splits")
    with TemporaryDirectory(prefix="spanwise-bench-") as scratch:
        deploy(repository, Path(scratch))
        with spanwise(["--deployed", scratch, *UNCACHED, *(serve or [])]) as running:
            turn(running, texts, clients, 3, first=10_000_000)
            full = turn(running, texts, clients, seconds)
            capacity = figures.rate(full)
            requests = extractions(texts, first=1_000_000)
            rate = times * capacity
            replies = asyncio.run(open_loop(HOST, running.port, requests, rate=rate, seconds=seconds))
    shed = [each for each in replies if each.status in SHED]
    rows = {
        "capacity": figures.summary(full),
        "offered, requests/s": round(rate, 2),
        "overload": figures.summary(replies),
        "goodput, share of the capacity": round(figures.rate(replies) / capacity, 3),
        "refused": figures.latencies(shed),
        "refused within 20 ms, share": share_within(shed, AT_ONCE),
        "5xx but 503": sum(each.status >= 500 and each.status not in SHED for each in replies),
    }
    figures.show(f"{times:g} times as many requests as can be computed", rows, json)


def share_within(replies: Sequence[Reply], seconds: float) -> float:
    """The share of replies that came within so long; 1 of none."""
    return round(sum(each.seconds <= seconds for each in replies) / len(replies), 4) if replies else 1.0
