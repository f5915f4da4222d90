"""Requests and their answers, with the real application, engine and rules."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from spanwise.errors import UserError
from spanwise.service.contract import Answer, DeadlineError, Item, ServiceError
from spanwise.service.http.app import create_app
from spanwise.service.http.settings import Settings
from spanwise.service.observability.audit import Audit
from spanwise.service.operations.examples import EXAMPLES
from spanwise.tasks.pii.secret import VARIABLE
from tests.paperwork import PROSE, column, docx, double_flate_bomb, paragraph, pdf, scan, wrapped, zip_bomb
from tests.unit.service.http.serving import TEXT, loader_of, make_engine, serving

PDF, DOCX = pdf(column(wrapped(PROSE, 60))), docx(paragraph("Ada Byron") + paragraph("ada@example.com"))
ENCRYPTED = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le")


def upload(*files: bytes, kind: str = "application/octet-stream") -> list[tuple[str, tuple[str, bytes, str]]]:
    return [("files", (f"{number}.bin", data, kind)) for number, data in enumerate(files)]


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    with serving() as client:
        yield client


@pytest.mark.parametrize("endpoint", ["parse", "anonymise", "compress"])
def test_rules_answer_where_no_model_is_deployed_and_say_so(client: TestClient, endpoint: Any) -> None:
    text, options = EXAMPLES[endpoint]
    response = client.post(f"/v1/{endpoint}", json={"text": text, **options})
    value = response.json()
    assert response.status_code == 200
    assert (value["model"], value["fallback"]) == ("rules", True)
    assert response.headers["X-Model-Version"] == value["version"]
    assert response.headers["X-Request-ID"] == value["request_id"]
    assert [result["index"] for result in value["results"]] == [0]
    assert value["errors"] == []


@pytest.mark.parametrize("endpoint", ["extract", "generate"])
def test_what_has_no_rules_needs_a_model(client: TestClient, endpoint: str) -> None:
    response = client.post(f"/v1/{endpoint}", json={"text": "x"})
    assert (response.status_code, response.json()["code"]) == (503, "no-model")
    assert int(response.headers["Retry-After"]) >= 1


@pytest.mark.parametrize(("alias", "path"), [("/parse", "/v1/parse"), ("/anonymize", "/v1/anonymise")])
def test_aliases_answer_the_same(client: TestClient, alias: str, path: str) -> None:
    one, other = (client.post(each, json={"text": TEXT}).json()["results"] for each in (alias, path))
    assert [{**each, "cached": None} for each in one] == [{**each, "cached": None} for each in other]


def test_texts_are_answered_in_their_order(client: TestClient) -> None:
    texts = [f"Please note that the number is {number}." for number in range(5)]
    results = client.post("/v1/compress", json={"texts": texts, "rate": 0.9}).json()["results"]
    for number, result in enumerate(results):
        assert result["index"] == number
        assert f"{number}." in result["text"]


@pytest.mark.parametrize("data", [PDF, DOCX, b"Ada Byron\nada@example.com\n"])
def test_files_are_read_whatever_they_are_declared_as(client: TestClient, data: bytes) -> None:
    for declared in ("application/pdf", "image/png"):
        response = client.post("/v1/parse", files=upload(data, kind=declared), data={"with_text": "true"})
        assert response.status_code == 200
        assert response.json()["results"][0]["text"]


@pytest.mark.parametrize(
    ("data", "status", "code"),
    [
        (ENCRYPTED, 422, "encrypted"),
        (b"%PDF-1.4 broken", 422, "corrupt"),
        (b"", 422, "corrupt"),
        (scan(), 422, "no-text"),
        (b"\x89PNG\r\n\x1a\n" + bytes(64), 415, "unsupported-document"),
        (b"word " * 300, 413, "document-too-large"),
        (double_flate_bomb(70), 413, "document-too-large"),
        (zip_bomb(80), 413, "document-too-large"),
    ],
)
def test_documents_that_cannot_be_read_are_told_apart(data: bytes, status: int, code: str) -> None:
    with serving(Settings(loopback=True, readers=1, max_characters=1_000)) as client:
        alone = client.post("/v1/parse", files=upload(data))
        assert (alone.status_code, alone.json()["code"]) == (status, code)
        assert alone.headers["Content-Type"] == "application/problem+json"
        among = client.post("/v1/parse", files=upload(b"Ada Byron", data, b"Ada King"))
        assert among.status_code == 200
        assert [result["index"] for result in among.json()["results"]] == [0, 2]
        assert [(each["index"], each["code"]) for each in among.json()["errors"]] == [(1, code)]


def test_where_no_document_can_be_answered_for_the_first_problem_is_the_answer(client: TestClient) -> None:
    response = client.post("/v1/parse", files=upload(ENCRYPTED, b"%PDF-1.4 broken"))
    assert (response.status_code, response.json()["code"]) == (422, "encrypted")
    assert [(each["index"], each["code"]) for each in response.json()["errors"]] == [
        (0, "encrypted"),
        (1, "corrupt"),
    ]


BAD = [
    (b"", 400, "invalid-json"),
    (b"{", 400, "invalid-json"),
    (b'{"text": "\xff"}', 400, "invalid-json"),
    (b'{"text": "\\ud800"}', 400, "invalid-json"),
    (b"[]", 422, "invalid-request"),
    (b"{}", 422, "invalid-request"),
    (b'{"text": ""}', 422, "invalid-request"),
    (b'{"text": 3}', 422, "invalid-request"),
    (b'{"text": null}', 422, "invalid-request"),
    (b'{"texts": []}', 422, "invalid-request"),
    (b'{"texts": "x"}', 422, "invalid-request"),
    (b'{"text": "x", "texts": ["x"]}', 422, "invalid-request"),
    (b'{"text": "x", "level": "total"}', 422, "invalid-request"),
    (b'{"text": "x", "nobody-knows-this": 1}', 422, "invalid-request"),
    (b'{"text": "' + b"x" * 200_001 + b'"}', 422, "invalid-request"),
    (json.dumps({"texts": ["x"] * 33}).encode(), 422, "invalid-request"),
    (b"[" * 100_000, 400, "invalid-json"),
]


@pytest.mark.parametrize(("body", "status", "code"), BAD, ids=range(len(BAD)))
def test_bodies_that_do_not_fit_are_refused_without_an_echo(
    client: TestClient, body: bytes, status: int, code: str
) -> None:
    headers = {"Content-Type": "application/json; charset=utf-8"}
    response = client.post("/v1/anonymise", content=body, headers=headers)
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert "nobody-knows-this" not in response.text
    assert "total" not in response.text


@pytest.mark.parametrize(
    ("content", "kind", "status", "code"),
    [
        (b"x", "text/plain", 415, "unsupported-media-type"),
        (b"x", "", 415, "unsupported-media-type"),
        (b"x", "multipart/form-data", 400, "invalid-multipart"),
        (b"x", "multipart/form-data; boundary=a", 400, "invalid-multipart"),
        (b'--a\r\nContent-Disposition: form-data; name="level"\r\n\r\nbasic\r\n--a--\r\n',
         "multipart/form-data; boundary=a", 422, "invalid-request"),
        (b'--a\r\nContent-Disposition: form-data; name="files"\r\n\r\nbasic\r\n--a--\r\n',
         "multipart/form-data; boundary=a", 422, "invalid-request"),
    ],
)  # fmt: skip
def test_forms_that_do_not_fit_are_refused(
    client: TestClient, content: bytes, kind: str, status: int, code: str
) -> None:
    response = client.post("/v1/anonymise", content=content, headers={"Content-Type": kind})
    assert (response.status_code, response.json()["code"]) == (status, code)


@pytest.mark.parametrize("data", [{"level": "total"}, {"rate": "0.5"}, {"level": ["basic", "basic"]}])
def test_options_of_forms_that_do_not_fit_are_refused(client: TestClient, data: dict[str, Any]) -> None:
    response = client.post("/v1/anonymise", files=upload(b"Ada Byron"), data=data)
    assert (response.status_code, response.json()["code"]) == (422, "invalid-request")


def test_too_many_files_are_refused(client: TestClient) -> None:
    response = client.post("/v1/parse", files=upload(*[b"x"] * 33))
    assert (response.status_code, response.json()["code"]) == (422, "invalid-request")


@pytest.mark.parametrize(
    ("query", "headers", "status", "code"),
    [
        ("?version=v9.9.9", {}, 404, "no-version"),
        ("", {"X-Model-Version": "ner@v9.9.9"}, 404, "no-version"),
        ("?version=v1.0.0", {"X-Model-Version": "V2"}, 422, "invalid-request"),
        ("?version=V1", {}, 422, "invalid-request"),
        ("?version=", {}, 422, "invalid-request"),
        ("?version=v1.0.0%0A", {}, 422, "invalid-request"),
        (f"?version={'a' * 200}", {}, 422, "invalid-request"),
    ],
)
def test_versions_that_are_not_deployed_or_none_are_refused(
    client: TestClient, query: str, headers: dict[str, str], status: int, code: str
) -> None:
    response = client.post(f"/v1/parse{query}", json={"text": "x"}, headers=headers)
    assert (response.status_code, response.json()["code"]) == (status, code)


def test_a_level_that_needs_a_secret_says_so(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "")
    response = client.post("/v1/anonymise", json={"text": TEXT, "level": "moderate"})
    assert (response.status_code, response.json()["code"]) == (503, "no-key")
    monkeypatch.setenv(VARIABLE, "k" * 40)
    response = client.post("/v1/anonymise", json={"text": TEXT, "level": "moderate"})
    assert response.status_code == 200
    assert "Byron" not in response.text


def test_what_is_anonymised_is_written_down_without_a_text(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    with serving(audit=Audit(path)) as client:
        client.post("/v1/anonymise", json={"text": TEXT}, headers={"X-Request-ID": "request-1"})
        client.post("/v1/parse", json={"text": TEXT})
    [line] = map(json.loads, path.read_text().splitlines())
    assert (line["request"], line["level"]) == ("request-1", "basic")
    assert line["version"].startswith("rules@")


def test_nothing_is_handed_out_that_cannot_be_written_down(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with serving(audit=Audit(tmp_path / "file" / "audit.jsonl")) as client:
        response = client.post("/v1/anonymise", json={"text": TEXT})
    assert (response.status_code, response.json()["code"]) == (500, "internal")


def test_a_document_that_fails_does_not_take_others_along() -> None:
    def failing(items: Sequence[Item]) -> Sequence[Answer | Exception]:
        faults = {"user": UserError("a reason"), "bug": KeyError("secret words"), "late": DeadlineError()}
        return [faults.get(item.text, Answer({"text": "ok"})) for item in items]

    with serving(engine=make_engine(loader_of(failing))) as client:
        value = client.post("/v1/compress", json={"texts": ["fine", "user", "late", "bug"]}).json()
        assert [result["index"] for result in value["results"]] == [0]
        assert [(each["index"], each["status"]) for each in value["errors"]][:2] == [(1, 422), (2, 504)]
        assert "secret words" not in str(value)
        alone = client.post("/v1/compress", json={"text": "late"})
        assert (alone.status_code, alone.json()["code"]) == (504, "deadline-exceeded")


def test_what_waits_longer_than_its_deadline_is_given_up() -> None:
    release = threading.Event()

    def slow(items: Sequence[Item]) -> Sequence[Answer | Exception]:
        release.wait(30)
        return [Answer({}) for _ in items]

    settings = Settings(loopback=True, readers=1, deadline_s=0.2, drain_s=0.1)
    with serving(settings, make_engine(loader_of(slow))) as client:
        response = client.post("/v1/compress", json={"text": "x"})
        release.set()
    assert (response.status_code, response.json()["code"]) == (504, "deadline-exceeded")


def test_files_that_wait_for_a_reader_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    from spanwise.documents import ReadDocument
    from spanwise.service.http import uploads

    release = threading.Event()

    def slow(data: bytes, **_: Any) -> ReadDocument:
        if data != b"Ready.":
            release.wait(30)
        return ReadDocument(status="ok", text="x")

    monkeypatch.setattr(uploads, "read_document", slow)
    settings = Settings(loopback=True, readers=1, reading_queue=1, deadline_s=1.0)
    with serving(settings) as client:
        late = client.post("/v1/parse", files=upload(b"1", b"2"))
        assert (late.status_code, late.json()["code"]) == (504, "deadline-exceeded")
        held = client.post("/v1/parse", files=upload(b"3", b"4"))
        assert (held.status_code, held.json()["code"]) == (503, "overloaded")
        assert held.headers["Retry-After"] == "1"
        release.set()


def test_work_is_given_up_when_the_client_is_gone() -> None:
    given_up = asyncio.Event()
    body = json.dumps({"text": "x"}).encode()
    messages: list[Any] = []

    async def main() -> None:
        engine = make_engine()

        async def waiting(*_: Any, **__: Any) -> list[Any]:
            try:
                await asyncio.sleep(30)
            except asyncio.CancelledError:
                given_up.set()
                raise
            return []

        engine.run = waiting  # type: ignore[method-assign]
        app = create_app(Settings(loopback=True), engine)
        told = iter([{"type": "http.request", "body": body}, {"type": "http.disconnect"}])

        async def receive() -> Any:
            await asyncio.sleep(0.01)
            return next(told)

        async def send(message: Any) -> None:
            messages.append(message)

        scope = {
            "type": "http", "method": "POST", "path": "/v1/parse", "query_string": b"", "http_version": "1.1",
            "headers": [(b"host", b"127.0.0.1"), (b"content-type", b"application/json")],
        }  # fmt: skip
        await asyncio.wait_for(app(scope, receive, send), 5)

    asyncio.run(main())
    assert given_up.is_set()
    assert messages[0]["status"] == 499


def test_a_fault_of_the_server_is_told_without_its_words(caplog: pytest.LogCaptureFixture) -> None:
    engine = make_engine()

    async def failing(*_: Any, **__: Any) -> list[Any]:
        raise KeyError("secret words")

    engine.run = failing  # type: ignore[method-assign]
    with serving(engine=engine) as client:
        response = client.post("/v1/parse", json={"text": "x"})
    assert (response.status_code, response.json()["code"]) == (500, "internal")
    assert "secret words" not in response.text + caplog.text
    assert "KeyError" in caplog.text


def test_an_unknown_failure_of_the_engine_is_the_servers() -> None:
    class Strange(ServiceError):
        code = "strange"

    engine = make_engine()

    async def failing(*_: Any, **__: Any) -> list[Any]:
        raise Strange

    engine.run = failing  # type: ignore[method-assign]
    with serving(engine=engine) as client:
        assert client.post("/v1/parse", json={"text": "x"}).json()["code"] == "internal"
