"""The contract with an OpenAI-compatible server, held against a stub on this machine."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from spanwise.clients import KEY
from spanwise.errors import UserError
from spanwise.tasks.compression.equivalence.llm import LlmJudge, Price, kappa
from tests.completions import Stub, completion, serving
from tests.extras import needs

pytestmark = needs("openai")

YES = {"equivalent": True, "score": 0.9, "reason": "same"}
NO = {"equivalent": False, "score": 0.2, "reason": "a number is gone"}
PRICE = Price(prompt=2.0, completion=10.0)


def texts(asked: dict[str, Any]) -> dict[str, str]:
    """The two texts of a request."""
    found: dict[str, str] = json.loads(asked["messages"][1]["content"])
    return found


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Stub, str]]:
    monkeypatch.setenv(KEY, "made-up-key")
    made = Stub(lambda asked: (200, completion(json.dumps(YES))))
    with serving(made) as url:
        yield made, url


def test_both_orders_are_asked_and_priced(stub: tuple[Stub, str]) -> None:
    server, url = stub
    judge = LlmJudge(url, "m", PRICE)
    said = judge("Open the lid.", "Open lid.")
    assert (said.equivalent, said.agrees, said.score, said.cached) == (True, True, 0.9, 0)
    shown = [texts(asked) for asked in server.asked]
    assert shown == [
        {"one": "Open the lid.", "other": "Open lid."},
        {"one": "Open lid.", "other": "Open the lid."},
    ]
    assert said.cost == judge.spent == pytest.approx(0.6)


def test_a_verdict_that_depends_on_the_order_is_no_acceptance(stub: tuple[Stub, str]) -> None:
    server, url = stub
    server.reply = lambda asked: (200, completion(json.dumps(YES if texts(asked)["one"] == "a" else NO)))
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
    server.reply = lambda asked: (200, completion(content))
    with pytest.raises(UserError, match="not the JSON") as caught:
        LlmJudge(url, "m", PRICE)("secret text", "text")
    assert "secret" not in str(caught.value)


def test_a_failing_server_is_told_without_text(stub: tuple[Stub, str]) -> None:
    server, url = stub
    server.reply = lambda asked: (400, {"error": {"message": f"bad: {texts(asked)['one']}"}})
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
