"""`compare`: requests a second, beside a naive service at its fastest setting."""

from __future__ import annotations

import asyncio
import statistics
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import typer
from benchmarks.service import figures
from benchmarks.service.client import Reply, closed_loop
from benchmarks.service.deployments import deploy
from benchmarks.service.notes import extractions, read_notes
from benchmarks.service.options import HERE, UNCACHED, Json, Repository, Serve
from benchmarks.service.servers import HOST, Running, naive, spanwise

CHOICES: dict[str, tuple[str, ...]] = {
    "precision": ("float32", "bfloat16"),
    "threads": ("1", "2"),
    "workers": ("1", "2"),
    "calls": ("40", "2", "1"),
    "batch": ("1", "8"),
}
"""What the naive service may be given; the first of each is where the search begins."""

Setting = dict[str, str]


def compare(
    serve: Serve = None,
    *,
    repository: Repository = HERE,
    clients: Annotated[int, typer.Option(min=1, help="That ask at once.")] = 32,
    seconds: Annotated[float, typer.Option(min=1, help="Of each turn.")] = 15,
    rounds: Annotated[int, typer.Option(min=1, help="Turns of each.")] = 2,
    search: Annotated[float, typer.Option(min=1, help="Seconds of each setting of the naive one.")] = 6,
    json: Json = None,
) -> None:
    """One case note a request, both services in turn; no two notes are alike, and the cache is off."""
    texts = read_notes(repository / "data" / "splits")
    model = repository / "models" / "learner"
    with TemporaryDirectory(prefix="spanwise-bench-") as scratch:
        deploy(repository, Path(scratch))
        setting, tried = fastest(model, texts, clients, search)
        options = ["--deployed", scratch, *UNCACHED, *(serve or [])]
        with spanwise(options) as ours, naive(model, words(setting)) as theirs:
            turns = list(alternate([ours, theirs], texts, clients, seconds, rounds))
    rows = {
        "clients": clients,
        "seconds of a turn, rounds": [seconds, rounds],
        "spanwise serve": figures.summary(*(turn[0] for turn in turns)),
        "naive": figures.summary(*(turn[1] for turn in turns)),
        "naive, fastest setting": setting,
        "times as many requests/s": ratio(turns),
        "naive, requests/s by setting": tried,
    }
    figures.show("A case note a request, spanwise serve and a naive service in turn", rows, json)


def fastest(
    model: Path, texts: list[str], clients: int, seconds: float
) -> tuple[Setting, Mapping[str, float]]:
    """The naive service's best setting, one choice after another, and what each gave."""
    best = {name: values[0] for name, values in CHOICES.items()}
    tried: dict[str, float] = {}
    for name, values in CHOICES.items():
        rates = {}
        for value in values:
            setting = {**best, name: value}
            key = " ".join(setting.values())
            if key not in tried:
                tried[key] = measured(model, setting, texts, clients, seconds)
                typer.echo(f"naive {setting}: {tried[key]:.2f}/s", err=True)
            rates[value] = tried[key]
        best[name] = max(rates, key=lambda value: rates[value])
    return best, tried


def measured(model: Path, setting: Setting, texts: list[str], clients: int, seconds: float) -> float:
    """Requests a second of the naive service with a setting."""
    with naive(model, words(setting)) as running:
        return round(figures.rate(turn(running, texts, clients, seconds)), 2)


def words(setting: Setting) -> list[str]:
    """A setting as options."""
    return [word for name, value in setting.items() for word in (f"--{name}", value)]


def alternate(
    servers: Sequence[Running], texts: list[str], clients: int, seconds: float, rounds: int
) -> Iterator[list[list[Reply]]]:
    """The replies of each server, round by round, after a short turn of each that is not counted."""
    for server in servers:
        turn(server, texts, clients, min(seconds, 3), first=10_000_000)
    for number in range(rounds):
        yield [turn(each, texts, clients, seconds, first=number * 1_000_000) for each in servers]


def turn(running: Running, texts: list[str], clients: int, seconds: float, first: int = 0) -> list[Reply]:
    """What a server replies to so many clients for so long."""
    requests = extractions(texts, first=first)
    return asyncio.run(closed_loop(HOST, running.port, requests, clients=clients, seconds=seconds))


def ratio(turns: Sequence[Sequence[Sequence[Reply]]]) -> dict[str, Any]:
    """Of the rates of each round: the median, the least and the greatest."""
    ratios = [figures.rate(ours) / figures.rate(theirs) for ours, theirs in turns]
    return {
        "median": round(statistics.median(ratios), 2),
        "least": round(min(ratios), 2),
        "greatest": round(max(ratios), 2),
    }
