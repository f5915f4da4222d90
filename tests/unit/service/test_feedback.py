"""Feedback over HTTP, and what `spanwise feedback` makes of it."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from spanwise.feedback.examples import ChatExample, export
from spanwise.feedback.store import read_store
from spanwise.schema import Example, Span
from spanwise.service.feedback import router
from spanwise.service.http.problems import ProblemError

TEXT = "Aspirin was given for fever."
FOUND = {
    "request": "0123abcd",
    "model": "ner",
    "version": "v1.2.0",
    "text": TEXT,
    "spans": [{"start": 0, "end": 7, "label": "Drug"}],
}
WRITTEN = {
    "request": "0123abcd",
    "model": "tutor",
    "version": "v1.0.0",
    "text": "What is aspirin for?",
    "answer": "It is a drug against pain and fever.",
    "language": "en",
    "category": "drugs",
}


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "feedback" / "feedback.jsonl"


@pytest.fixture
def client(store: Path) -> TestClient:
    app = FastAPI()
    app.include_router(router(store))

    @app.exception_handler(ProblemError)
    async def tell(request: object, problem: ProblemError) -> Any:
        return problem.response("r")

    return TestClient(app)


def test_a_correction_becomes_an_example(client: TestClient, store: Path) -> None:
    right = [{"start": 0, "end": 7, "label": "Drug"}, {"start": 22, "end": 27, "label": "Sign"}]
    response = client.post("/v1/feedback", json={**FOUND, "rating": 3, "correction": right})
    assert response.status_code == 201
    [standing] = read_store(store)
    assert response.json() == {"id": standing.feedback.id}
    assert (standing.feedback.model, standing.feedback.document) == ("ner@v1.2.0", "request-0123abcd")
    assert standing.feedback.spans == (Span(start=0, end=7, label="Drug"),)
    [example] = export([standing], verdict=None).examples
    assert isinstance(example, Example)
    assert example.target == (Span(start=0, end=7, label="Drug"), Span(start=22, end=27, label="Sign"))
    assert store.stat().st_mode & 0o777 == 0o600


def test_a_good_answer_becomes_a_conversation(client: TestClient, store: Path) -> None:
    assert client.post("/v1/feedback", json={**WRITTEN, "rating": 5}).status_code == 201
    [example] = export(read_store(store), verdict=None).examples
    assert isinstance(example, ChatExample)
    assert [message.content for message in example.messages] == [WRITTEN["text"], WRITTEN["answer"]]


def test_the_same_text_stays_in_one_group(client: TestClient, store: Path) -> None:
    for request in ("aaaaaaaa", "bbbbbbbb"):
        client.post("/v1/feedback", json={**FOUND, "request": request, "rating": 4})
    assert len({standing.feedback.group for standing in read_store(store)}) == 1


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"rating": 6},
        {"rating": 4, "spans": None},
        {"rating": 4, "answer": "both"},
        {"rating": 4, "text": ""},
        {"rating": 4, "model": "two words"},
        {"rating": 4, "surname": "Doe"},
        {"correction": "a text"},
        {"correction": [{"start": 0, "end": 999, "label": "Drug"}]},
        {"rating": 4, "spans": [{"start": 0, "end": 999, "label": "Drug"}]},
    ],
)
def test_what_cannot_be_learnt_is_refused_and_not_kept(
    client: TestClient, store: Path, change: dict[str, Any]
) -> None:
    assert client.post("/v1/feedback", json={**FOUND, **change}).status_code == 422
    assert not store.exists()


def test_a_refusal_quotes_nothing(client: TestClient) -> None:
    french = "L'aspirine est un médicament que l'on prend contre la douleur, la fièvre et les maux de tête."
    refused = client.post("/v1/feedback", json={**WRITTEN, "correction": french})
    assert refused.status_code == 422
    assert refused.json()["code"] == "invalid-request"
    assert "douleur" not in refused.text


def test_a_store_that_cannot_be_written_is_no_fault_of_the_client(client: TestClient, store: Path) -> None:
    store.parent.mkdir()
    store.write_text('{"half a')
    refused = client.post("/v1/feedback", json={**FOUND, "rating": 4})
    assert (refused.status_code, refused.json()["code"]) == (503, "not-ready")
    assert str(store) not in refused.text


def test_no_feedback_is_lost_among_threads(client: TestClient, store: Path) -> None:
    def send(number: int) -> None:
        assert (
            client.post("/v1/feedback", json={**FOUND, "request": f"r{number}", "rating": 4}).status_code
            == 201
        )

    threads = [threading.Thread(target=send, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {each.feedback.document for each in read_store(store)} == {f"request-r{n}" for n in range(12)}
