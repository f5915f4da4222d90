"""The service does what its OpenAPI document says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from spanwise.service.contract import ENDPOINTS
from spanwise.service.http.app import create_app
from spanwise.service.http.problems import KINDS
from spanwise.service.http.settings import Settings
from tests.unit.service.http.serving import LOCAL, make_engine, serving


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    with serving() as client:
        yield client


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    app = create_app(Settings(loopback=True, max_characters=99, max_documents=3), make_engine())
    found: dict[str, Any] = TestClient(app, base_url=LOCAL).get("/openapi.json").json()
    return found


def test_it_tells_the_limits_of_this_server(document: dict[str, Any]) -> None:
    content = document["paths"]["/v1/parse"]["post"]["requestBody"]["content"]
    one, many = content["application/json"]["schema"]["anyOf"]
    assert one["properties"]["text"]["maxLength"] == 99
    assert many["properties"]["texts"]["maxItems"] == 3
    assert content["multipart/form-data"]["schema"]["properties"]["files"]["maxItems"] == 3


def test_each_problem_has_an_example(document: dict[str, Any]) -> None:
    shown: set[str] = set()
    for operations in document["paths"].values():
        for operation in operations.values():
            for status, response in operation["responses"].items():
                if status != "200":
                    examples = response["content"]["application/problem+json"]["examples"]
                    assert {each["value"]["status"] for each in examples.values()} == {int(status)}
                    shown |= examples.keys()
    assert shown == KINDS.keys() - {"client-gone", "method-not-allowed"}


def test_each_endpoint_says_how_it_is_asked_and_what_it_answers(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    for endpoint in ENDPOINTS:
        operation = document["paths"][f"/v1/{endpoint}"]["post"]
        answer = operation["responses"]["200"]["content"]["application/json"]["schema"]["$ref"]
        assert answer.rpartition("/")[2] in schemas
        assert {each["name"] for each in operation["parameters"]} == {"version", "X-Model-Version"}


@pytest.mark.parametrize("endpoint", ["parse", "anonymise", "compress"])
def test_examples_of_requests_are_answered(
    client: TestClient, document: dict[str, Any], endpoint: str
) -> None:
    body = document["paths"][f"/v1/{endpoint}"]["post"]["requestBody"]["content"]["application/json"]
    for example in body["examples"].values():
        assert client.post(f"/v1/{endpoint}", json=example["value"]).status_code == 200
