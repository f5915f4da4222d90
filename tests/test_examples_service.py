"""The examples of clients, against a server that really runs."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, ClassVar

import httpx
import pytest

from examples.service import client as example
from tests.paperwork import column, pdf

FOLDER = Path(__file__).parent.parent / "examples" / "service"
PROGRAM = "import typer; from spanwise.cli.serve import serve; typer.run(serve)"
CV = ["Jane Roe", "Engineer", "jane.roe@example.org", "", "Experience", "Built the billing platform."]


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """A server by rules with one key, and what the examples must know of it."""
    words = [sys.executable, "-c", PROGRAM]
    made = subprocess.run([*words, "--new-key", "tests"], capture_output=True, text=True, check=True)
    key, _, entry = made.stdout.partition("\n")
    keys = tmp_path_factory.mktemp("keys") / "keys.json"
    keys.write_text(entry, encoding="utf-8")
    port = free_port()
    process = subprocess.Popen([*words, "--port", str(port), "--keys", str(keys)], stderr=subprocess.DEVNULL)
    try:
        while not ready(port):
            assert process.poll() is None
            time.sleep(0.1)
        yield {"SPANWISE_URL": f"http://127.0.0.1:{port}", "SPANWISE_KEY": key}
    finally:
        process.terminate()
        assert process.wait(30) == 0


def ready(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=30).status_code == 200
    except httpx.TransportError:
        return False


@pytest.fixture
def cv(tmp_path: Path) -> Path:
    path = tmp_path / "cv of jane.pdf"
    path.write_bytes(pdf(column(CV)))
    return path


def run(words: list[str], env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        words, env={**os.environ, **env}, capture_output=True, text=True, check=False, timeout=60
    )


def curl(script: str, *words: str | Path, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    return run([str(FOLDER / script), *map(str, words)], env)


def test_curl_parses(server: dict[str, str], cv: Path) -> None:
    done = curl("parse.sh", cv, env=server)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["results"][0]["resume"]["basics"]["email"] == "jane.roe@example.org"


def test_curl_anonymises(server: dict[str, str], cv: Path) -> None:
    done = curl("anonymise.sh", cv, "thorough", env=server)
    assert done.returncode == 0, done.stderr
    (found,) = json.loads(done.stdout)["results"]
    assert found["level"] == "thorough"
    assert "jane.roe" not in found["text"]


def test_curl_tells_why_there_is_no_answer(server: dict[str, str]) -> None:
    done = curl("extract.sh", env={**server, "SPANWISE_KEY": "another"})
    assert done.returncode == 22
    assert json.loads(done.stdout)["code"] == "unauthenticated"


@pytest.mark.parametrize("script", ["parse.sh", "anonymise.sh"])
def test_curl_without_a_file_says_how(server: dict[str, str], script: str) -> None:
    assert f"usage: {script} FILE" in curl(script, env=server).stderr


def test_python_asks_about_a_file(
    server: dict[str, str], cv: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    set_variables(monkeypatch, server)
    assert example.main(["anonymise", str(cv), "--option", "level=basic"]) == 0
    assert "jane.roe" not in capsys.readouterr().out


def test_python_asks_about_a_text(
    server: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    set_variables(monkeypatch, server)
    assert example.main(["anonymise", "Write to jane.roe@example.org. " * 40]) == 0
    assert json.loads(capsys.readouterr().out)["fallback"]


def test_python_tells_why_there_is_no_answer(
    server: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    set_variables(monkeypatch, {**server, "SPANWISE_KEY": "another"})
    assert example.main(["parse", "A text."]) == 1
    assert "unauthenticated" in capsys.readouterr().err


def set_variables(monkeypatch: pytest.MonkeyPatch, env: dict[str, str]) -> None:
    for name, value in env.items():
        monkeypatch.setenv(name, value)


# What the client does when the server has no time, against one that is told what to say.


class Scripted(BaseHTTPRequestHandler):
    """Answers with one status after another; 0 closes the connection."""

    left: ClassVar[list[tuple[int, dict[str, str]]]] = []

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        status, headers = self.left.pop(0)
        if not status:
            return
        self.send_response(status)
        for name, value in {**headers, "Content-Length": "2"}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def scripted() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Scripted)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def asked(url: str, *answers: tuple[int, dict[str, str]], attempts: int = 5) -> list[float]:
    """What the client waited for between these answers."""
    waits: list[float] = []
    Scripted.left[:] = answers
    with example.Client(url, attempts=attempts, sleep=waits.append) as client:
        client.texts("extract", ["x"])
    return waits


def test_it_waits_as_long_as_it_is_told(scripted: str) -> None:
    first, second = asked(scripted, (503, {"Retry-After": "7"}), (429, {"Retry-After": "3"}), (200, {}))
    assert 7 <= first <= 8
    assert 3 <= second <= 4


def test_it_waits_longer_each_time_where_it_is_told_nothing(scripted: str) -> None:
    waits = asked(scripted, (503, {}), (0, {}), (503, {}), (200, {}))
    assert len(waits) == 3
    assert all(2**number / 8 <= wait <= 2**number / 4 for number, wait in enumerate(waits, 1))


@pytest.mark.parametrize("answer", [(422, {}), (504, {}), (503, {"Retry-After": "3600"})])
def test_what_will_not_change_is_asked_once(scripted: str, answer: tuple[int, dict[str, str]]) -> None:
    with pytest.raises(example.ProblemError, match=f"http-{answer[0]}"):
        asked(scripted, answer)


def test_it_gives_up_in_the_end(scripted: str) -> None:
    with pytest.raises(example.ProblemError):
        asked(scripted, *[(503, {})] * 3, attempts=3)
    with pytest.raises(httpx.TransportError):
        asked(scripted, *[(0, {})] * 2, attempts=2)
