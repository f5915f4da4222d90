"""What stands before several worker processes: it starts them anew when they die, and relays bytes to them.

Each connection goes to the worker with the fewest. Workers that shared one listening socket would leave it to
chance who gets how many, and a worker that is killed would close its connections without a word; here the
request that it had taken is answered 503.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import signal
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

from spanwise.errors import UserError

READ = 1 << 16
DIED = 1.0
"""Seconds after which a worker that closed a connection, and is alive, has not been killed."""
QUICK, QUICK_ENDS = 30.0, 3
"""A worker that ends so soon, in seconds, so often in a row, and was never ready, is given up."""
PAUSE = 0.5
LOOKED = 0.1
"""Seconds between two looks at whether a worker is ready."""

logger = logging.getLogger(__name__)

Opened = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Starter = Callable[[Path], Awaitable[asyncio.subprocess.Process]]
"""Starts a worker that listens on a socket at a path."""


@dataclass
class Worker:
    """A place for a process, whichever fills it.

    Attributes:
        socket: Where the process listens.
        connections: That are relayed to it.
        ready: Whether the process has loaded what it needs.
        leaving: Whether it was told to end.
        process: That fills the place at the moment.
        ended: Set while there is none.
    """

    socket: Path
    connections: int = 0
    ready: bool = False
    leaving: bool = False
    process: asyncio.subprocess.Process | None = None
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    async def gone(self) -> bool:
        """Whether the process that has just closed a connection is gone, or about to be."""
        if self.leaving:
            return True
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.ended.wait(), DIED)
        return self.ended.is_set()

    async def prepare(self) -> None:
        """Ask until it is ready: a process that listens may still load."""
        while not self.ready:
            await asyncio.sleep(LOOKED)
            with contextlib.suppress(OSError):
                async with _closing((opened := await self.connect())[1]):
                    opened[1].write(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                    line = await opened[0].readline()
                    self.ready = line.startswith(b"HTTP/1.1 ") and b" 503 " not in line

    async def connect(self) -> Opened:
        """A connection to the process."""
        return await asyncio.open_unix_connection(str(self.socket), limit=READ)


class Front:
    """Workers, and the address that they answer at.

    Args:
        start: Starts a worker.
        folder: A folder of its own, for sockets.
        workers: How many.
        drain_s: How long workers may take to finish when they are told to end, in seconds.
        gone: Told the id of each process that has ended.
    """

    def __init__(
        self, start: Starter, folder: Path, *, workers: int, drain_s: float, gone: Callable[[int], None]
    ) -> None:
        self.workers = [Worker(folder / f"{number}.socket") for number in range(workers)]
        self._start = start
        self._drain_s, self._gone = drain_s, gone
        self._draining = asyncio.Event()
        self._failed = False
        self._relays: set[asyncio.Task[None]] = set()

    async def serve(self, host: str, port: int) -> bool:
        """Serve until SIGTERM or SIGINT, then let the workers finish.

        Returns:
            Whether it ended since it was told to, rather than since no worker could start.

        Raises:
            UserError: If the address is taken.
        """
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._draining.set)
        try:
            server = await asyncio.start_server(self._accept, host, port, limit=READ)
        except OSError as error:
            raise UserError(f"cannot listen on {host}:{port}: {error.strerror or error}") from None
        keepers = [asyncio.create_task(self._keep(worker)) for worker in self.workers]
        await self._draining.wait()
        await self._end()
        # Connections are relayed until the last worker is gone: what arrives after that is refused in words.
        await asyncio.gather(*keepers)
        server.close()
        if self._relays:
            await asyncio.wait(self._relays, timeout=DIED)
        return not self._failed

    async def _keep(self, worker: Worker) -> None:
        """Keep a place filled until the end."""
        failures = 0
        while not self._draining.is_set():
            worker.socket.unlink(missing_ok=True)
            started = time.monotonic()
            worker.process = await self._start(worker.socket)
            worker.ended.clear()
            if self._draining.is_set():  # it was told so while this one was being started
                worker.process.terminate()
            preparing = asyncio.create_task(worker.prepare())
            code = await worker.process.wait()
            preparing.cancel()
            ready, worker.ready = worker.ready, False
            worker.ended.set()
            self._gone(worker.process.pid)
            if self._draining.is_set():
                return
            quick = time.monotonic() - started < QUICK
            failures = failures + 1 if quick and not ready else 0
            logger.warning("worker %d ended with %d; another takes its place", worker.process.pid, code)
            if failures == QUICK_ENDS:
                logger.error("workers do not start: giving up")
                self._failed = True
                self._draining.set()
            await asyncio.sleep(PAUSE if failures else 0)

    async def _end(self) -> None:
        """Tell the workers to end, and end those that do not."""
        running = [
            worker for worker in self.workers if worker.process is not None and not worker.ended.is_set()
        ]
        for worker in running:
            assert worker.process is not None
            worker.leaving = True
            with contextlib.suppress(ProcessLookupError):
                worker.process.terminate()
        waiting = [asyncio.create_task(worker.ended.wait()) for worker in running]
        if waiting:
            _, late = await asyncio.wait(waiting, timeout=self._drain_s)
            for task in late:
                task.cancel()
        for worker in running:
            assert worker.process is not None
            if not worker.ended.is_set():
                worker.process.kill()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._relays.add(task := asyncio.create_task(self._relay(reader, writer)))
        task.add_done_callback(self._relays.discard)

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Give a client's connection to a worker, until one of them closes it."""
        async with _closing(writer):
            opened = await self._connect()
            if opened is None:
                await reader.read(READ)  # an answer before the question would be taken for none
                writer.write(UNAVAILABLE)
                return
            worker, streams = opened
            worker.connections += 1
            try:
                async with _closing(streams[1]):
                    await _Exchange((reader, writer), streams, worker).run()
            finally:
                worker.connections -= 1

    async def _connect(self) -> tuple[Worker, Opened] | None:
        """A connection to the worker with the fewest, of those that are ready if any is."""
        for worker in sorted(self.workers, key=lambda each: (not each.ready, each.connections)):
            with contextlib.suppress(OSError):
                return worker, await worker.connect()
        return None


