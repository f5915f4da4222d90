"""A server on this machine that speaks the protocols of Anthropic, Gemini and OpenAI, and answers as told."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

READ, WRITTEN = 300, 20
"""Tokens of each answer."""


@dataclass
class Asked:
    """A request, as a provider understands it."""

    path: str
    key: str | None
    model: str
    system: str
    user: str
    max_tokens: int
    temperature: float | None


@dataclass
class Reply:
    """What the server sends: a value as JSON, or bytes as they are."""

    body: Any
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Protocol:
    """How a provider is spoken with.

    Attributes:
        name: Of the provider.
        variable: Of the environment, which holds the key.
        suffix: Of the server's address.
        read: A path, headers and a body -> the request.
        write: A text and how it ended -> the body of an answer.
    """

    name: str
    variable: str
    suffix: str
    read: Callable[[str, Mapping[str, str], dict[str, Any]], Asked]
    write: Callable[[str, str], dict[str, Any]]


def _read_openai(path: str, headers: Mapping[str, str], body: dict[str, Any]) -> Asked:
    system, user = (message["content"] for message in body["messages"])
    key = headers["authorization"].removeprefix("Bearer ")
    return Asked(
        path, key, body["model"], system, user, body["max_completion_tokens"], body.get("temperature")
    )


def _write_openai(text: str, stop: str) -> dict[str, Any]:
    finish = {"whole": "stop", "truncated": "length", "refused": "stop", "odd": "tool_calls"}[stop]
    message = {
        "role": "assistant",
        "content": None if stop == "refused" else text,
        "refusal": "I will not." if stop == "refused" else None,
    }
    return {
        "id": "x",
        "object": "chat.completion",
        "created": 1,
        "model": "m",
        "choices": [{"index": 0, "message": message, "finish_reason": finish, "logprobs": None}],
        "usage": {"prompt_tokens": READ, "completion_tokens": WRITTEN, "total_tokens": READ + WRITTEN},
    }


def _read_anthropic(path: str, headers: Mapping[str, str], body: dict[str, Any]) -> Asked:
    (message,) = body["messages"]
    return Asked(
        path,
        headers["authorization"].removeprefix("Bearer "),
        body["model"],
        body["system"],
        message["content"],
        body["max_tokens"],
        body.get("temperature"),
    )


def _write_anthropic(text: str, stop: str) -> dict[str, Any]:
    reason = {"whole": "end_turn", "truncated": "max_tokens", "refused": "refusal", "odd": "pause_turn"}[stop]
    return {
        "id": "x",
        "type": "message",
        "role": "assistant",
        "model": "m",
        "content": [
            {"type": "thinking", "thinking": "Hm.", "signature": ""},
            {"type": "text", "text": text},
        ],
        "stop_reason": reason,
        "stop_sequence": None,
        "usage": {"input_tokens": READ - 50, "cache_read_input_tokens": 50, "output_tokens": WRITTEN},
    }


def _read_gemini(path: str, headers: Mapping[str, str], body: dict[str, Any]) -> Asked:
    config = body["generationConfig"]
    return Asked(
        path,
        headers["x-goog-api-key"],
        path.rpartition("/")[2].partition(":")[0],
        body["systemInstruction"]["parts"][0]["text"],
        body["contents"][0]["parts"][0]["text"],
        config["maxOutputTokens"],
        config.get("temperature"),
    )


def _write_gemini(text: str, stop: str) -> dict[str, Any]:
    finish = {"whole": "STOP", "truncated": "MAX_TOKENS", "refused": "SAFETY", "odd": "OTHER"}[stop]
    parts = [{"text": "Hm.", "thought": True}, {"text": text}]
    return {
        "candidates": [{"content": {"role": "model", "parts": parts}, "finishReason": finish, "index": 0}],
        "usageMetadata": {
            "promptTokenCount": READ,
            "candidatesTokenCount": WRITTEN - 5,
            "thoughtsTokenCount": 5,
        },
        "modelVersion": "m",
    }


OPENAI = Protocol("openai", "OPENAI_API_KEY", "/v1", _read_openai, _write_openai)
ANTHROPIC = Protocol("anthropic", "ANTHROPIC_API_KEY", "", _read_anthropic, _write_anthropic)
GEMINI = Protocol("gemini", "GEMINI_API_KEY", "", _read_gemini, _write_gemini)
PROTOCOLS = (OPENAI, ANTHROPIC, GEMINI)


class Server:
    """Keeps what it is asked, and answers as it is told: by half of the words, unless told otherwise."""

    def __init__(self, protocol: Protocol) -> None:
        self.protocol = protocol
        self.asked: list[Asked] = []
        self.address = ""
        self.reply: Callable[[Asked], Reply] = lambda asked: self.whole(half(asked.user))

    def whole(self, text: str) -> Reply:
        return self.ended(text, "whole")

    def ended(self, text: str, stop: str) -> Reply:
        return Reply(self.protocol.write(text, stop))

    def fail(self, status: int, **headers: str) -> Reply:
        """An error whose message quotes the request, as some do."""
        quoted = self.asked[-1].user
        error = {"type": "error", "code": status, "message": f"bad: {quoted}", "status": "BAD"}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return Reply({"type": "error", "error": error}, status, named)


def half(text: str) -> str:
    """Every second word."""
    return " ".join(text.split()[::2])


def _handler(server: Server) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            asked = server.protocol.read(
                self.path, {name.lower(): value for name, value in self.headers.items()}, body
            )
            server.asked.append(asked)
            reply = server.reply(asked)
            data = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
            self.send_response(reply.status)
            for name, value in {"Content-Type": "application/json", **reply.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *args: Any) -> None:
            pass

    return Handler


@contextmanager
def serving(protocol: Protocol, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A server of that protocol, with a key for it in the environment."""
    monkeypatch.setenv(protocol.variable, "made-up-key")
    server = Server(protocol)
    listening = ThreadingHTTPServer(("127.0.0.1", 0), _handler(server))
    listening.daemon_threads = True
    server.address = f"http://127.0.0.1:{listening.server_port}{protocol.suffix}"
    thread = threading.Thread(target=listening.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server
    finally:
        listening.shutdown()
        thread.join()
        listening.server_close()
