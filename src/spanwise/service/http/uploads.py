"""Uploaded files to documents: off the event loop, by a bounded number of processes that can be killed."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace

from spanwise.documents import LIMITS, ReadDocument, read_document
from spanwise.service.http.problems import UNREADABLE, ProblemError
from spanwise.service.http.settings import Settings


class Uploads:
    """Reads files.

    Args:
        settings: How many at once, how many may wait, and how large they may be.
    """

    def __init__(self, settings: Settings) -> None:
        self._threads = ThreadPoolExecutor(settings.readers, thread_name_prefix="reading")
        self._most = settings.readers + settings.reading_queue
        self._limits = replace(LIMITS, file_bytes=settings.max_body_bytes, characters=settings.max_characters)
        self._held, self._lock = 0, threading.Lock()
        self._readers = settings.readers
        self.ready = False

    async def start(self) -> None:
        """Start the processes, each by a file of its own."""
        first = [self._threads.submit(self._read, b"Ready.") for _ in range(self._readers)]
        await asyncio.gather(*map(asyncio.wrap_future, first))
        self.ready = True

    def admit(self, files: int) -> None:
        """Take so many files in hand.

        Raises:
            ProblemError: If too many are already. A request by itself is always taken.
        """
        with self._lock:
            if self._held and self._held + files > self._most:
                raise ProblemError("overloaded")
            self._held += files

    async def read(self, files: tuple[bytes, ...]) -> list[ReadDocument | ProblemError]:
        """A document of each file, or why there is none; files that are not asked for any more are not read.

        Raises:
            ProblemError: See `admit`.
        """
        self.admit(len(files))
        reading = [self._threads.submit(self._read, data) for data in files]
        for each in reading:
            each.add_done_callback(self._release)  # not before its process is free
        try:
            documents = await asyncio.gather(*map(asyncio.wrap_future, reading))
        finally:
            for each in reading:
                each.cancel()
        return [_document(document) for document in documents]

    def close(self) -> None:
        """Read nothing more."""
        self.ready = False
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _read(self, data: bytes) -> ReadDocument:
        # Its name is left out: it is not needed, and often is a person's.
        return read_document(data, limits=self._limits, cross_check=False)

    def _release(self, _done: Future[ReadDocument]) -> None:
        with self._lock:
            self._held -= 1


def _document(document: ReadDocument) -> ReadDocument | ProblemError:
    if document.status == "ok":
        return document
    return ProblemError(UNREADABLE[document.status], document.reason)
