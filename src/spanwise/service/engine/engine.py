"""The engine: what the service asks, and all of its parts put together."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from spanwise.deployment import REGISTRY, read_deployment
from spanwise.errors import UserError
from spanwise.service.contract import (
    ENDPOINTS,
    Answer,
    DrainingError,
    Endpoint,
    Item,
    Loader,
    ModelState,
    Observer,
    Served,
    ServiceError,
)
from spanwise.service.engine.batching import STOPPING, Batcher
from spanwise.service.engine.bundles import Bundle, Opener
from spanwise.service.engine.flights import Flights, Found, Kept
from spanwise.service.engine.queues import weight_of
from spanwise.service.engine.results import Results
from spanwise.service.engine.shelf import Shelf
from spanwise.service.engine.states import states_of
from spanwise.service.engine.watching import Watched


class Engine:
    """Answers for documents with the versions that a registry names. It belongs to one event loop.

    Args:
        folder: With `registry.json` and the versions beside it; None has rules alone.
        load: Makes operations.
        lanes: Batches that are computed at once, each on a thread of its own.
        threads: Of the runtime, for each lane.
        queue: Documents that may wait at an endpoint.
        window_s: How long a batch waits for more, in seconds, while another lane is at work.
        max_batch: Documents of a batch.
        cache_bytes: That answers may take which are kept for documents that come again; 0 keeps none.
        observer: Is told of what happens.
        watch_s: How often the registry is looked at, in seconds.
        keep: Versions that are loaded wherever they stand, `name@v1.2.0`.
        samples: A made-up document for each endpoint: a version that cannot answer to it does not serve.
    """

    def __init__(
        self,
        folder: Path | None,
        *,
        load: Loader,
        lanes: int,
        threads: int,
        queue: int,
        window_s: float,
        max_batch: int,
        cache_bytes: int,
        observer: Observer,
        watch_s: float = 0.5,
        keep: Collection[str] = (),
        samples: Mapping[Endpoint, Item] | None = None,
    ) -> None:
        self._folder, self._observer, self._watch_s = folder, observer, watch_s
        self._shelf = Shelf(Opener(load, lanes, threads, dict(samples or {})), keep=keep, observer=observer)
        self._batcher: Batcher[Item, Answer] = Batcher(
            lanes=lanes,
            queue=queue,
            window_s=window_s,
            max_batch=max_batch,
            weigh=lambda item: weight_of(len(item.text)),
            observer=observer,
        )
        self._flights = Flights(self._batcher, Results(cache_bytes), observer)
        self._watcher: asyncio.Task[None] | None = None
        self._watched: Watched | None = None
        self._started = self._stopping = False
        self._active = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self.registry_error = ""
        """What is wrong with `registry.json`; what it said before goes on serving."""

    async def start(self) -> None:
        """Load what the registry names, and rules; from then on the registry is watched.

        A version that cannot be loaded is no error: see `models`.

        Raises:
            UserError: If there is no whole registry in the folder.
        """
        if self._folder is not None:
            self._watched = Watched(self._folder / REGISTRY)
            self._shelf.apply(self._folder, read_deployment(self._folder))
        await self._shelf.load_rules()
        await self._shelf.settled()
        self._started = True
        if self._folder is not None:
            self._watcher = asyncio.create_task(self._watch())

    async def drain(self, timeout_s: float) -> None:
        """Take nothing new, and wait until what was accepted is answered, or for so long."""
        self._stopping = True
        try:
            await asyncio.wait_for(self._idle.wait(), timeout_s)
        except TimeoutError:
            return

    async def close(self) -> None:
        """Stop: what is not answered by now never will be."""
        self._stopping = True
        if self._watcher is not None:
            self._watcher.cancel()
            await asyncio.wait([self._watcher])
        self._batcher.close()
        await self._shelf.close()

    @property
    def ready(self) -> bool:
        """Whether all that was to be in production has been loaded once, and it is not about to stop."""
        warm = self._started and (self._folder is None or self._shelf.complete)
        return warm and not self._stopping

    async def run(
        self, endpoint: Endpoint, items: Sequence[Item], *, version: str | None, deadline_s: float
    ) -> list[Served | ServiceError]:
        """An answer for each document of a request, or why there is none; all from one version.

        Args:
            endpoint: Where it came in.
            items: The documents.
            version: Which one; see `resolution.choose`.
            deadline_s: Seconds that the client waits.

        Raises:
            DrainingError: If the server is about to stop.
            NoModelError: If nothing can answer here.
            NoVersionError: If the version is not loaded.
            QueueFullError: If too much waits already to answer in time.
        """
        if self._stopping:
            raise DrainingError(STOPPING)
        bundle, fallback = self._shelf.find(endpoint, version)
        deadline = time.monotonic() + deadline_s
        bundle.lease()
        self._active += 1
        self._idle.clear()
        try:
            found = await self._flights.answers(bundle, items, deadline)
        finally:
            bundle.release()
            self._active -= 1
            if not self._active:
                self._idle.set()
        return [self._served(bundle, fallback, each) for each in found]

    def models(self) -> list[ModelState]:
        """Which versions are loaded, on their way, or failed."""
        return states_of(self._shelf)

    async def reload(self) -> list[ModelState]:
        """Read the registry again, try what failed before once more, and wait until all is loaded.

        A damaged registry changes nothing: see `registry_error`.
        """
        await self._reread()
        await self._shelf.settled()
        return self.models()

    def depth(self) -> dict[Endpoint, int]:
        """How many documents wait at each endpoint."""
        return {endpoint: self._batcher.depth(endpoint) for endpoint in ENDPOINTS}

    def _served(self, bundle: Bundle, fallback: bool, found: Found) -> Served | ServiceError:
        value, batch = (found.answer, 0) if isinstance(found, Kept) else (found.value, found.batch)
        if not isinstance(value, Answer):
            assert isinstance(value, ServiceError)  # `lanes.failure` makes it one
            return value
        key, cached = bundle.key, isinstance(found, Kept)
        served = Served(value, key.name, key.version, fallback=fallback, cached=cached, batch=batch)
        self._observer.answered(served)
        return served

    async def _watch(self) -> None:
        """Follow the registry; what is loaded meanwhile does not keep it from being followed."""
        assert self._watched is not None
        while True:
            await asyncio.sleep(self._watch_s)
            if await asyncio.to_thread(self._watched.changed):
                await self._reread()

    async def _reread(self) -> None:
        if self._folder is None:
            return
        try:
            deployment = await asyncio.to_thread(read_deployment, self._folder)
        except UserError as error:
            self.registry_error = error.reason
            return
        self.registry_error = ""
        self._shelf.apply(self._folder, deployment)
