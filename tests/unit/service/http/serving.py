"""A service to ask: the real application and engine, with rules or with what a test brings."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from spanwise.service.contract import Endpoint, Loader, Observer, Operation
from spanwise.service.engine.engine import Engine
from spanwise.service.http.app import create_app
from spanwise.service.http.settings import Settings
from spanwise.service.operations import load

SETTINGS = Settings(loopback=True, readers=1, deadline_s=60.0)  # what is loaded at first use takes a while
PATIENCE = 1_500
LOCAL = "http://127.0.0.1"
TEXT = "Ada Byron\nada.byron@example.com\n\nExperience\nEngineer, Example Ltd, 2019-03 to 2021-06\n"


def make_engine(loader: Loader = load, folder: Path | None = None, **changes: Any) -> Engine:
    """A small engine."""
    settings: dict[str, Any] = {
        "lanes": 1, "threads": 1, "queue": 64, "window_s": 0.0, "max_batch": 8, "cache_bytes": 1 << 20,
        "observer": Observer(),
    }  # fmt: skip
    return Engine(folder, load=loader, **{**settings, **changes})


def loader_of(operation: Operation) -> Loader:
    """A loader of one operation for every endpoint."""

    def loaded(endpoint: Endpoint, folder: Path | None, *, threads: int) -> Operation:
        return operation

    return loaded


@contextmanager
def serving(
    settings: Settings | None = None, engine: Engine | None = None, *, wait: bool = True, **parts: Any
) -> Iterator[TestClient]:
    """A client of a service that is ready, or of one that is still on its way."""
    app = create_app(settings or SETTINGS, engine or make_engine(), **parts)
    with TestClient(app, base_url=LOCAL, raise_server_exceptions=False) as client:
        for _ in range(PATIENCE if wait else 0):
            if client.get("/readyz").status_code == 200:
                break
            time.sleep(0.02)
        else:
            assert not wait, client.get("/v1/models").text
        yield client
