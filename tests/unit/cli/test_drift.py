"""`spanwise drift` and `spanwise drift-reference`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import ClassVar

import pytest
import typer
from typer.testing import CliRunner

from spanwise import console
from spanwise.calibration import Calibration
from spanwise.cli.drift import drift, drift_reference
from spanwise.io import write_json, write_jsonl, write_text
from spanwise.service.contract import Answer, Served
from spanwise.service.observability.metrics import Metrics
from tests.unit.service.observability.test_drift import prediction

app = console.app("Drift.")
app.command()(drift)
app.command()(drift_reference)


def served(confidence: float, number: int = 400) -> str:
    metrics = Metrics()
    for _ in range(number):
        metrics.answered(Served(Answer({}, ("Drug",), (confidence,)), "ner", "v1.0.0"))
    return metrics.render().decode()


@pytest.fixture
def tested(tmp_path: Path) -> list[str]:
    """Options that name a test set."""
    write_jsonl(tmp_path / "test.jsonl", [prediction(number, 0.9) for number in range(200)])
    fitted = Calibration(method="identity", feature="minimum", spans=400, backend="torch")
    write_json(tmp_path / "calibration.json", fitted.model_dump(mode="json"))
    return ["--calibration", str(tmp_path / "calibration.json")]


def call(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, arguments)
    assert result.exception is None or isinstance(result.exception, SystemExit | typer.Exit)
    return result.exit_code, result.output


def test_a_scraped_file_is_compared_with_predictions(tmp_path: Path, tested: list[str]) -> None:
    write_text(tmp_path / "now.prom", served(0.9))
    options = ["--metrics", str(tmp_path / "now.prom"), "-o", str(tmp_path / "drift.html"), *tested]
    code, said = call("drift", "--reference", str(tmp_path / "test.jsonl"), *options)
    assert (code, said.splitlines()[0].split(":")[0]) == (0, "ner@v1.0.0")
    assert json.loads((tmp_path / "drift.json").read_text())["verdict"] == "steady"


def test_a_reference_needs_no_texts(tmp_path: Path, tested: list[str]) -> None:
    code, said = call(
        "drift-reference",
        str(tmp_path / "reference.json"),
        "--predictions",
        str(tmp_path / "test.jsonl"),
        *tested,
    )
    assert (code, "400 found in 200 documents, 1 labels" in said) == (0, True)
    assert "SECRET" not in (tmp_path / "reference.json").read_text()
    write_text(tmp_path / "now.prom", served(0.2))
    options = ["--metrics", str(tmp_path / "now.prom"), "-o", str(tmp_path / "drift.html")]
    code, said = call("drift", "--reference", str(tmp_path / "reference.json"), *options)
    assert code == 0
    assert "far off" in said
    assert "Drug: confidence far off (1.00)" in said


def test_only_what_came_later_counts(tmp_path: Path, tested: list[str]) -> None:
    write_text(tmp_path / "then.prom", served(0.2))
    write_text(tmp_path / "both.prom", served(0.9) + served(0.2))
    options = ["--reference", str(tmp_path / "test.jsonl"), "-o", str(tmp_path / "drift.html"), *tested]
    call("drift", "--metrics", str(tmp_path / "both.prom"), "--since", str(tmp_path / "then.prom"), *options)
    assert json.loads((tmp_path / "drift.json").read_text())["entities"]["served"] == 400


class Service(BaseHTTPRequestHandler):
    """Answers with metrics to whom has the key."""

    answer: ClassVar[str] = ""

    def do_GET(self) -> None:
        known = self.headers.get("X-API-Key") == "sesame" and self.path == "/metrics"
        self.send_response(200 if known else 401)
        self.end_headers()
        self.wfile.write(self.answer.encode() if known else b"")

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def service() -> Iterator[str]:
    Service.answer = served(0.9)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_running_services_are_asked_and_added_up(
    tmp_path: Path, tested: list[str], service: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = ["--reference", str(tmp_path / "test.jsonl"), "-o", str(tmp_path / "drift.html"), *tested]
    monkeypatch.delenv("SPANWISE_API_KEY", raising=False)
    code, said = call("drift", "--url", service, *options)
    assert (code, "answers 401" in said, "$SPANWISE_API_KEY" in said) == (1, True, True)
    monkeypatch.setenv("SPANWISE_API_KEY", "sesame")
    code, _ = call("drift", "--url", service, "--url", f"{service}/", *options)
    assert code == 0
    assert json.loads((tmp_path / "drift.json").read_text())["entities"]["served"] == 800


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], "no service to look at"),
        (["--url", "file:///etc/passwd"], "is no address of a service"),
        (["--url", "http://127.0.0.1:9"], "cannot be reached"),
    ],
)
def test_what_is_no_service_is_told(options: list[str], said: str) -> None:
    code, found = call("drift", *options)
    assert (code, said in found) == (1, True)
