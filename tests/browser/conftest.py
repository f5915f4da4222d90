"""The service as it is, rules and a made-up model, behind a real server; and a real browser."""

from __future__ import annotations

import hashlib
import re
import shutil
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from spanwise.deployment import Deployment, Registered, Version, version_folder, write_deployment
from spanwise.io import write_text
from spanwise.service.contract import Answer, Endpoint, Item, Operation
from spanwise.service.operations import load

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

WORDS = re.compile(r"(?P<Drug>aspirin|dobutamine)|(?P<Sign>fever|<script>|\U0001f600)")


def find_words(items: Sequence[Item]) -> list[Answer | Exception]:
    """As `operations.extract`, by a list of words."""
    return [_found(item.text) for item in items]


def _found(text: str) -> Answer:
    entities = [
        {
            "start": match.start(),
            "end": match.end(),
            "label": match.lastgroup,
            "text": match[0],
            "tier": "high",
            "confidence": 0.5 if match.lastgroup == "Sign" else 0.98,
            "auto_accept": match.lastgroup != "Sign",
        }
        for match in WORDS.finditer(text)
    ]
    return Answer({"characters": len(text), "threshold": 0.9, "entities": entities, "text": text})


def load_tested(endpoint: Endpoint, folder: Path | None, *, threads: int) -> Operation:
    """The operations of the service, and `find_words` in the place of a model."""
    return find_words if folder is not None else load(endpoint, folder, threads=threads)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Of a running service, without API keys."""
    with running(tmp_path_factory.mktemp("deployed")) as found:
        yield found


class running:  # noqa: N801 - reads as a function
    """A service on loopback, while it is entered.

    Args:
        folder: What is deployed is written there.
        settings: Of the service, by name.
    """

    def __init__(self, folder: Path, **settings: Any) -> None:
        uvicorn = pytest.importorskip("uvicorn")
        from spanwise.service.engine.engine import Engine
        from spanwise.service.http.app import create_app
        from spanwise.service.http.settings import Settings
        from spanwise.service.observability.metrics import Metrics
        from spanwise.service.observability.usage import router as usage
        from spanwise.service.pages import router as pages

        _deploy(folder)
        metrics = Metrics()
        engine = Engine(
            folder,
            load=load_tested,
            lanes=1,
            threads=1,
            queue=64,
            window_s=0.0,
            max_batch=8,
            cache_bytes=0,
            observer=metrics,
        )
        known = {"loopback": True, "readers": 1, "deadline_s": 60.0, **settings}
        app = create_app(Settings(**known), engine, metrics=metrics, routers=[pages(), usage(metrics)])
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="on"))
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._socket]})

    def __enter__(self) -> str:
        import httpx

        self._thread.start()
        address = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        until = time.monotonic() + 60
        while time.monotonic() < until:
            try:
                if httpx.get(f"{address}/readyz").status_code == 200:
                    return address
            except httpx.TransportError:
                pass
            time.sleep(0.05)
        raise TimeoutError("the service is not ready")

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join()
        self._socket.close()


def _deploy(folder: Path) -> None:
    content = "aspirin\n"
    version = Version(
        task="ner",
        kind="ner",
        model="words",
        commit="0" * 40,
        registered=datetime(2026, 1, 1, tzinfo=UTC),
        files={"words.txt": hashlib.sha256(content.encode()).hexdigest()},
    )
    known = Registered(
        versions={"v1.0.0": version, "v1.1.0": version}, stages={"prod": "v1.1.0", "staging": "v1.0.0"}
    )
    for name in known.versions:
        write_text(version_folder(folder, "ner", name) / "words.txt", content)
    write_deployment(folder, Deployment(models={"ner": known}))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium without a window."""
    playwright = pytest.importorskip("playwright.sync_api")
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("no Chromium")
    with playwright.sync_playwright() as started:
        found = started.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield found
        found.close()


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """The page of the service, on which nothing may fail unseen."""
    context = browser.new_context(viewport={"width": 1200, "height": 900})
    found = context.new_page()
    faults: list[str] = []
    found.on("pageerror", lambda error: faults.append(str(error)))
    found.on("console", lambda said: faults.append(said.text) if "Security Policy" in said.text else None)
    found.goto(address)
    yield found
    context.close()
    assert not faults
