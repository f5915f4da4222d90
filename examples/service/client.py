"""A client of `spanwise serve`, in the standard way: one connection pool, a time limit, and patience.

    python examples/service/client.py extract "A 54-year-old man took aspirin for chest pain."
    python examples/service/client.py parse cv.pdf
    python examples/service/client.py anonymise cv.docx --option level=thorough

`SPANWISE_URL` is where the server is, `SPANWISE_KEY` a key where it asks for one. Takes httpx.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx

AGAIN = frozenset({429, 503})
"""The server has done nothing, and says in `Retry-After` when to ask again."""
LONGEST_WAIT = 30.0
"""Seconds: whoever is told to wait longer gives up."""


class ProblemError(Exception):
    """What the server says in place of an answer, RFC 9457.

    Args:
        response: The response.
    """

    def __init__(self, response: httpx.Response) -> None:
        told = response.json() if "problem+json" in response.headers.get("content-type", "") else {}
        self.code = str(told.get("code", f"http-{response.status_code}"))
        self.status = response.status_code
        self.request_id = response.headers.get("x-request-id", "")
        super().__init__(f"{self.code}: {told.get('detail', response.reason_phrase)} ({self.request_id})")


class Client:
    """Asks a server; every question can be asked again, since answering changes nothing.

    Args:
        url: Of the server.
        key: An API key.
        attempts: How often to ask.
        timeout: Seconds to wait for an answer.
        sleep: Waits.
    """

    def __init__(
        self,
        url: str,
        key: str | None = None,
        *,
        attempts: int = 5,
        timeout: float = 30.0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        headers = {} if key is None else {"Authorization": f"Bearer {key}"}
        self._http = httpx.Client(base_url=url, headers=headers, timeout=timeout)
        self._attempts, self._sleep = attempts, sleep

    def __enter__(self) -> Client:
        """Itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close its connections."""
        self._http.close()

    def texts(self, endpoint: str, texts: Sequence[str], **options: Any) -> dict[str, Any]:
        """Ask about texts.

        Raises:
            ProblemError: If the server refuses.
            httpx.TransportError: If it cannot be reached.
        """
        return self._ask(endpoint, json={"texts": list(texts), **options})

    def files(self, endpoint: str, paths: Sequence[Path], **options: str) -> dict[str, Any]:
        """Ask about files: PDF, DOCX or text. Their names stay here.

        Raises:
            ProblemError: If the server refuses.
            httpx.TransportError: If it cannot be reached.
        """
        files = [("files", ("document", path.read_bytes())) for path in paths]
        return self._ask(endpoint, files=files, data=options)

    def _ask(self, endpoint: str, **body: Any) -> dict[str, Any]:
        for attempt in range(1, self._attempts + 1):
            last = attempt == self._attempts
            try:
                response = self._http.post(f"/v1/{endpoint}", **body)
            except httpx.TransportError:
                # The server was ended, or the way to it is broken.
                if last:
                    raise
                self._sleep(backoff(attempt))
                continue
            if response.is_success:
                return dict(response.json())
            wait = retry_after(response.headers, attempt)
            if last or response.status_code not in AGAIN or wait > LONGEST_WAIT:
                raise ProblemError(response)
            self._sleep(wait)
        raise AssertionError("unreachable")


def retry_after(headers: Mapping[str, str], attempt: int) -> float:
    """The seconds that the server asks to wait, a little spread, or else a growing time."""
    told = headers.get("retry-after", "")
    return float(told) + random.uniform(0, 0.5) if told.isdecimal() else backoff(attempt)  # noqa: S311


def backoff(attempt: int) -> float:
    """Seconds that double with each attempt, spread at random so that clients do not come back together."""
    return random.uniform(0.5, 1.0) * 0.25 * float(2**attempt)  # noqa: S311


def main(words: Sequence[str] | None = None) -> int:
    """Ask once, and print the answer."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("endpoint", choices=("extract", "parse", "anonymise", "compress", "generate"))
    parser.add_argument("documents", nargs="+", help="Files, or texts.")
    parser.add_argument("--option", action="append", default=[], metavar="NAME=VALUE")
    told = parser.parse_args(words)
    options = dict(each.split("=", 1) for each in told.option)
    url = os.environ.get("SPANWISE_URL", "http://127.0.0.1:8000")
    with Client(url, os.environ.get("SPANWISE_KEY")) as client:
        try:
            if all(_is_file(Path(each)) for each in told.documents):
                answer = client.files(told.endpoint, [Path(each) for each in told.documents], **options)
            else:
                answer = client.texts(told.endpoint, told.documents, **options)
        except (ProblemError, httpx.TransportError) as error:
            sys.stderr.write(f"{error}\n")
            return 1
    sys.stdout.write(json.dumps(answer, ensure_ascii=False, indent=2) + "\n")
    return 0


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a text can be too long for a name
        return False


if __name__ == "__main__":
    raise SystemExit(main())
