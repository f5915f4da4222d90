"""Models, probes, life, and what stands in every response."""

from __future__ import annotations

import hashlib
import json
import logging
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest
from fastapi import APIRouter
from starlette.testclient import TestClient

from spanwise.deployment import Deployment, Registered, Version, write_deployment
from spanwise.service import feedback, pages
from spanwise.service.contract import Answer, Item
from spanwise.service.http.app import create_app
from spanwise.service.http.problems import KINDS
from spanwise.service.http.security import HEADERS
from spanwise.service.http.settings import Settings
from spanwise.service.observability.metrics import Metrics
from tests.unit.service.http.serving import LOCAL, TEXT, loader_of, make_engine, serving


def test_probes_answer_while_models_are_loaded_and_while_the_server_drains() -> None:
    release = threading.Event()

    def slow(items: Sequence[Item]) -> Sequence[Answer | Exception]:
        return [Answer({}) for _ in items]

    def loading(*_: object, **__: object) -> object:
        release.wait(30)
        return slow

    engine = make_engine(loading)  # type: ignore[arg-type]
    with serving(engine=engine, wait=False) as client:
        assert client.get("/livez").json() == {"status": "alive"}
        early = client.get("/readyz")
        assert (early.status_code, early.json()["code"]) == (503, "not-ready")
        assert early.headers["Retry-After"]
        release.set()
        while client.get("/readyz").status_code != 200:
            pass
        assert client.portal is not None
        client.portal.call(engine.drain, 1.0)
        assert client.get("/readyz").status_code == 503
        refused = client.post("/v1/parse", json={"text": "x"})
        assert (refused.status_code, refused.json()["code"]) == (503, "draining")
        assert refused.headers["Retry-After"]
        assert client.get("/livez").status_code == 200


def test_a_server_that_cannot_start_is_never_ready(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with serving(engine=make_engine(folder=tmp_path), wait=False) as client:
        for _ in range(20):
            assert client.get("/readyz").status_code == 503
    assert "cannot start" in caplog.text


def version(commit: str) -> Version:
    files = {"package.json": hashlib.sha256(b"{}").hexdigest()}
    known = {"files": files, "task": "cv", "kind": "resume", "model": "tiny", "commit": commit}
    return Version.model_validate({**known, "registered": "2026-01-01T00:00:00Z", "metrics": {"f1": 0.9}})


def test_models_are_listed_and_read_again_by_an_admin(tmp_path: Path) -> None:
    from spanwise.service.http.keys import make_key

    key, digest = make_key()
    versions = {"v1.0.0": version("a"), "v1.1.0": version("b")}
    write_deployment(
        tmp_path, Deployment(models={"cv": Registered(versions=versions, stages={"prod": "v1.0.0"})})
    )
    for name in versions:
        (tmp_path / "cv" / name).mkdir(parents=True)
        (tmp_path / "cv" / name / "package.json").write_text("{}")

    def named(items: Sequence[Item]) -> Sequence[Answer | Exception]:
        return [Answer({"text": "ok"}) for _ in items]

    settings = Settings(loopback=True, readers=1, admin_key=digest)
    engine = make_engine(loader_of(named), tmp_path, watch_s=3600)
    with serving(settings, engine) as client:
        listed = client.get("/v1/models").json()["models"]
        assert ("cv", "v1.0.0", "ready") in [
            (each["name"], each["version"], each["state"]) for each in listed
        ]
        answer = client.post("/v1/parse", json={"text": "x"}).json()
        assert (answer["model"], answer["version"], answer["fallback"]) == ("cv", "v1.0.0", False)
        moved = Registered(versions=versions, stages={"prod": "v1.1.0", "staging": "v1.0.0"})
        write_deployment(tmp_path, Deployment(models={"cv": moved}))
        assert client.post("/v1/models/reload").status_code == 401
        reloaded = client.post("/v1/models/reload", headers={"Authorization": f"Bearer {key}"})
        assert reloaded.status_code == 200
        now = client.post("/v1/parse", json={"text": "x"})
        assert now.headers["X-Model-Version"] == "v1.1.0"
        staged = client.post("/v1/parse", json={"text": "x"}, headers={"X-Model-Version": "staging"})
        assert staged.json()["version"] == "v1.0.0"
        chosen = client.post("/v1/parse?version=cv@v1.0.0", json={"text": "x"})
        assert chosen.json()["version"] == "v1.0.0"


@pytest.fixture
def client() -> TestClient:
    return TestClient(create_app(Settings(loopback=True), make_engine()), base_url=LOCAL)


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [("GET", "/nowhere", 404, "not-found"), ("GET", "/v1/parse", 405, "method-not-allowed")],
)
def test_unknown_paths_and_methods_are_problems(
    client: TestClient, method: str, path: str, status: int, code: str
) -> None:
    response = client.request(method, path)
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert response.json()["type"] == f"urn:spanwise:problem:{code}"
    assert response.headers["Content-Type"] == "application/problem+json"
    assert status != 405 or response.headers["Allow"] == "POST"


