"""What the tests of trackers share: no settings of the user, MLflow's tables made once, wandb's server."""

from __future__ import annotations

import gc
import gzip
import json
import shutil
import sys
import threading
import warnings
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.trackers import WandbServer

VARIABLES = (
    "DVC_ROOT", "KAGGLE_KERNEL_RUN_TYPE", "MLFLOW_TRACKING_URI", "RANK", "WANDB_API_KEY", "WANDB_BASE_URL",
    "WANDB_CACHE_DIR", "WANDB_DATA_DIR", "WANDB_DIR", "WANDB_ERROR_REPORTING", "WANDB_MODE",
)  # fmt: skip


@pytest.fixture
def without_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """No key, server or mode of the user for trackers; and nothing that one of them sets stays."""
    for name in VARIABLES:
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)


@pytest.fixture
def wandb_anew(without_credentials: None) -> Iterator[None]:
    """A wandb that reads the environment, which it does once, and that leaves no process behind."""
    end_wandb()
    yield
    end_wandb()


def end_wandb() -> None:
    """End wandb's own process, of which it leaves the handle to the garbage collector."""
    if wandb := sys.modules.get("wandb"):
        wandb.teardown()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)
            gc.collect()


@pytest.fixture(scope="session")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An MLflow database without runs: its migrations take seconds, most of them to be safe on disk."""
    from sqlalchemy import event
    from sqlalchemy.engine import Engine

    from spanwise.tracking.mlflow_tracker import connect, local_uri

    def be_quick(connection: Any, _: Any) -> None:
        connection.execute("PRAGMA synchronous = OFF")

    folder = tmp_path_factory.mktemp("tables")
    event.listen(Engine, "connect", be_quick)
    try:
        connect(local_uri(folder), folder).search_experiments()
    finally:
        event.remove(Engine, "connect", be_quick)
    return folder / "mlflow" / "mlflow.db"


@pytest.fixture
def folder(tables: Path, tmp_path: Path) -> Path:
    """A folder for runs, with MLflow's tables in it."""
    folder = tmp_path / ".tracking"
    (folder / "mlflow").mkdir(parents=True)
    shutil.copy(tables, folder / "mlflow" / "mlflow.db")
    return folder


@pytest.fixture
def remote(tables: Path, tmp_path: Path) -> str:
    """The URI of another MLflow database, in place of a server."""
    (tmp_path / "remote").mkdir()
    shutil.copy(tables, tmp_path / "remote" / "mlflow.db")
    return f"sqlite:///{tmp_path / 'remote' / 'mlflow.db'}"


@pytest.fixture
def wandb_server(wandb_anew: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[WandbServer]:
    """A server that takes runs, and a key for it."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            if self.headers.get("content-encoding") == "gzip":
                body = gzip.decompress(body)
            answer = json.dumps(state.answer(self.path, body)).encode()
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        do_GET = do_PUT = do_POST  # noqa: N815 - the server asks for these names

        def log_message(self, *_: Any) -> None:
            """Silence."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        state = WandbServer(f"http://127.0.0.1:{server.server_port}")
        monkeypatch.setenv("WANDB_BASE_URL", state.url)
        monkeypatch.setenv("WANDB_API_KEY", "k" * 40)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        end_wandb()  # it reads the environment once
        yield state
        end_wandb()
        server.shutdown()
        thread.join()
