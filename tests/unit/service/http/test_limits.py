"""What is too large or too slow is refused before it is held."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
from starlette.testclient import TestClient

from spanwise.service.http.app import create_app
from spanwise.service.http.settings import Settings
from tests.unit.service.http.serving import LOCAL, make_engine

SMALL = Settings(loopback=True, max_body_bytes=1_000, body_s=0.1)


@pytest.fixture
def client() -> TestClient:
    return TestClient(create_app(SMALL, make_engine()), base_url=LOCAL)


@pytest.mark.parametrize("path", ["/v1/parse", "/v1/models/reload", "/nowhere"])
def test_a_body_that_tells_too_much_is_refused_at_once(client: TestClient, path: str) -> None:
    response = client.post(path, content=b"x" * 1_001)
    assert (response.status_code, response.json()["code"]) == (413, "body-too-large")
    assert response.headers["Connection"] == "close"
    assert response.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("kind", ["application/json", "multipart/form-data; boundary=a"])
def test_a_body_that_tells_nothing_is_refused_when_it_passes_the_limit(kind: str) -> None:
    taken = 0

    async def pieces() -> AsyncIterator[bytes]:
        nonlocal taken
        for _ in range(100):
            taken += 1
            yield b'--a\r\nContent-Disposition: form-data; name="files"; filename="a"\r\n\r\n' + b"x" * 300

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(create_app(SMALL, make_engine()))
        async with httpx.AsyncClient(transport=transport, base_url=LOCAL) as client:
            return await client.post("/v1/parse", content=pieces(), headers={"Content-Type": kind})

    response = asyncio.run(ask())
    assert (response.status_code, response.json()["code"]) == (413, "body-too-large")
    assert taken < 10


def test_a_body_that_does_not_arrive_is_not_waited_for() -> None:
    async def stalled() -> AsyncIterator[bytes]:
        yield b'{"text": '
        await asyncio.sleep(30)

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(create_app(SMALL, make_engine()))
        async with httpx.AsyncClient(transport=transport, base_url=LOCAL) as client:
            return await client.post(
                "/v1/parse", content=stalled(), headers={"Content-Type": "application/json"}
            )

    response = asyncio.run(ask())
    assert (response.status_code, response.json()["code"]) == (408, "request-timeout")


@pytest.mark.parametrize("headers", [{"X-Long": "x" * 20_000}, {f"X-{n}": "x" for n in range(70)}])
def test_headers_are_limited(client: TestClient, headers: dict[str, str]) -> None:
    response = client.get("/livez", headers=headers)
    assert (response.status_code, response.json()["code"]) == (431, "headers-too-large")


@pytest.mark.parametrize("length", ["-1", "1e3", "x", "\u00b2"])
def test_a_length_that_is_no_number_is_refused(client: TestClient, length: str) -> None:
    headers: Any = {"Content-Length": length.encode("latin-1")}
    response = client.post("/v1/parse", content=iter_of(b"{}"), headers=headers)
    assert (response.status_code, response.json()["code"]) == (400, "bad-request")


def iter_of(*pieces: bytes) -> Iterator[bytes]:
    yield from pieces
