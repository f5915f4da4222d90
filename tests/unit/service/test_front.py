"""The front: several processes at one address, started anew when they die, a word for those they leave."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from spanwise.errors import UserError
from spanwise.service import front as module
from spanwise.service.front import UNAVAILABLE, Front
from spanwise.service.http.problems import RETRY_S, URN, ProblemError

STUB = """
import asyncio, os, signal, sys

async def serve(reader, writer):
    while line := await reader.readline():
        word = line.decode().strip()
        if word == "GET /readyz HTTP/1.1":
            writer.write(b"HTTP/1.1 200 OK\\r\\n")
            break
        if word == "slow":
            await asyncio.sleep(60)
        if word == "late":
            await asyncio.sleep(0.5)
        if word == "close":
            break
        writer.write(f"{os.getpid()} {word}\\n".encode())
    writer.close()

async def main():
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    server = await asyncio.start_unix_server(serve, sys.argv[1])
    await ended.wait()
    server.close()
    if hasattr(server, "close_clients"):
        await asyncio.sleep(1)
    await asyncio.sleep(1)

asyncio.run(main())
"""
"""A worker that answers each line with its process id and the line, and ends a second after it is told to."""

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Served(NamedTuple):
    front: Front
    port: int
    gone: list[int]
    ending: asyncio.Task[bool]


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


async def start_stub(path: Path) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(sys.executable, "-c", STUB, str(path))


async def start_nothing(path: Path) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(sys.executable, "-c", "raise SystemExit(3)")


@contextlib.asynccontextmanager
async def served(folder: Path, *, workers: int = 2, drain_s: float = 10) -> AsyncIterator[Served]:
    gone: list[int] = []
    front = Front(start_stub, folder, workers=workers, drain_s=drain_s, gone=gone.append)
    port = free_port()
    ending = asyncio.create_task(front.serve("127.0.0.1", port))
    await until(lambda: all(worker.ready for worker in front.workers))
    try:
        yield Served(front, port, gone, ending)
    finally:
        if not ending.done():
            os.kill(os.getpid(), signal.SIGTERM)
        assert await ending


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not true():  # noqa: ASYNC110 - what other processes do sets no event
            await asyncio.sleep(0.02)


@contextlib.asynccontextmanager
async def connected(port: int) -> AsyncIterator[Streams]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield reader, writer
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


async def ask(streams: Streams, word: str) -> list[str]:
    streams[1].write(f"{word}\n".encode())
    return (await streams[0].readline()).decode().split()


def problem(told: bytes) -> dict[str, Any]:
    head, _, body = told.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 503 ")
    assert b"Retry-After: 1" in head
    assert b"Connection: close" in head
    assert f"Content-Length: {len(body)}".encode() in head
    return dict(json.loads(body))


def run(test: Callable[[], Awaitable[None]]) -> None:
    async def within() -> None:
        async with asyncio.timeout(40):
            await test()

    asyncio.run(within())


def test_connections_are_kept_and_go_to_the_worker_with_the_fewest(tmp_path: Path) -> None:
    async def test() -> None:
        async with served(tmp_path) as each, contextlib.AsyncExitStack() as stack:
            opened = [await stack.enter_async_context(connected(each.port)) for _ in range(4)]
            first = [await ask(streams, "one") for streams in opened]
            again = [await ask(streams, "two") for streams in opened]
            assert [pid for pid, _ in first] == [pid for pid, _ in again]
            counts = sorted([pid for pid, _ in first].count(pid) for pid in {pid for pid, _ in first})
            assert counts == [2, 2]
            await stack.aclose()
            await until(lambda: all(worker.connections == 0 for worker in each.front.workers))

    run(test)


def test_a_killed_worker_leaves_a_503_to_whom_it_has_not_answered_and_comes_back(tmp_path: Path) -> None:
    async def test() -> None:
        async with served(tmp_path, workers=1) as each:
            async with connected(each.port) as waiting, connected(each.port) as idle:
                pid = int((await ask(idle, "who"))[0])
                waiting[1].write(b"slow\n")
                await asyncio.sleep(0.2)
                os.kill(pid, signal.SIGKILL)
                assert problem(await waiting[0].read())["code"] == "worker-lost"
                assert await idle[0].read() == b""
            await until(lambda: each.gone == [pid])
            await until(lambda: each.front.workers[0].ready)
            async with connected(each.port) as another:
                assert int((await ask(another, "who"))[0]) != pid

    run(test)


def test_while_no_worker_listens_the_front_answers(tmp_path: Path) -> None:
    async def test() -> None:
        async with served(tmp_path, workers=1) as each:
            each.front.workers[0].socket.unlink()
            async with connected(each.port) as (reader, writer):
                writer.write(b"who\n")
                assert problem(await reader.read())["code"] == "worker-lost"

    run(test)


def test_a_worker_that_closes_a_connection_and_lives_is_no_lost_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "DIED", 0.1)

    async def test() -> None:
        async with served(tmp_path, workers=1) as each, connected(each.port) as (reader, writer):
            writer.write(b"close\n")
            assert await reader.read() == b""

    run(test)


def test_what_was_asked_before_the_signal_is_answered_after_it(tmp_path: Path) -> None:
    async def test() -> None:
        async with served(tmp_path) as each:
            async with connected(each.port) as streams:
                answering = asyncio.create_task(ask(streams, "late"))
                await asyncio.sleep(0.2)
                os.kill(os.getpid(), signal.SIGTERM)
                assert (await answering)[1] == "late"
            assert await each.ending
            assert len(each.gone) == 2

    run(test)


def test_workers_that_do_not_end_are_ended(tmp_path: Path) -> None:
    async def test() -> None:
        async with served(tmp_path, drain_s=0.1) as each:
            os.kill(os.getpid(), signal.SIGTERM)
            assert await each.ending
            assert len(each.gone) == 2

    run(test)


def test_workers_that_cannot_start_are_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PAUSE", 0.01)

    async def test() -> None:
        front = Front(start_nothing, tmp_path, workers=1, drain_s=1, gone=lambda _pid: None)
        assert not await front.serve("127.0.0.1", free_port())

    run(test)


def test_an_address_that_is_taken_is_an_error(tmp_path: Path) -> None:
    async def test() -> None:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            front = Front(start_stub, tmp_path, workers=1, drain_s=1, gone=lambda _pid: None)
            with pytest.raises(UserError, match="cannot listen"):
                await front.serve("127.0.0.1", taken.getsockname()[1])

    run(test)


def test_its_words_are_those_of_the_other_problems() -> None:
    told = problem(UNAVAILABLE)
    assert told["type"] == URN + told["code"]
    assert RETRY_S[told["code"]] == 1
    assert set(told) == set(ProblemError("draining").value())