@contextlib.asynccontextmanager
async def _closing(writer: asyncio.StreamWriter) -> AsyncIterator[None]:
    """Close it in the end, when what was written is sent; that the other side has closed it is no error."""
    try:
        with contextlib.suppress(OSError):
            yield
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


@dataclass
class _Exchange:
    """The bytes of one connection, both ways.

    Attributes:
        client: The client's streams.
        server: The worker's.
        worker: It.
        asked: Whether the client spoke last: a request is under way.
    """

    client: Opened
    server: Opened
    worker: Worker
    asked: bool = False

    async def run(self) -> None:
        """Relay until one side closes; if the worker was killed over a request, say so."""
        questions = asyncio.create_task(self._questions())
        answers = asyncio.create_task(self._answers())
        try:
            await asyncio.wait([questions, answers], return_when=asyncio.FIRST_COMPLETED)
            # A request that arrives just after the worker has closed the connection is under way, too.
            if answers.done() and self.asked and await self.worker.gone():
                self.client[1].write(UNAVAILABLE)
        finally:
            for task in (questions, answers):
                task.cancel()
            await asyncio.gather(questions, answers, return_exceptions=True)

    async def _questions(self) -> None:
        while data := await self.client[0].read(READ):
            self.asked = True
            with contextlib.suppress(OSError):  # whether the worker is gone, its answers tell
                self.server[1].write(data)
                await self.server[1].drain()

    async def _answers(self) -> None:
        with contextlib.suppress(OSError):
            while data := await self.server[0].read(READ):
                self.asked = False
                self.client[1].write(data)
                await self.client[1].drain()


async def start_worker(plan: str, socket: Path) -> asyncio.subprocess.Process:
    """Start a worker with a plan, one line as `serving.Plan` writes it.

    The pipe stays open: its end tells the worker that the front is gone. It has a session of its own, so that
    Ctrl+C reaches it by the front alone.
    """
    words = (sys.executable, "-m", "spanwise.service.serving", str(socket))
    process = await asyncio.create_subprocess_exec(
        *words, stdin=asyncio.subprocess.PIPE, start_new_session=True
    )
    assert process.stdin is not None
    process.stdin.write(plan.encode() + b"\n")
    return process


def _unavailable() -> bytes:
    """The answer where no worker can give one, RFC 9457."""
    problem = {
        "type": "urn:spanwise:problem:worker-lost",
        "title": "The process that would have answered has ended",
        "status": 503,
        "detail": "Nothing was answered: ask again.",
        "code": "worker-lost",
    }
    body = json.dumps(problem).encode()
    head = (
        "HTTP/1.1 503 Service Unavailable",
        "Content-Type: application/problem+json",
        f"Content-Length: {len(body)}",
        "Retry-After: 1",
        "Connection: close",
    )
    return "\r\n".join([*head, "", ""]).encode() + body


UNAVAILABLE = _unavailable()
