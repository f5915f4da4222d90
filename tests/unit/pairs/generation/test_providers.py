"""The contract with each provider's protocol, held against a server on this machine."""

from __future__ import annotations

import asyncio
import logging
import socket
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from spanwise.errors import UserError
from spanwise.pairs.generation.answers import Answer, FailedRequestError, Sampling
from spanwise.pairs.generation.providers import connect
from spanwise.pairs.generation.providers.failures import retry_after
from tests.extras import needs
from tests.unit.pairs.generation.protocols import PROTOCOLS, READ, WRITTEN, Protocol, Reply, Server, serving

pytestmark = needs("anthropic", "google.genai", "openai")
TEXT = "a secret text that is in no message"


@pytest.fixture(params=PROTOCOLS, ids=lambda protocol: protocol.name)
def server(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    protocol: Protocol = request.param
    with serving(protocol, monkeypatch) as made:
        yield made


def ask(server: Server, *, timeout: float = 20.0, address: str | None = None, **settings: float) -> Answer:
    async def once() -> Answer:
        provider = connect(server.protocol.name, "m-1", address=address or server.address, timeout=timeout)
        try:
            return await provider.ask("Shorten.", TEXT, Sampling.model_validate(settings))
        finally:
            await provider.close()

    return asyncio.run(once())


def failed(server: Server, **options: object) -> FailedRequestError:
    with pytest.raises(FailedRequestError) as caught:
        ask(server, **options)  # type: ignore[arg-type]
    assert "secret" not in str(caught.value)
    assert caught.value.__suppress_context__
    return caught.value


def test_a_question_goes_out_with_instructions_key_and_limits(server: Server) -> None:
    server.reply = lambda asked: server.whole("short")
    answer = ask(server, max_tokens=99, temperature=0.0)
    assert answer == Answer(text="short", stop="whole", input_tokens=READ, output_tokens=WRITTEN)
    (asked,) = server.asked
    assert (asked.model, asked.system, asked.user) == ("m-1", "Shorten.", TEXT)
    assert (asked.key, asked.max_tokens, asked.temperature) == ("made-up-key", 99, 0.0)
    ask(server)
    assert server.asked[1].temperature is None


@pytest.mark.parametrize(
    ("stop", "told", "text"),
    [("truncated", "truncated", "cut o"), ("refused", "refused", ""), ("odd", "malformed", "")],
)
def test_how_an_answer_ended_is_told(server: Server, stop: str, told: str, text: str) -> None:
    server.reply = lambda asked: server.ended("cut o", stop)
    answer = ask(server)
    assert (answer.stop, answer.text, answer.output_tokens) == (told, text, WRITTEN)


@pytest.mark.parametrize("body", [b"", b"<html>busy</html>", b"[1, 2]", b"{}", b'{"choices": [{}]}'])
def test_an_answer_outside_of_the_protocol_is_malformed(server: Server, body: bytes) -> None:
    server.reply = lambda asked: Reply(body)
    assert ask(server) == Answer(text="", stop="malformed")


@pytest.mark.parametrize(
    ("status", "transient", "about_the_text"),
    [
        (400, False, True),
        (401, False, False),
        (404, False, False),
        (408, True, False),
        (413, False, True),
        (422, False, True),
        (429, True, False),
        (500, True, False),
        (503, True, False),
    ],
)
def test_a_status_is_told_without_the_request_and_asked_for_once(
    server: Server, status: int, transient: bool, about_the_text: bool
) -> None:
    server.reply = lambda asked: server.fail(status, retry_after="7")
    error = failed(server)
    assert (error.status, error.retry_after, error.charged) == (status, 7.0, False)
    assert (error.transient, error.about_the_text) == (transient, about_the_text)
    assert len(server.asked) == 1


def test_an_answer_that_does_not_come_in_time_may_be_charged(server: Server) -> None:
    done = threading.Event()

    def late(asked: object) -> Reply:
        done.wait(20)
        return server.whole("late")

    server.reply = late
    error = failed(server, timeout=0.2)
    done.set()
    assert (error.transient, error.timed_out, error.charged, error.status) == (True, True, True, None)


def test_a_server_that_is_not_there_charges_nothing(server: Server) -> None:
    with socket.socket() as taken:  # bound, and nobody listens
        taken.bind(("127.0.0.1", 0))
        error = failed(server, address=f"http://127.0.0.1:{taken.getsockname()[1]}")
    assert (error.transient, error.charged) == (False, False)


def test_no_text_is_logged_even_where_all_is(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    ask(server)
    server.reply = lambda asked: server.fail(400)
    failed(server)
    assert "secret" not in caplog.text
    assert "made-up-key" not in caplog.text


def test_a_key_and_the_package_are_asked_for(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    name, variable = server.protocol.name, server.protocol.variable
    monkeypatch.delenv(variable)
    with pytest.raises(UserError, match=f"no {variable}"):
        connect(name, "m")
    monkeypatch.setitem(sys.modules, "google.genai" if name == "gemini" else name, None)
    with pytest.raises(UserError, match=f"the provider {name} needs"):
        connect(name, "m")


def test_an_unknown_provider_is_refused() -> None:
    with pytest.raises(UserError, match="no provider 'other'"):
        connect("other", "m")


def test_the_wait_that_a_server_asks_for_is_read_as_seconds_or_a_date() -> None:
    assert retry_after({}) is None
    assert retry_after({"retry-after": "1.5"}) == 1.5
    assert retry_after({"retry-after": "-3"}) == 0
    assert retry_after({"retry-after": "soon"}) is None
    assert retry_after({"retry-after": "Wed, 21 Oct 2015 07:28:00 -0000"}) == 0
    later = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
    assert 3500 < (retry_after({"retry-after": later}) or 0) <= 3600
