"""The contract with an OpenAI-compatible server, held against a stub on this machine."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from spanwise.clients import KEY
from spanwise.documents import ReadDocument
from spanwise.errors import UserError
from spanwise.tasks.resume.backends.llm import UNCALIBRATED, LlmBackend, strict_schema
from spanwise.tasks.resume.parser import parse
from tests.completions import Stub, completion, serving
from tests.extras import needs

pytestmark = needs("openai")

TEXT = "Ann Lee\nann@mail.example\nCook, Inn GmbH\nMärz 2019 – heute"
ANSWER: dict[str, Any] = {
    "basics": {
        "name": "Ann Lee",
        "email": "ann@mail.example",
        "phone": None,
        "location": {"city": "Atlantis"},
    },
    "work": [{"employer": "Inn GmbH", "position": "Cook", "start": "2019-03", "end": None, "highlights": []}],
    "skills": [],
    "unknown": 1,
}


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Stub, str]]:
    monkeypatch.setenv(KEY, "made-up-key")
    made = Stub(lambda asked: (200, completion(json.dumps(ANSWER))))
    with serving(made) as url:
        yield made, url


def backend(url: str) -> LlmBackend:
    return LlmBackend(url, "m", timeout=10, retries=0)


def document() -> ReadDocument:
    return ReadDocument(status="ok", text=TEXT)


def test_an_answer_becomes_a_resume_of_what_stands_in_the_text(stub: tuple[Stub, str]) -> None:
    made, url = stub
    asking = backend(url)
    parsed = parse(document(), asking)
    assert parsed.json_resume() == {
        "basics": {"name": "Ann Lee", "email": "ann@mail.example"},
        "work": [{"name": "Inn GmbH", "position": "Cook", "startDate": "2019-03"}],
    }
    assert asking.dropped == [1]  # Atlantis
    assert {(field.source, field.confidence) for field in parsed.origin.fields} == {("llm", UNCALIBRATED)}
    assert parsed.origin.backend == "llm:m"
    assert made.keys == ["Bearer made-up-key"]


def test_the_request_asks_for_strict_json_and_sends_the_whole_text(stub: tuple[Stub, str]) -> None:
    made, url = stub
    parse(document(), backend(url))
    [asked] = made.asked
    assert asked["model"] == "m"
    assert asked["messages"][1] == {"role": "user", "content": TEXT}
    assert asked["response_format"]["json_schema"]["strict"] is True
    assert asked["response_format"]["json_schema"]["schema"] == strict_schema()


def test_the_schema_is_as_strict_mode_wants_it() -> None:
    def objects(node: Any) -> Iterator[dict[str, Any]]:
        if isinstance(node, dict):
            if node.get("type") == "object":
                yield node
            for child in node.values():
                yield from objects(child)
        elif isinstance(node, list):
            for child in node:
                yield from objects(child)

    found = list(objects(strict_schema()))
    assert len(found) > 10
    for node in found:
        assert node["additionalProperties"] is False
        assert sorted(node["properties"]) == node["required"]
    assert "default" not in json.dumps(strict_schema())


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        ((400, {"error": {"message": TEXT}}), "status 400"),
        ((401, {"error": {"message": "key"}}), "status 401"),
        ((500, {}), "status 500"),
        ((200, completion(None, refusal="no")), "refused"),
        ((200, completion('{"basics":', finish="length")), "not whole: length"),
        ((200, completion("no json")), "no JSON"),
        ((200, completion("[1]")), "no object"),
        ((200, completion("{}") | {"choices": []}), "with nothing"),
    ],
)
def test_a_bad_answer_is_told_without_its_text(
    stub: tuple[Stub, str], reply: tuple[int, Any], reason: str
) -> None:
    made, url = stub
    made.reply = lambda asked: reply
    with pytest.raises(UserError, match=reason) as caught:
        parse(document(), backend(url))
    assert "Ann" not in str(caught.value)


def test_a_server_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY, "k")
    with pytest.raises(UserError, match="cannot be asked"):
        parse(document(), backend("http://127.0.0.1:9/v1"))


def test_without_a_key_nothing_is_sent(stub: tuple[Stub, str], monkeypatch: pytest.MonkeyPatch) -> None:
    made, url = stub
    monkeypatch.delenv(KEY)
    with pytest.raises(UserError, match=KEY):
        parse(document(), backend(url))
    assert made.asked == []


def test_without_the_package_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "openai", None)
    with pytest.raises(UserError, match="needs openai"):
        parse(document(), backend("http://127.0.0.1:9/v1"))
