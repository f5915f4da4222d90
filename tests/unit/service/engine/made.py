"""Operations, registries and engines as small as can be."""

from __future__ import annotations

import asyncio
import hashlib
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from spanwise.deployment import Deployment, Kind, Registered, Stage, Version, write_deployment
from spanwise.errors import UserError
from spanwise.schema import Record
from spanwise.service.contract import (
    Answer,
    Endpoint,
    Item,
    ItemError,
    ModelState,
    Observer,
    Operation,
    Served,
    ServiceError,
)
from spanwise.service.engine import Engine

PATIENCE_S = 60.0  # nothing here takes so long, unless it hangs


class Options(Record):
    """Of no meaning."""

    level: str = "basic"


def item(text: str, **options: str) -> Item:
    return Item(text, Options(**options))


class Model:
    """Says who it is; `poison` fails the batch that it is in, `bad` itself alone.

    It blocks as long as its gate is shut.
    """

    def __init__(self, name: str = "model") -> None:
        self.name = name
        self.batches: list[list[str]] = []
        self.gate = threading.Event()
        self.gate.set()

    def __call__(self, items: Sequence[Item]) -> Sequence[Answer | Exception]:
        texts = [each.text for each in items]
        self.batches.append(texts)
        assert self.gate.wait(PATIENCE_S)
        if "poison" in texts:
            raise ValueError(f"cannot read {texts}")
        return [ItemError("bad") if text == "bad" else self.answer(text) for text in texts]

    def answer(self, text: str) -> Answer:
        return Answer({"by": self.name, "text": text.upper()}, labels=("Sign",), confidences=(0.5,))


class Loads:
    """Loads the models of versions, whose one file says who they are; and rules for some endpoints.

    Attributes:
        made: The models, in the order in which they were loaded.
        gate: Shut, it keeps loading back.
    """

    def __init__(self, rules: Sequence[Endpoint] = ("parse", "anonymise")) -> None:
        self.rules = rules
        self.made: list[Model] = []
        self.gate = threading.Event()
        self.gate.set()

    def __call__(self, endpoint: Endpoint, folder: Path | None, *, threads: int) -> Operation:
        if folder is None:
            if endpoint not in self.rules:
                raise UserError("no rules")
            return Model("rules")
        assert self.gate.wait(PATIENCE_S)
        name = (folder / "model.txt").read_text()
        if name == "unloadable":
            raise UserError("its weights are damaged", path=folder)
        if name == "crashing":
            raise RuntimeError("some words of a patient")
        self.made.append(Model(name))
        return self.made[-1]

    @property
    def names(self) -> list[str]:
        """Who was loaded, rules aside, in that order."""
        return [model.name for model in self.made]


class Watcher(Observer):
    """Remembers what it was told."""

    def __init__(self) -> None:
        self.depths: list[tuple[str, int]] = []
        self.sizes: list[int] = []
        self.looks: list[bool] = []
        self.swaps: list[tuple[str, str]] = []
        self.served: list[Served] = []

    def queued(self, endpoint: Endpoint, depth: int) -> None:
        self.depths.append((endpoint, depth))

    def batched(self, endpoint: Endpoint, size: int, seconds: float) -> None:
        assert seconds >= 0
        self.sizes.append(size)

    def looked_up(self, endpoint: Endpoint, *, hit: bool) -> None:
        self.looks.append(hit)

    def swapped(self, name: str, version: str, seconds: float) -> None:
        assert seconds >= 0
        self.swaps.append((name, version))

    def answered(self, served: Served) -> None:
        self.served.append(served)


class Registry:
    """A folder with a registry and versions, of which each says `<name> <version>` unless told otherwise."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.models: dict[str, Registered] = {}

    def add(self, name: str, *versions: str, kind: Kind = "ner", says: str | None = None) -> None:
        """Deploy versions; the registry says so once it is written."""
        for version in versions:
            folder = self.folder / name / version
            folder.mkdir(parents=True, exist_ok=True)
            content = says or f"{name} {version}"
            (folder / "model.txt").write_text(content)
            known = Version(
                task=name,
                kind=kind,
                model="tiny",
                commit="0" * 40,
                registered=datetime(2026, 1, 1, tzinfo=UTC),
                metrics={"f1": 0.5},
                files={"model.txt": hashlib.sha256(content.encode()).hexdigest()},
            )
            held = self.models.get(name, Registered(versions={}))
            self.models[name] = held.model_copy(update={"versions": held.versions | {version: known}})

    def put(self, name: str, **stages: str | None) -> None:
        """Promote, roll back, or (None) take out of a stage; and write the registry."""
        held = self.models[name]
        found: dict[Stage, str] = dict(held.stages)
        for stage, version in stages.items():
            assert stage in {"prod", "staging"}
            found.pop(stage, None)  # type: ignore[call-overload]
            if version is not None:
                found[stage] = version  # type: ignore[index]
        self.models[name] = held.model_copy(update={"stages": found})
        self.write()

    def alter(self, name: str, version: str, **changes: Any) -> None:
        """Say something else of a version; and write the registry."""
        held = self.models[name]
        altered = held.versions[version].model_copy(update=changes)
        self.models[name] = held.model_copy(update={"versions": held.versions | {version: altered}})
        self.write()

    def write(self) -> None:
        write_deployment(self.folder, Deployment(models=self.models))


@asynccontextmanager
async def running(folder: Path | None = None, **changes: Any) -> AsyncIterator[Engine]:
    """An engine that was started, and is closed behind."""
    settings: dict[str, Any] = {
        "load": Loads(),
        "lanes": 1,
        "threads": 1,
        "queue": 64,
        "window_s": 0.0,
        "max_batch": 8,
        "cache_bytes": 0,
        "observer": Observer(),
        "watch_s": PATIENCE_S,
    }
    engine = Engine(folder, **settings | changes)
    await engine.start()
    try:
        yield engine
    finally:
        await engine.close()


async def ask(
    engine: Engine,
    *texts: str,
    endpoint: Endpoint = "extract",
    version: str | None = None,
    deadline_s: float = PATIENCE_S,
) -> list[Served | ServiceError]:
    """Ask for documents with the same options."""
    return await engine.run(endpoint, [item(text) for text in texts], version=version, deadline_s=deadline_s)


def said(found: Sequence[Served | ServiceError]) -> list[Any]:
    """Who answered, or the reason why nobody did."""
    return [each.answer.value["by"] if isinstance(each, Served) else str(each) for each in found]


def states(models: Sequence[ModelState]) -> list[tuple[str, str, str, tuple[str, ...]]]:
    """What is told of models, rules aside."""
    return [(each.name, each.version, each.state, each.stages) for each in models if each.name != "rules"]


async def until(happened: Callable[[], object]) -> None:
    """Wait for what must happen in a moment, or fail."""
    async with asyncio.timeout(PATIENCE_S):
        while not happened():  # noqa: ASYNC110 - of threads, which set no event of the loop
            await asyncio.sleep(0.001)
