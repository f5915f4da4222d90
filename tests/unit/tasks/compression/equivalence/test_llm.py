"""The contract with an OpenAI-compatible server, held against a stub on this machine."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from spanwise.errors import UserError
from spanwise.tasks.compression.equivalence.llm import KEY, LlmJudge, Price, kappa
from tests.extras import needs

pytestmark = needs("openai")

YES = {"equivalent": True, "score": 0.9, "reason": "same"}
NO = {"equivalent": False, "score": 0.2, "reason": "a number is gone"}
PRICE = Price(prompt=2.0, completion=10.0)


class Stub:
    """A server that keeps what it is asked and answers as it is told."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.reply: Callable[[dict[str, str]], tuple[int, Any]] = lambda texts: (
            200,
            completion(json.dumps(YES)),
        )

    def handler(self) -> type[BaseHTTPRequestHandler]:
        stub = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                stub.asked.append(asked)
                status, body = stub.reply(json.loads(asked["messages"][1]["content"]))
                data = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *args: Any) -> None:
                pass

        return Handler


def completion(content: str | None) -> dict[str, Any]:
    message = {"role": "assistant", "content": content}
    return {
        "id": "x",
        "object": "chat.completion",
        "created": 1,
        "model": "m",
        "choices": [{"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}],
        "usage": {"prompt_tokens": 100_000, "completion_tokens": 10_000, "total_tokens": 110_000},
    }


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Stub, str]]:
    monkeypatch.setenv(KEY, "made-up-key")
    made = Stub()
    server = ThreadingHTTPServer(("127.0.0.1", 0), made.handler())
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield made, f"http://127.0.0.1:{server.server_address[1]}/v1"
    server.shutdown()
    thread.join()
    server.server_close()


def test_both_orders_are_asked_and_priced(stub: tuple[Stub, str]) -> None:
    server, url = stub
    judge = LlmJudge(url, "m", PRICE)
    said = judge("Open the lid.", "Open lid.")
    assert (said.equivalent, said.agrees, said.score, said.cached) == (True, True, 0.9, 0)
    shown = [json.loads(asked["messages"][1]["content"]) for asked in server.asked]
    assert shown == [
        {"one": "Open the lid.", "other": "Open lid."},
        {"one": "Open lid.", "other": "Open the lid."},
    ]
    assert said.cost == judge.spent == pytest.approx(0.6)


def test_a_verdict_that_depends_on_the_order_is_no_acceptance(stub: tuple[Stub, str]) -> None:
    server, url = stub
    server.reply = lambda texts: (200, completion(json.dumps(YES if texts["one"] == "a" else NO)))
    said = LlmJudge(url, "m", PRICE)("a", "b")
    assert (said.equivalent, said.agrees) == (False, False)
    assert said.score == pytest.approx(0.55)
    assert said.reasons == ("same", "a number is gone")


def test_answers_are_cached_and_cost_nothing_again(stub: tuple[Stub, str], tmp_path: Path) -> None:
    server, url = stub
    LlmJudge(url, "m", PRICE, cache=tmp_path)("a", "b")
    again = LlmJudge(url, "m", PRICE, cache=tmp_path, budget=0.0)
    assert (again("a", "b").cached, again.spent) == (2, 0)
    assert len(server.asked) == 2
    with pytest.raises(UserError, match="budget of 0 is spent"):
        again("a", "c")
    assert len(server.asked) == 2


@pytest.mark.parametrize("content", [None, "yes", '{"equivalent": true}', '{"equivalent": true, "score": 7}'])
def test_another_answer_is_told_without_text(stub: tuple[Stub, str], content: str | None) -> None:
    server, url = stub
    server.reply = lambda texts: (200, completion(content))
    with pytest.raises(UserError, match="not the JSON") as caught:
        LlmJudge(url, "m", PRICE)("secret text", "text")
    assert "secret" not in str(caught.value)


def test_a_failing_server_is_told_without_text(stub: tuple[Stub, str]) -> None:
    server, url = stub
    server.reply = lambda texts: (400, {"error": {"message": f"bad: {texts['one']}"}})
    with pytest.raises(UserError, match="BadRequestError") as caught:
        LlmJudge(url, "m", PRICE, retries=0)("secret text", "text")
    assert "secret" not in str(caught.value)


def test_a_key_and_the_packages_are_asked_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv(KEY, raising=False)
    with pytest.raises(UserError, match=KEY):
        LlmJudge("http://127.0.0.1:9/v1", "m", PRICE)("a", "b")
    monkeypatch.setitem(sys.modules, "openai", None)
    with pytest.raises(UserError, match="openai"):
        LlmJudge("http://127.0.0.1:9/v1", "m", PRICE)("a", "b")
    monkeypatch.setitem(sys.modules, "diskcache", None)
    with pytest.raises(UserError, match="diskcache"):
        LlmJudge("http://127.0.0.1:9/v1", "m", PRICE, cache=tmp_path)("a", "b")


def test_kappa_is_agreement_beyond_chance() -> None:
    assert kappa([True, True, False, False], [True, True, False, False]) == 1
    assert kappa([True, True, False, False], [True, False, True, False]) == 0
    assert kappa([True, True], [True, True]) is None
    assert kappa([], []) is None
    with pytest.raises(ValueError, match="different numbers"):
        kappa([True], [])
