"""Servers as processes of their own on loopback: started, watched and ended."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile

import psutil

HOST = "127.0.0.1"
LAST = 4000
"""Bytes of its log that are shown of a server that does not start."""
STARTS = 120.0
"""Seconds that a server may take to be ready."""


@dataclass(frozen=True)
class Running:
    """A server that answers.

    Attributes:
        port: Where.
        process: What was started; workers are its children.
    """

    port: int
    process: subprocess.Popen[bytes]

    def resident_mb(self) -> float:
        """The resident memory of the process and its children, in MB (10^6 bytes)."""
        total = 0.0
        for member in self.family():
            with contextlib.suppress(psutil.NoSuchProcess):
                total += float(member.memory_info().rss) / 1e6
        return total

    def family(self) -> list[psutil.Process]:
        """The process and its children."""
        own = psutil.Process(self.process.pid)
        return [own, *own.children(recursive=True)]

    def stop(self, seconds: float = 30.0) -> int:
        """End it with SIGTERM, or by force where that takes too long. Its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()


def free_port() -> int:
    """A port of loopback that nobody has at the moment."""
    with socket.socket() as found:
        found.bind((HOST, 0))
        return int(found.getsockname()[1])


@contextlib.contextmanager
def spanwise(options: Sequence[str | Path]) -> Iterator[Running]:
    """`spanwise serve` with these options."""
    program = "import typer; from spanwise.cli.serve import serve; typer.run(serve)"
    with _started([sys.executable, "-c", program, *map(str, options)]) as running:
        yield running


@contextlib.contextmanager
def naive(model: Path, options: Sequence[str]) -> Iterator[Running]:
    """The service to compare with."""
    words = [sys.executable, "-m", "benchmarks.service.naive", "--model", str(model), *options]
    with _started(words) as running:
        yield running


@contextlib.contextmanager
def _started(words: Sequence[str]) -> Iterator[Running]:
    port = free_port()
    environment = {**os.environ, "OMP_WAIT_POLICY": os.environ.get("OMP_WAIT_POLICY", "PASSIVE")}
    with TemporaryFile() as log:
        process = subprocess.Popen(  # noqa: S603 - itself
            [*words, "--port", str(port)], env=environment, stdout=log, stderr=log
        )
        running = Running(port, process)
        try:
            wait_ready(running)
            yield running
        except SystemExit:
            log.seek(0)
            sys.stderr.write(log.read()[-LAST:].decode(errors="replace"))
            raise
        finally:
            running.stop()


def wait_ready(running: Running, seconds: float = STARTS) -> None:
    """Wait until `/readyz` says so.

    Raises:
        SystemExit: If the server ends before, or takes longer.
    """
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if running.process.poll() is not None:
            raise SystemExit(f"the server ended with {running.process.returncode}")
        if status(running.port, "/readyz") == 200:
            return
        time.sleep(0.1)
    raise SystemExit(f"the server was not ready within {seconds:g} s")


def status(port: int, path: str) -> int:
    """The status of a GET; 0 if nobody answers."""
    connection = http.client.HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()
