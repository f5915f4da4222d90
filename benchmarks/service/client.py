"""A client that costs little: HTTP/1.1 on kept connections, as many as there are clients.

It shares the cores with the server it measures, and so does nothing that the measurement does not need.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

LOST = 0
"""The status of a request whose connection closed before an answer came."""
REFUSED = -1
"""The status of a request that never left: nobody listened."""


class Reply(NamedTuple):
    """What became of a request.

    Attributes:
        start: When it was sent, in seconds of `time.perf_counter`.
        seconds: Until its answer was read.
        status: Of HTTP, or `LOST` or `REFUSED`.
        body: As JSON; empty unless it was asked to be kept.
        headers: Of the answer, in lower case; empty unless it was asked to be kept.
    """

    start: float
    seconds: float
    status: int
    body: Mapping[str, Any] = {}
    headers: Mapping[str, str] = {}


class Lost(Exception):
    """The connection was closed before the whole answer came."""


@dataclass
class Connection:
    """One kept connection, opened when it is needed.

    Attributes:
        host: Of the server.
        port: Of the server.
        keep: Whether replies hold headers and bodies.
    """

    host: str
    port: int
    keep: bool = False
    _streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = field(default=None, repr=False)

    async def send(self, request: bytes) -> Reply:
        """Send a whole request and read its answer. What fails is a status, never an exception."""
        start = time.perf_counter()
        try:
            streams = await self._connected()
        except OSError:
            return Reply(start, time.perf_counter() - start, REFUSED)
        try:
            status, headers, body = await _exchanged(*streams, request)
        except (OSError, asyncio.IncompleteReadError, Lost):
            self.close()
            return Reply(start, time.perf_counter() - start, LOST)
        seconds = time.perf_counter() - start
        if headers.get("connection", "").lower() == "close":
            self.close()
        kept = (json.loads(body), headers) if self.keep and body else ({}, {})
        return Reply(start, seconds, status, *kept)

    def close(self) -> None:
        """Close it, if it is open."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        # A server that has closed a kept connection has said so before the next request is written to it.
        if self._streams is not None and self._streams[0].at_eof():
            self.close()
        if self._streams is None:
            self._streams = await asyncio.open_connection(self.host, self.port)
        return self._streams


async def _exchanged(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes
) -> tuple[int, dict[str, str], bytes]:
    """Send and read at once: what is refused for its length is answered before all of it is sent."""
    reading = asyncio.create_task(_read(reader))
    try:
        writer.write(request)
        await writer.drain()
    except OSError:
        await asyncio.wait([reading], timeout=1)
    return await reading


async def _read(reader: asyncio.StreamReader) -> tuple[int, dict[str, str], bytes]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    words = head[0].split(" ", 2)
    if len(words) < 2 or not words[1].isdigit():
        raise Lost
    headers = {
        name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])
    }
    if "content-length" not in headers:
        return int(words[1]), headers, await _chunks(reader)
    return int(words[1]), headers, await reader.readexactly(int(headers["content-length"]))


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    body = b""
    while size := int(await reader.readline() or b"0", 16):
        body += await reader.readexactly(size)
        await reader.readexactly(2)
    await reader.readline()
    return body


def post(path: str, body: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> bytes:
    """A request with a JSON body."""
    return request(
        "POST", path, json.dumps(body).encode(), {"Content-Type": "application/json"} | dict(headers or {})
    )


def request(method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> bytes:
    """Any request."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


async def closed_loop(
    host: str,
    port: int,
    requests: Iterator[bytes],
    *,
    clients: int,
    seconds: float,
    keep: bool = False,
    stop: Callable[[], bool] = lambda: False,
) -> list[Reply]:
    """So many clients, each of which asks again as soon as it was answered, for so long.

    Args:
        host: Of the server.
        port: Of the server.
        requests: What is sent, one after another.
        clients: How many ask at once.
        seconds: When no further request is sent; those under way are waited for.
        keep: Whether replies hold headers and bodies.
        stop: Whether to end before.
    """
    end = time.perf_counter() + seconds
    replies: list[Reply] = []

    async def one() -> None:
        connection = Connection(host, port, keep)
        while time.perf_counter() < end and not stop():
            replies.append(await connection.send(next(requests)))
            if replies[-1].status in {LOST, REFUSED}:
                await asyncio.sleep(0.01)
        connection.close()

    await asyncio.gather(*(one() for _ in range(clients)))
    return replies


async def open_loop(
    host: str, port: int, requests: Iterator[bytes], *, rate: float, seconds: float, keep: bool = False
) -> list[Reply]:
    """Requests at even intervals, whether or not the ones before were answered.

    Connections are kept and used again; there are as many as requests were ever under way at once.

    Args:
        host: Of the server.
        port: Of the server.
        requests: What is sent, one after another.
        rate: Requests per second.
        seconds: How long.
        keep: Whether replies hold headers and bodies.
    """
    idle: list[Connection] = []
    replies: list[Reply] = []
    tasks: set[asyncio.Task[None]] = set()

    async def one() -> None:
        connection = idle.pop() if idle else Connection(host, port, keep)
        replies.append(await connection.send(next(requests)))
        idle.append(connection)

    begin = time.perf_counter()
    for number in range(int(rate * seconds)):
        await asyncio.sleep(max(0.0, begin + number / rate - time.perf_counter()))
        tasks.add(task := asyncio.create_task(one()))
        task.add_done_callback(tasks.discard)
    await asyncio.gather(*tasks)
    for connection in idle:
        connection.close()
    return replies
