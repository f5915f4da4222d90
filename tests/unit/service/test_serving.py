"""Processes that serve: what they load, and how they end."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, cast

import httpx
import psutil
import pytest
import uvicorn
from fastapi import FastAPI

from spanwise.deployment import read_deployment, version_folder
from spanwise.errors import UserError
from spanwise.io import write_json
from spanwise.package import MANIFEST, Manifest
from spanwise.service.contract import ENDPOINTS
from spanwise.service.http.settings import Settings
from spanwise.service.operations.options import OPTIONS
from spanwise.service.serving import ALONE, Plan, Server, assemble, deployment_of, samples, serve

PROGRAM = "import typer; from spanwise.cli.serve import serve; typer.run(serve)"


def plan(**more: Any) -> Plan:
    known: dict[str, Any] = {
        "settings": Settings(loopback=True, drain_s=5),
        "deployed": None,
        "lanes": 1,
        "threads": 1,
        "queue": 8,
        "window_s": 0.0,
        "max_batch": 4,
        "cache_bytes": 0,
    }
    return Plan(**{**known, **more})


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


class SlowEngine:
    """Drains when it is told that all is done."""

    def __init__(self) -> None:
        self.draining, self.done = asyncio.Event(), asyncio.Event()

    async def drain(self, timeout_s: float) -> None:
        self.draining.set()
        await asyncio.wait_for(self.done.wait(), timeout_s)


def run(test: Callable[[Server, SlowEngine, httpx.AsyncClient], Awaitable[None]]) -> Server:
    """A test beside a running server, whose only path answers when the engine drains."""

    async def within() -> Server:
        engine, app, port = SlowEngine(), FastAPI(), free_port()

        @app.get("/waits")
        async def waits() -> dict[str, bool]:
            await engine.draining.wait()
            return {}

        @app.get("/quick")
        async def quick() -> dict[str, bool]:
            return {}

        config = uvicorn.Config(
            app, host="127.0.0.1", port=port, log_config=None, timeout_graceful_shutdown=5
        )
        server = Server(config, cast("Any", engine), 5)
        serving = asyncio.create_task(server.serve())
        while not server.started:  # noqa: ASYNC110 - uvicorn tells no one
            await asyncio.sleep(0.01)
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=10) as client:
            await asyncio.gather(test(server, engine, client), serving)
        return server

    return asyncio.run(within())


def test_what_is_under_way_is_answered_after_the_signal_and_new_requests_too_while_it_drains() -> None:
    async def test(_server: Server, engine: SlowEngine, client: httpx.AsyncClient) -> None:
        waiting = asyncio.create_task(client.get("/waits"))
        assert "connection" not in (await client.get("/quick")).headers
        os.kill(os.getpid(), signal.SIGTERM)
        await engine.draining.wait()
        late = await client.get("/quick")
        assert (late.status_code, late.headers["connection"]) == (200, "close")
        assert (await waiting).status_code == 200
        engine.done.set()

    assert not run(test).force_exit


def test_a_second_signal_ends_at_once() -> None:
    async def test(_server: Server, engine: SlowEngine, _client: httpx.AsyncClient) -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        await engine.draining.wait()
        os.kill(os.getpid(), signal.SIGINT)

    assert run(test).force_exit


def test_an_engine_that_does_not_finish_keeps_no_process_alive() -> None:
    async def test(server: Server, _engine: SlowEngine, _client: httpx.AsyncClient) -> None:
        server._drain_s = 0.05
        os.kill(os.getpid(), signal.SIGTERM)

    assert run(test).should_exit


def test_a_plan_survives_the_pipe(tmp_path: Path) -> None:
    settings = Settings(keys=tmp_path / "keys.json", origins=("https://a.example",), drain_s=3.5)
    told = plan(settings=settings, deployed=tmp_path, keep=("ner@v1.0.0",), audit=tmp_path / "audit")
    assert Plan.model_validate_json(told.model_dump_json()) == told


def test_each_endpoint_has_a_sample_of_its_own_options() -> None:
    found = samples()
    assert set(found) == set(ENDPOINTS)
    assert all(isinstance(found[endpoint].options, OPTIONS[endpoint]) for endpoint in ENDPOINTS)


def test_feedback_is_taken_where_a_store_is_named_alone(tmp_path: Path) -> None:
    paths = [set(assemble(plan(feedback=store))[0].openapi()["paths"]) for store in (None, tmp_path)]
    assert "/v1/feedback" not in paths[0]
    assert paths[1] - paths[0] == {"/v1/feedback"}


def test_a_folder_without_a_registry_is_an_error_before_anything_listens(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="holds no registry"):
        serve(plan(deployed=tmp_path), host="127.0.0.1", port=free_port(), workers=1)


@pytest.fixture
def package(tmp_path: Path) -> Path:
    folder = tmp_path / "package"
    folder.mkdir()
    (folder / "params.yaml").write_text("task:\n  kind: ner\n", encoding="utf-8")
    manifest = Manifest(spanwise="0", task="notes", model="tiny", commit="0", dirty=False, files={})
    write_json(folder / MANIFEST, manifest.model_dump())
    return folder


def test_a_package_alone_is_in_production(package: Path) -> None:
    with deployment_of(package) as folder:
        deployed = read_deployment(folder).models["notes"]
        assert deployed.stages == {"prod": ALONE}
        assert deployed.versions[ALONE].kind == "ner"
        assert version_folder(folder, "notes", ALONE).samefile(package)
    assert not folder.exists()
    assert package.is_dir()


@pytest.mark.parametrize("settings", ["task: {}\n", "task:\n  kind: poetry\n", "[]\n", None])
def test_a_package_that_tells_no_kind_is_refused(package: Path, settings: str | None) -> None:
    path = package / "params.yaml"
    path.unlink() if settings is None else path.write_text(settings, encoding="utf-8")
    with pytest.raises(UserError, match="kind of its task"), deployment_of(package):
        pass


# Whole servers, as processes.


@contextlib.contextmanager
def started(*options: str) -> Iterator[tuple[subprocess.Popen[bytes], httpx.Client]]:
    port = free_port()
    words = [sys.executable, "-c", PROGRAM, "--port", str(port), *options]
    process = subprocess.Popen(words, stderr=subprocess.DEVNULL)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
            while not ready(client):
                assert process.poll() is None
                time.sleep(0.1)
            yield process, client
    finally:
        process.kill()
        process.wait()


def ready(client: httpx.Client) -> bool:
    try:
        return client.get("/readyz").status_code == 200
    except httpx.TransportError:
        return False


def test_served_int8_needs_no_torch_and_no_registry_tools() -> None:
    code = """
