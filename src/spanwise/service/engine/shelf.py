"""The versions that are loaded, and which of them answers: each change takes effect at once and as a whole.

What the registry asks for and is loaded already stands at once; the rest is loaded beside what serves, and
stands as soon as it is there. The version that was in production before stays loaded, so that a rollback
loads nothing.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from spanwise.deployment import STAGES, Deployment, Stage, Version, version_folder
from spanwise.errors import UserError
from spanwise.service.contract import ENDPOINTS, Endpoint, NoModelError, NoVersionError, Observer
from spanwise.service.engine.bundles import Bundle, Key, Opener, digest_of
from spanwise.service.engine.resolution import PRODUCTION, choose

Place = tuple[str, Stage]
"""A stage of a model."""


class Shelf:
    """Holds the versions. It belongs to one event loop, whose thread alone calls it.

    Attributes:
        registered: What the registry says of each version.
        loaded: The versions that can answer.
        loading: Those that are on their way.
        failed: Those that could not be loaded, and why.
        retiring: Those that only finish what they have begun.
        standing: What answers for each stage of each model.
        rules: What answers where no model does.
        complete: Whether all that was to be in production has been, at one time.

    Args:
        opener: Brings versions into memory.
        keep: Versions that are loaded wherever they stand, `name@v1.2.0`.
        observer: Is told of swaps.
    """

    def __init__(self, opener: Opener, *, keep: Collection[str], observer: Observer) -> None:
        self.registered: dict[Key, Version] = {}
        self.loaded: dict[Key, Bundle] = {}
        self.loading: dict[Key, asyncio.Task[None]] = {}
        self.failed: dict[Key, str] = {}
        self.standing: dict[Place, Bundle] = {}
        self.rules: dict[Endpoint, Bundle] = {}
        self.complete = False
        self._opener, self._keep, self._observer = opener, frozenset(keep), observer
        self._folder = Path()
        self._wanted: dict[Place, Key] = {}
        self._standby: dict[str, Bundle] = {}
        self._retired: list[Bundle] = []
        self._asked = 0.0
        self._loader = ThreadPoolExecutor(1, thread_name_prefix="loader")
        self._turn = asyncio.Lock()

    @property
    def retiring(self) -> list[Bundle]:
        """Those that only finish what they have begun."""
        self._retired = [bundle for bundle in self._retired if not bundle.closed]
        return self._retired

    def wanted(self, key: Key) -> tuple[Stage, ...]:
        """Where the registry puts a version."""
        return tuple(stage for stage in STAGES if self._wanted.get((key.name, stage)) == key)

    async def load_rules(self) -> None:
        """Bring in what answers where no model does."""
        loop = asyncio.get_running_loop()
        for endpoint in ENDPOINTS:
            if bundle := await loop.run_in_executor(self._loader, self._opener.open_rules, endpoint):
                self.rules[endpoint] = bundle

    def apply(self, folder: Path, deployment: Deployment) -> None:
        """Let the registry's versions answer: now those that are loaded, the others once they are.

        One that cannot be loaded leaves that which stands in its place. What failed before is tried again.
        """
        self._asked, self._folder = time.monotonic(), folder
        keys = {
            (name, number): Key(name, number, digest_of(version.files))
            for name, model in deployment.models.items()
            for number, version in model.versions.items()
        }
        self.registered = {
            key: deployment.models[name].versions[number] for (name, number), key in keys.items()
        }
        self._wanted = {
            (name, stage): keys[name, model.stages[stage]]
            for stage in reversed(STAGES)  # production is loaded first
            for name, model in deployment.models.items()
            if stage in model.stages
        }
        self.failed.clear()
        self._settle()
        for key in self._needed():
            if key not in self.loaded and key not in self.loading:
                self.loading[key] = asyncio.create_task(self._load(key))

    async def settled(self) -> None:
        """Wait until nothing is on its way."""
        while self.loading:
            await asyncio.wait(list(self.loading.values()))

    def find(self, endpoint: Endpoint, asked: str | None) -> tuple[Bundle, bool]:
        """The version that is to answer, and whether it is rules in place of a model.

        Args:
            endpoint: Where.
            asked: See `resolution.choose`; `rules` are those.

        Raises:
            NoVersionError: If the version is not loaded.
            NoModelError: If nothing can answer at the endpoint.
        """
        rules = self.rules.get(endpoint)
        if rules and asked == rules.key.name:
            return rules, False
        if found := choose(endpoint, asked, self.standing, self.loaded.values()):
            return found, False
        if rules and asked is None:
            return rules, True
        if rules or any(bundle.endpoint == endpoint for bundle in self.loaded.values()):
            raise NoVersionError("this version is not deployed")
        raise NoModelError("no model is deployed that could answer")

    async def close(self) -> None:
        """Load nothing more."""
        for task in self.loading.values():
            task.cancel()
        await self.settled()
        self._loader.shutdown(wait=False, cancel_futures=True)

    async def _load(self, key: Key) -> None:
        try:
            async with self._turn:
                if key in self._needed():  # the registry may have changed its mind
                    await self._open(key)
        finally:
            del self.loading[key]
        self._settle()

    async def _open(self, key: Key) -> None:
        folder = version_folder(self._folder, key.name, key.version)
        opening = partial(self._opener.open, key, self.registered[key], folder)
        try:
            self.loaded[key] = await asyncio.get_running_loop().run_in_executor(self._loader, opening)
        except Exception as error:  # whatever it is, the others go on serving
            self.failed[key] = error.reason if isinstance(error, UserError) else type(error).__name__

    def _needed(self) -> list[Key]:
        kept = [key for key in self.registered if f"{key.name}@{key.version}" in self._keep]
        return list(dict.fromkeys((*self._wanted.values(), *kept)))

    def _settle(self) -> None:
        """Put what is loaded in its place, and let go of what nobody needs."""
        for place in self.standing.keys() - self._wanted.keys():
            del self.standing[place]
        for place, key in self._wanted.items():
            if bundle := self.loaded.get(key):
                self._place(place, bundle)
        for name, bundle in list(self._standby.items()):
            version = self.registered.get(bundle.key)
            if version is None or version.deprecated:
                del self._standby[name]
        needed = {*self._needed(), *(bundle.key for bundle in self._held())}
        for key in self.loaded.keys() - needed:
            bundle = self.loaded.pop(key)
            self._retired.append(bundle)
            bundle.retire()
        self.complete = self.complete or all(
            place in self.standing for place in self._wanted if place[1] == PRODUCTION
        )

    def _held(self) -> list[Bundle]:
        return [*self.standing.values(), *self._standby.values()]

    def _place(self, place: Place, bundle: Bundle) -> None:
        before = self.standing.get(place)
        if before is bundle:
            return
        self.standing[place] = bundle
        name, stage = place
        if before is None:
            return
        if stage == PRODUCTION:
            self._standby[name] = before
        self._observer.swapped(name, bundle.key.version, time.monotonic() - self._asked)
