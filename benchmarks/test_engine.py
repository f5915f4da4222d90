"""The engine of the service: what it adds to a request, and how lanes and threads share two cores.

    pytest benchmarks/test_engine.py -k "not lanes"      # CPU seconds of 1,000 requests, beside the network
    pytest benchmarks/test_engine.py -k lanes            # seconds of 64 requests for a case note, 32 at once

The latter takes the model of the workspace, in int8, the texts of `data/splits/test.jsonl`, and a machine
that has nothing else to do.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from spanwise.errors import UserError
from spanwise.io import read_jsonl
from spanwise.runtime.predictor import Predictor
from spanwise.schema import Example, Record
from spanwise.service.contract import Answer, Endpoint, Item, Loader, Observer, Operation, QueueFullError
from spanwise.service.engine import Engine

pytestmark = pytest.mark.benchmark(timer=time.process_time, min_rounds=5, warmup=True, warmup_iterations=1)

REQUESTS = 1_000
CLIENTS = 32
NOTES = 64
ROUNDS = 3
ROOT = Path(__file__).parent.parent
MODEL = ROOT / "models" / "learner"
TEXTS = ROOT / "data" / "splits" / "test.jsonl"


class Options(Record):
    """None."""


class Nothing:
    """Answers at once, or once its gate is opened."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.gate.set()

    def __call__(self, items: Sequence[Item]) -> list[Answer | Exception]:
        """The same for each."""
        self.gate.wait()
        return [Answer({"entities": []})] * len(items)


class Tagging:
    """Predicts as `/v1/extract` does."""

    def __init__(self, predictor: Predictor) -> None:
        self.predictor = predictor

    def __call__(self, items: Sequence[Item]) -> list[Answer | Exception]:
        """The number of entities of each."""
        examples = [Example(id="d", text=each.text, target=(), group="d") for each in items]
        return [Answer({"entities": len(each.predicted)}) for each in self.predictor(examples)]


def nothing(endpoint: Endpoint, folder: Path | None, *, threads: int) -> Operation:  # noqa: ARG001
    """Loads what answers at once."""
    return Nothing()


def tagging(endpoint: Endpoint, folder: Path | None, *, threads: int) -> Operation:  # noqa: ARG001
    """Loads the model of the workspace, in place of rules."""
    if endpoint != "parse":
        raise UserError("there is one endpoint here")
    return Tagging(Predictor.load(MODEL, backend="onnx-int8", threads=threads))


@pytest.fixture
def runner() -> Iterator[asyncio.Runner]:
    """An event loop."""
    with asyncio.Runner() as runner:
        yield runner


def engine(load: Loader, **changes: Any) -> Engine:
    """An engine of rules alone."""
    settings: dict[str, Any] = {
        "lanes": 1, "threads": 1, "queue": 256, "window_s": 0.0, "max_batch": 8, "cache_bytes": 0,
    }  # fmt: skip
    return Engine(None, load=load, observer=Observer(), **settings | changes)


async def ask(engine: Engine, texts: Sequence[str], clients: int) -> None:
    """One request for each text, so many at once."""
    waiting = iter(texts)

    async def client() -> None:
        for text in waiting:
            await engine.run("parse", [Item(text, Options())], version=None, deadline_s=60)

    await asyncio.gather(*(client() for _ in range(clients)))


@pytest.mark.parametrize("clients", [1, CLIENTS])
def test_1000_requests(benchmark: BenchmarkFixture, runner: asyncio.Runner, clients: int) -> None:
    """Different ones, from arrival to answer."""
    made = engine(nothing)
    runner.run(made.start())
    rounds = iter(range(1_000_000))

    def asked() -> None:
        number = next(rounds)
        runner.run(ask(made, [f"{number} {count}" for count in range(REQUESTS)], clients))

    benchmark(asked)
    runner.run(made.close())


def test_1000_requests_that_come_again(benchmark: BenchmarkFixture, runner: asyncio.Runner) -> None:
    """Answered from the cache."""
    made = engine(nothing, cache_bytes=1_000_000)
    runner.run(made.start())
    benchmark(lambda: runner.run(ask(made, ["the same"] * REQUESTS, 1)))
    runner.run(made.close())


def test_1000_refusals(benchmark: BenchmarkFixture, runner: asyncio.Runner) -> None:
    """Of an engine that has as much waiting as it may."""
    blocked = Nothing()
    made = engine(lambda *_, **__: blocked, queue=1)

    async def refused() -> None:
        blocked.gate.clear()
        accepted = []
        for _ in range(2):  # one is computed, and then one waits
            accepted.append(asyncio.create_task(ask(made, ["a"], 1)))
            await asyncio.sleep(0.01)
        for number in range(REQUESTS):
            item = Item(str(number), Options())
            with pytest.raises(QueueFullError):
                await made.run("parse", [item], version=None, deadline_s=60)
        blocked.gate.set()
        await asyncio.gather(*accepted)

    runner.run(made.start())
    benchmark(lambda: runner.run(refused()))
    runner.run(made.close())


@pytest.mark.benchmark(timer=time.perf_counter, min_rounds=ROUNDS, max_time=0.0, warmup=False)
@pytest.mark.parametrize("max_batch", [1, 8])
@pytest.mark.parametrize(("lanes", "threads"), [(1, 1), (1, 2), (2, 1), (2, 2)])
def test_lanes(
    benchmark: BenchmarkFixture, runner: asyncio.Runner, lanes: int, threads: int, max_batch: int
) -> None:
    """Case notes, by the model of the workspace."""
    if not (MODEL.is_dir() and TEXTS.is_file()):
        pytest.skip("no model in the workspace: `dvc pull` brings one")
    texts = [example.text for example in read_jsonl(TEXTS, Example)]
    notes = [texts[number % len(texts)] for number in range(NOTES)]
    made = engine(tagging, lanes=lanes, threads=threads, max_batch=max_batch)
    runner.run(made.start())
    runner.run(ask(made, texts, CLIENTS))
    benchmark(lambda: runner.run(ask(made, notes, CLIENTS)))
    runner.run(made.close())
