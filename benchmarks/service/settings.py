"""`settings`: `spanwise serve` with several sets of options, in turn."""

from __future__ import annotations

import contextlib
import shlex
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
from benchmarks.service import figures
from benchmarks.service.compare import alternate
from benchmarks.service.deployments import deploy
from benchmarks.service.notes import read_notes
from benchmarks.service.options import HERE, UNCACHED, Json, Repository
from benchmarks.service.servers import spanwise

CHOICES = ("--lanes 2", "--workers 2 --lanes 1", "--lanes 1 --threads 2", "--lanes 1")


def settings(
    choices: Annotated[
        list[str] | None,
        typer.Argument(help="Each a set of options, quoted.", show_default=", ".join(map(repr, CHOICES))),
    ] = None,
    *,
    repository: Repository = HERE,
    clients: Annotated[int, typer.Option(min=1, help="That ask at once.")] = 32,
    seconds: Annotated[float, typer.Option(min=1, help="Of each turn.")] = 10,
    rounds: Annotated[int, typer.Option(min=1, help="Turns of each.")] = 3,
    json: Json = None,
) -> None:
    """Run one server for each set of options, and ask them in turn."""
    texts = read_notes(repository / "data" / "splits")
    names = choices or list(CHOICES)
    with TemporaryDirectory(prefix="spanwise-bench-") as scratch, contextlib.ExitStack() as stack:
        deploy(repository, Path(scratch))
        servers = [
            stack.enter_context(spanwise(["--deployed", scratch, *UNCACHED, *shlex.split(name)]))
            for name in names
        ]
        turns = list(alternate(servers, texts, clients, seconds, rounds))
        sizes = [round(server.resident_mb()) for server in servers]
    rows = {
        name: {
            **figures.summary(*(turn[number] for turn in turns)),
            "rounds": [round(figures.rate(turn[number]), 2) for turn in turns],
            "MB": sizes[number],
        }
        for number, name in enumerate(names)
    }
    figures.show("spanwise serve with several sets of options, in turn", rows, json)