import sys
from pathlib import Path
from spanwise.service.http.settings import Settings
from spanwise.service.operations.extract import Extract
from spanwise.service.serving import Plan, assemble
known = dict(lanes=1, threads=1, queue=1, window_s=0, max_batch=1, cache_bytes=0)
assemble(Plan(settings=Settings(loopback=True), deployed=None, **known))
print(sorted({"torch", "transformers", "dvc", "gto", "git"} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.slow
@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_server_ends_with_0_when_it_is_told_to(workers: str) -> None:
    with started("--workers", workers) as (process, client):
        assert client.post("/v1/anonymise", json={"text": "Nobody."}).status_code == 200
        figures = client.get("/metrics").text
        assert re.search(r'spanwise_requests_total\{[^}]*endpoint="anonymise"[^}]*\} 1.0', figures)
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0


@pytest.mark.slow
def test_a_killed_worker_is_replaced_and_the_others_go_on() -> None:
    with started("--workers", "2") as (process, client):
        front = psutil.Process(process.pid)
        killed = front.children()[0]
        killed.kill()
        assert {client.get("/v1/models").status_code for _ in range(20)} <= {200, 503}
        while len({each.pid for each in front.children()} - {killed.pid}) < 2:
            time.sleep(0.1)
        assert client.get("/v1/models").status_code == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0


@pytest.mark.slow
def test_workers_end_when_the_front_is_killed() -> None:
    with started("--workers", "2") as (process, _client):
        workers = psutil.Process(process.pid).children()
        process.kill()
        gone, alive = psutil.wait_procs(workers, timeout=30)
        assert (len(gone), alive) == (2, [])
