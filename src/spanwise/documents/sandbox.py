"""Processes that read files and may be killed, and how they are kept for the next file."""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict

from spanwise.documents.document import Limits, ReadDocument
from spanwise.documents.worker import HEADER, READY
from spanwise.errors import UserError

STARTING = 60.0  # seconds that a process may take to import its libraries, on a machine that is busy
LARGEST_ANSWER = 256 * 1024 * 1024
FILES_EACH = 500  # before a process is replaced: native code may leak
PASSED_ON = ("PATH", "LANG", "LC_ALL", "TMPDIR", "SYSTEMROOT")
"""Of the environment, which may hold secrets."""


class Died(Exception):
    """The process ended, or was killed for being late."""

    def __init__(self, *, late: bool, signal_number: int | None = None) -> None:
        super().__init__()
        self.late, self.signal_number = late, signal_number


class Worker:
    """One process that reads one file at a time, started when first needed and again whenever it died.

    Args:
        memory_bytes: Its address space at most.
    """

    def __init__(self, memory_bytes: int) -> None:
        self.memory_bytes = memory_bytes
        self._process: subprocess.Popen[bytes] | None = None
        self._files = 0

    def read(self, data: bytes, limits: Limits, *, cross_check: bool) -> ReadDocument:
        """What becomes of a file."""
        process = self._running()
        job = {"size": len(data), "limits": asdict(limits), "cross_check": cross_check}
        try:
            answer = _ask(process, json.dumps(job).encode() + b"\n", data, limits.wall_seconds)
        except Died as died:
            self.close()
            return _record_of(died, limits)
        self._files += 1
        if self._files >= FILES_EACH:
            self.close()
        return ReadDocument.model_validate_json(answer)

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self.close()
            self._process = _start(self.memory_bytes)
        return self._process

    def close(self) -> None:
        """End the process, whatever it does."""
        process, self._process, self._files = self._process, None, 0
        if process is None:
            return
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()


def _start(memory_bytes: int) -> subprocess.Popen[bytes]:
    environment = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    environment["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
    process = subprocess.Popen(  # noqa: S603
        [sys.executable, "-s", "-m", "spanwise.documents.worker", str(memory_bytes)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # a library's words on a file
        env=environment,
    )
    try:
        if _receive(process, len(READY), time.monotonic() + STARTING) == READY:
            return process
    except Died:
        pass
    process.kill()
    process.communicate()
    raise UserError(
        "the process that reads documents does not start",
        hint="It needs the extra `documents`; `python -m spanwise.documents.worker 536870912` says more.",
    )


def _ask(process: subprocess.Popen[bytes], header: bytes, data: bytes, seconds: float) -> bytes:
    deadline = time.monotonic() + seconds
    assert process.stdin is not None
    try:
        process.stdin.write(header + data)
        process.stdin.flush()
    except OSError:
        raise _died(process, late=False) from None
    size = int.from_bytes(_receive(process, HEADER, deadline), "big")
    if size > LARGEST_ANSWER:
        raise _died(process, late=False)
    return _receive(process, size, deadline)


def _receive(process: subprocess.Popen[bytes], size: int, deadline: float) -> bytes:
    assert process.stdout is not None
    descriptor = process.stdout.fileno()
    received = bytearray()
    while len(received) < size:
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([descriptor], [], [], left)[0]:
            raise _died(process, late=True)
        piece = os.read(descriptor, min(size - len(received), 1 << 20))
        if not piece:
            raise _died(process, late=False)
        received += piece
    return bytes(received)


def _died(process: subprocess.Popen[bytes], *, late: bool) -> Died:
    process.kill() if late else None
    code = process.wait()
    return Died(late=late, signal_number=-code if code < 0 else None)


def _record_of(died: Died, limits: Limits) -> ReadDocument:
    if died.late or died.signal_number in (signal.SIGPROF, signal.SIGXCPU):
        return ReadDocument(status="timeout", reason=f"takes more than {limits.seconds:g} s to read")
    return ReadDocument(status="corrupt", reason="made the program that reads it crash or run out of memory")


class Pool:
    """Workers that wait for files; as many run as files are read at once."""

    def __init__(self) -> None:
        self._idle: list[Worker] = []
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def borrow(self, memory_bytes: int) -> Iterator[Worker]:
        """A worker for this thread alone."""
        worker = self._take(memory_bytes)
        try:
            yield worker
        except BaseException:
            worker.close()  # what it would answer belongs to a file that no one waits for
            raise
        finally:
            with self._lock:
                self._idle.append(worker)

    def _take(self, memory_bytes: int) -> Worker:
        with self._lock:
            for index, worker in enumerate(self._idle):
                if worker.memory_bytes == memory_bytes:
                    return self._idle.pop(index)
        return Worker(memory_bytes)

    def close(self) -> None:
        """End the workers that wait."""
        with self._lock:
            for worker in self._idle:
                worker.close()
            self._idle.clear()


POOL = Pool()
atexit.register(POOL.close)
