"""Asking a service what it runs: the real one, and one that tells something else."""

from __future__ import annotations

import copy
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from spanwise.cli.registry.deploying import _answers
from spanwise.deployment import Deployment, Known, Registered, Version, write_deployment
from spanwise.errors import UserError
from spanwise.package import digests
from spanwise.registry.known import digest_of, folder_digest, know
from spanwise.registry.ledger import Ledger
from spanwise.registry.verification import behind, verify
from spanwise.schema import Labels

FILES = {"config.json": "a" * 64}
ENTITIES = [{"start": 0, "end": 5, "label": "Sign"}]
STATE = {
    "name": "ner", "version": "v1.0.0", "state": "ready", "stages": ["prod"], "digest": folder_digest(FILES),
    "reason": "",
}  # fmt: skip
ANSWER = {"version": "v1.0.0", "results": [{"entities": [{**ENTITIES[0], "confidence": 0.5}]}]}


def deployment(files: dict[str, str] = FILES, known: Known | None = None, stage: str = "prod") -> Deployment:
    version = Version(
        task="notes",
        kind="ner",
        model="tiny",
        commit="c",
        registered=datetime(2026, 1, 1, tzinfo=UTC),
        files=files,
        known=known,
    )
    return Deployment(models={"ner": Registered(versions={"v1.0.0": version}, stages={stage: "v1.0.0"})})  # type: ignore[dict-item]


KNOWN = Known(text="fever", digest=digest_of("ner", {"entities": ENTITIES}))


class Told:
    """A service that says what it is given."""

    def __init__(self, state: Any, answer: Any, status: int = 200) -> None:
        self.state, self.answer, self.status = state, answer, status
        self.asked: list[tuple[str, Any, str | None]] = []


@contextmanager
def telling(told: Told) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            told.asked.append((self.path, json.loads(body) if body else None, self.headers["authorization"]))
            value = {"models": told.state} if self.path == "/v1/models" else told.answer
            data = value if isinstance(value, bytes) else json.dumps(value).encode()
            self.send_response(told.status)
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST  # noqa: N815 - the server asks for these names

        def log_message(self, *_: Any) -> None:
            """Silence."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def differences(state: Any, answer: Any = ANSWER, **options: Any) -> list[str]:
    with telling(Told(state, answer)) as url:
        return list(verify(url, deployment(known=KNOWN), "ner", "prod", **options))


def test_a_service_that_runs_it_differs_in_nothing() -> None:
    told = Told([STATE], ANSWER)
    with telling(told) as url:
        assert list(verify(url + "/", deployment(known=KNOWN), "ner", "prod", key="secret")) == []
    assert told.asked == [
        ("/v1/models", None, "Bearer secret"),
        ("/v1/extract?version=ner%40v1.0.0", {"texts": ["fever"]}, "Bearer secret"),
    ]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"stages": ["staging"]}, "prod should be ner v1.0.0, the service says nothing"),
        ({"digest": "b" * 64}, "ner v1.0.0 has the digest bbbbbbbbbbbb"),
        ({"state": "failed", "reason": "is not whole"}, "ner v1.0.0 is failed: is not whole"),
        ({"state": "loading"}, "ner v1.0.0 is loading: no reason given"),
    ],
)
def test_what_the_service_says_of_it_is_compared(changes: dict[str, Any], reason: str) -> None:
    (found,) = differences([{**STATE, **changes}])
    assert found.startswith(reason)


def test_another_version_in_production_is_told() -> None:
    found = differences([{**STATE, "version": "v0.9.0"}])
    assert found == ["prod should be ner v1.0.0, the service says v0.9.0", "ner v1.0.0 is not loaded"]


def test_another_answer_is_told() -> None:
    answer: dict[str, Any] = copy.deepcopy(ANSWER)
    answer["results"][0]["entities"][0]["label"] = "Drug"
    assert differences([STATE], answer) == [
        "ner v1.0.0 gives another answer to the known text than when it was deployed"
    ]
    assert differences([STATE], {**ANSWER, "version": "v2.0.0"}) == [
        "/v1/extract answered as v2.0.0 and not as v1.0.0"
    ]


@pytest.mark.parametrize("answer", [{"version": "v1.0.0"}, {"version": "v1.0.0", "results": [{}]}])
def test_an_answer_in_another_form_is_told(answer: Any) -> None:
    assert differences([STATE], answer) == ["/v1/extract answers in another form"]


def test_without_a_known_answer_none_is_asked() -> None:
    told = Told([STATE], ANSWER)
    with telling(told) as url:
        assert list(verify(url, deployment(), "ner", "prod")) == []
    assert [path for path, *_ in told.asked] == ["/v1/models"]


def test_a_service_that_does_not_answer_is_told() -> None:
    with (
        telling(Told([STATE], ANSWER, status=401)) as url,
        pytest.raises(UserError, match="/v1/models with 401"),
    ):
        list(verify(url, deployment(), "ner", "prod"))
    with pytest.raises(UserError, match="does not answer"):
        list(verify(url, deployment(), "ner", "prod"))
    with telling(Told([STATE], b"<html>")) as url, pytest.raises(UserError, match="does not answer"):
        list(verify(url, deployment(known=KNOWN), "ner", "prod"))
    with pytest.raises(UserError, match="is no address of a service"):
        list(verify("file:///etc/passwd", deployment(), "ner", "prod"))


def test_what_is_not_deployed_there_is_told() -> None:
    for name, stage in (("pii", "prod"), ("ner", "staging")):
        with pytest.raises(UserError, match=f"no version of {name} is deployed in {stage}"):
            list(verify("http://127.0.0.1:9", deployment(), name, stage))  # type: ignore[arg-type]


def test_a_deployment_behind_the_tags_is_told() -> None:
    from tests.unit.registry.test_ledger import acts

    assert list(behind(acts(("assigned", "v1.0.0")), deployment())) == []
    assert list(behind(acts(("assigned", "v1.1.0")), deployment())) == [
        "the tags put ner v1.1.0 into prod, the deployment has v1.0.0"
    ]
    assert list(behind(Ledger(()), deployment())) == []


@pytest.mark.slow
def test_the_real_service_runs_what_is_deployed(labels: Labels, tmp_path: Path) -> None:
    import uvicorn

    from spanwise.service.http.app import create_app
    from spanwise.service.http.settings import Settings
    from tests.unit.service.http.serving import make_engine
    from tests.unit.service.operations.packages import tagger_package

    folder = tagger_package(tmp_path / "ner" / "v1.0.0", labels)
    known = know(folder, "ner", _answers)
    assert known is not None
    write_deployment(tmp_path, deployment(digests(folder), known))
    app = create_app(Settings(loopback=True, readers=1), make_engine(folder=tmp_path))
    with socket.create_server(("127.0.0.1", 0)) as bound:
        url = f"http://127.0.0.1:{bound.getsockname()[1]}"
        server = uvicorn.Server(uvicorn.Config(app, log_level="critical"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]})
        thread.start()
        try:
            found: list[str] = ["not asked"]
            for _ in range(600):
                try:
                    found = list(verify(url, deployment(digests(folder), known), "ner", "prod"))
                except UserError:
                    found = ["no answer"]
                if not found:
                    break
                time.sleep(0.1)
        finally:
            server.should_exit = True
            thread.join()
    assert found == []