def test_every_response_keeps_browsers_careful(client: TestClient) -> None:
    for path in ("/livez", "/nowhere", "/v1/parse"):
        headers = client.get(path).headers
        for name, value in HEADERS.items():
            assert headers[name] == value


def test_a_page_may_say_what_it_loads() -> None:
    app = create_app(Settings(loopback=True), make_engine(), routers=[pages.router()])
    headers = TestClient(app, base_url=LOCAL).get("/").headers
    assert "script-src 'self'" in headers["Content-Security-Policy"]
    assert headers["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize(
    ("told", "kept"), [("abcd-1234", True), ("short", False), ("Ada Byron, London", False), ("x" * 65, False)]
)
def test_a_valid_id_of_a_request_is_kept(client: TestClient, told: str, kept: bool) -> None:
    response = client.get("/nowhere", headers={"X-Request-ID": told})
    assert (response.headers["X-Request-ID"] == told) is kept
    assert response.json()["request_id"] == response.headers["X-Request-ID"]


def test_requests_are_counted_and_logged_by_the_name_of_their_route(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "spanwise")
    metrics = Metrics()
    with serving(metrics=metrics) as client:
        client.post("/v1/parse", json={"text": TEXT})
        client.post("/v1/parse", json={"text": 3})
        client.get("/Ada-Byron")
        rendered = client.get("/metrics")
    assert rendered.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    assert 'endpoint="parse"' in rendered.text
    assert "Byron" not in rendered.text + caplog.text
    fields = [record.fields for record in caplog.records if hasattr(record, "fields")]
    parsed = [each for each in fields if each["endpoint"] == "parse"]
    assert [(each["status"], each["documents"]) for each in parsed] == [(200, 1), (422, 0)]
    assert parsed[0]["bytes"] == len(json.dumps({"text": TEXT}, separators=(",", ":")))
    assert parsed[1]["code"] == "invalid-request"


def test_endpoints_of_others_speak_of_problems_in_the_same_words(tmp_path: Path) -> None:
    broken = APIRouter()

    @broken.get("/broken")
    async def fail() -> None:
        raise KeyError("secret words")

    routers = [feedback.router(tmp_path / "feedback.jsonl"), broken]
    with serving(routers=routers) as client:
        wrong = client.post("/v1/feedback", json={"text": "secret words", "secret": 1})
        assert (wrong.status_code, wrong.json()["code"]) == (422, "invalid-request")
        assert "secret" not in wrong.text
        torn = client.post("/v1/feedback", content=b"{secret", headers={"Content-Type": "application/json"})
        assert (torn.status_code, torn.json()["code"]) == (400, "invalid-json")
        assert "secret" not in torn.text
        failed = client.get("/broken")
        assert (failed.status_code, failed.json()["code"]) == (500, "internal")
        assert "secret" not in failed.text


def test_pages_of_other_origins_may_not_ask_unless_they_are_named() -> None:
    asked = {"Origin": "https://app.example.org", "Access-Control-Request-Method": "POST"}
    closed = TestClient(create_app(Settings(loopback=True), make_engine()), base_url=LOCAL)
    assert "access-control-allow-origin" not in closed.options("/v1/parse", headers=asked).headers
    settings = Settings(loopback=True, origins=("https://app.example.org",))
    opened = TestClient(create_app(settings, make_engine()), base_url=LOCAL)
    allowed = opened.options("/v1/parse", headers=asked)
    assert allowed.headers["access-control-allow-origin"] == "https://app.example.org"
    other = opened.options("/v1/parse", headers={**asked, "Origin": "https://evil.example"})
    assert "access-control-allow-origin" not in other.headers


def test_each_code_is_documented(root: Path) -> None:
    documented = (root / "docs" / "service.md").read_text(encoding="utf-8")
    for code in KINDS:
        assert f"`{code}`" in documented
