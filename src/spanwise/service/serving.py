"""A process that serves: it loads before it listens, and lets what it has accepted finish before it ends."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType
from typing import TYPE_CHECKING, Any

import uvicorn
import yaml

from spanwise.deployment import (
    Deployment,
    Registered,
    Version,
    read_deployment,
    version_folder,
    write_deployment,
)
from spanwise.errors import UserError
from spanwise.io import read_record
from spanwise.package import MANIFEST, Manifest
from spanwise.schema import Record
from spanwise.service.contract import ENDPOINTS, Endpoint, Item
from spanwise.service.front import Front, start_worker
from spanwise.service.http.settings import Settings
from spanwise.service.observability import logs, processes
from spanwise.service.operations.options import OPTIONS, GenerateOptions

if TYPE_CHECKING:
    import socket

    from fastapi import FastAPI

    from spanwise.service.engine import Engine

FLUSH = 5
"""Seconds in which answers that are computed must have been read by their clients, at the end."""
LINGER = 0.2
"""Seconds for requests on connections that were accepted last."""
MARGIN = 2.0
"""Seconds that a worker may take beyond both, before it is ended by force."""
KEEP_ALIVE = 75
"""Seconds that a connection without a request is kept: longer than a load balancer keeps its own (60)."""
SAMPLE = "Jane Roe of 12 Example Street called 0171 555 0101: she took aspirin for chest pain."
"""Made up; 555 numbers are nobody's."""
ALONE = "v0.0.0"
"""The version of a package that is served without a registry."""


class Plan(Record):
    """All that a process must know to serve; workers are told it as JSON.

    Attributes:
        settings: Of the HTTP side.
        deployed: The folder of a `registry.json`; None serves by rules alone.
        lanes: Batches that are computed at once.
        threads: Of each of them.
        queue: Documents that may wait.
        window_s: How long a batch may wait for more documents, in seconds.
        max_batch: Documents of a batch.
        cache_bytes: Of results that are kept; 0 keeps none.
        keep: Versions that are loaded wherever they stand, `name@v1.2.0`.
        log_json: Whether logs are JSON lines.
        audit: The file that tells who had what anonymised when; None keeps none.
        feedback: The file that feedback is kept in; None takes none.
    """

    settings: Settings
    deployed: Path | None
    lanes: int
    threads: int
    queue: int
    window_s: float
    max_batch: int
    cache_bytes: int
    keep: tuple[str, ...] = ()
    log_json: bool = False
    audit: Path | None = None
    feedback: Path | None = None


class Server(uvicorn.Server):
    """Uvicorn, which on the first signal lets the engine drain before it closes any connection.

    While it drains it still listens: `/readyz` says 503, and so does whatever else is asked.

    Args:
        config: Of uvicorn.
        engine: What computes the answers.
        drain_s: How long it may take to finish, in seconds.
    """

    def __init__(self, config: uvicorn.Config, engine: Engine, drain_s: float) -> None:
        super().__init__(config)
        self._engine, self._drain_s = engine, drain_s
        self._loop: asyncio.AbstractEventLoop | None = None
        self._draining: asyncio.Task[None] | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Load, then listen."""
        self._loop = asyncio.get_running_loop()
        await super().startup(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002 - of uvicorn
        """Drain; at a second signal, or before it serves, end at once.

        Uvicorn would raise the signal again in the end: here the exit code tells that all went well, 0.
        """
        if self._loop is None or not self.started or self._draining is not None:
            self.should_exit = self.force_exit = True
        else:
            self._loop.call_soon_threadsafe(self._drain)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Accept no further connection, answer what is on its way on those that there are, then close."""
        for server in self.servers:
            server.close()
        await asyncio.sleep(LINGER)
        await super().shutdown(sockets)

    def _drain(self) -> None:
        if self._draining is None:
            self._draining = asyncio.get_running_loop().create_task(self._drained())

    async def _drained(self) -> None:
        # Whoever is answered from now on should ask elsewhere, and not on what is about to close.
        for headers in (self.config.encoded_headers, self.server_state.default_headers):
            headers.append((b"connection", b"close"))
        try:
            await self._engine.drain(self._drain_s)
        finally:
            self.should_exit = True


def serve(plan: Plan, *, host: str, port: int, workers: int) -> bool:
    """Serve until a signal says otherwise.

    Args:
        plan: What.
        host: The address to listen at.
        port: There.
        workers: Processes; several stand behind a `Front`.

    Returns:
        Whether it was able to.

    Raises:
        UserError: If the address is taken, or nothing is deployed there.
    """
    logs.configure(json=plan.log_json)
    if plan.deployed is not None:
        read_deployment(plan.deployed)  # a server whose folder holds no registry would never be ready
    if workers == 1:
        return _run(plan, host=host, port=port)
    with TemporaryDirectory(prefix="spanwise-") as folder:
        processes.share(Path(folder) / "metrics")
        text = plan.model_dump_json()

        async def start(path: Path) -> asyncio.subprocess.Process:
            return await start_worker(text, path)

        longest = plan.settings.drain_s + FLUSH + MARGIN
        front = Front(start, Path(folder), workers=workers, drain_s=longest, gone=processes.worker_gone)
        return asyncio.run(front.serve(host, port))


def work(path: Path) -> bool:
    """Serve at a socket, as one of several workers: by the plan on the first line of standard input.

    The end of standard input is that of the front: then this process ends, too.
    """
    told = open(0, "rb", buffering=0, closefd=False)  # noqa: SIM115 - a buffer's lock would outlive us
    plan = Plan.model_validate_json(told.readline())
    logs.configure(json=plan.log_json)

    def watch() -> None:
        while told.read(1):
            pass
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True).start()
    return _run(plan, uds=str(path))


def assemble(plan: Plan) -> tuple[FastAPI, Engine]:
    """The app of a plan, and its engine; nothing is loaded before the app starts.

    Raises:
        UserError: If keys are missing where they are needed, or their file is damaged.
    """
    from spanwise.service import feedback, pages
    from spanwise.service.engine import Engine
    from spanwise.service.http.app import create_app
    from spanwise.service.observability import traces, usage
    from spanwise.service.observability.audit import Audit
    from spanwise.service.observability.metrics import Metrics
    from spanwise.service.operations import load

    metrics, tracing = Metrics(), traces.start()
    engine = Engine(
        plan.deployed,
        load=tracing.load(load),
        lanes=plan.lanes,
        threads=plan.threads,
        queue=plan.queue,
        window_s=plan.window_s,
        max_batch=plan.max_batch,
        cache_bytes=plan.cache_bytes,
        observer=metrics,
        keep=plan.keep,
        samples=samples(),
    )
    routers = [
        pages.router(),
        usage.router(metrics),
        *([] if plan.feedback is None else [feedback.router(plan.feedback)]),
    ]
    audit = None if plan.audit is None else Audit(plan.audit)
    app = create_app(plan.settings, engine, metrics=metrics, audit=audit, tracing=tracing, routers=routers)
    return app, engine


def samples() -> dict[Endpoint, Item]:
    """A document for each endpoint, so that what is loaded when it is first needed is there before."""
    found = {endpoint: Item(SAMPLE, OPTIONS[endpoint]()) for endpoint in ENDPOINTS}
    return found | {"generate": Item(SAMPLE, GenerateOptions(max_new_tokens=1))}


@contextlib.contextmanager
def deployment_of(package: Path) -> Iterator[Path]:
    """A deployment for as long as it is needed: one package, in production.

    Raises:
        UserError: If the folder is no package.
    """
    manifest = read_record(package / MANIFEST, Manifest)
    try:
        task = yaml.safe_load((package / "params.yaml").read_text(encoding="utf-8"))["task"]
        version = Version(
            task=manifest.task,
            kind=task["kind"],
            model=manifest.model,
            commit=manifest.commit,
            registered=datetime.fromtimestamp(0, UTC),
            files=manifest.files,
        )
        deployment = Deployment(
            models={manifest.task: Registered(versions={ALONE: version}, stages={"prod": ALONE})}
        )
    except (OSError, KeyError, TypeError, ValueError):
        raise UserError("does not tell the kind of its task", path=package / "params.yaml") from None
    with TemporaryDirectory(prefix="spanwise-alone-") as scratch:
        place = version_folder(Path(scratch), manifest.task, ALONE)
        place.parent.mkdir(parents=True)
        place.symlink_to(package.resolve(), target_is_directory=True)
        write_deployment(Path(scratch), deployment)
        yield Path(scratch)


def _run(plan: Plan, **address: Any) -> bool:
    app, engine = assemble(plan)
    config = uvicorn.Config(
        app,
        **address,
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        ws="none",
        timeout_keep_alive=KEEP_ALIVE,
        timeout_graceful_shutdown=FLUSH,
    )
    server = Server(config, engine, plan.settings.drain_s)
    server.run()
    return server.started


if __name__ == "__main__":
    sys.exit(not work(Path(sys.argv[1])))
