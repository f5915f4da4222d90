"""What the operator is told of versions: which are loaded, which are not, and why."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from spanwise.deployment import Version
from spanwise.service.contract import ModelState
from spanwise.service.engine.bundles import ENDPOINT_OF, Bundle, Key
from spanwise.service.engine.shelf import Shelf


def states_of(shelf: Shelf) -> list[ModelState]:
    """Every version that is loaded, on its way or failed, by name and number; rules come last."""
    found = sorted(
        (*_ready(shelf), *_elsewhere(shelf), *(_held(bundle, "retiring", ()) for bundle in shelf.retiring)),
        key=lambda state: (state.name, _number(state.version), state.state),
    )
    return [*found, *(_held(bundle, "ready", ()) for bundle in shelf.rules.values())]


def _ready(shelf: Shelf) -> Iterator[ModelState]:
    for bundle in shelf.loaded.values():
        stages = tuple(stage for (_, stage), stands in sorted(shelf.standing.items()) if stands is bundle)
        yield _held(bundle, "ready", stages)


def _elsewhere(shelf: Shelf) -> Iterator[ModelState]:
    for key in shelf.loading:
        if version := shelf.registered.get(key):
            yield _absent(shelf, key, version, "loading", "")
    for key, reason in shelf.failed.items():
        if version := shelf.registered.get(key):
            yield _absent(shelf, key, version, "failed", reason)


def _held(bundle: Bundle, state: Literal["ready", "retiring"], stages: tuple[str, ...]) -> ModelState:
    key = bundle.key
    return ModelState(
        name=key.name,
        version=key.version,
        endpoint=bundle.endpoint,
        state=state,
        stages=stages,
        backend=bundle.backend,
        digest=key.digest,
        metrics=bundle.metrics,
    )


def _absent(
    shelf: Shelf, key: Key, version: Version, state: Literal["loading", "failed"], reason: str
) -> ModelState:
    return ModelState(
        name=key.name,
        version=key.version,
        endpoint=ENDPOINT_OF[version.kind],
        state=state,
        stages=shelf.wanted(key),
        digest=key.digest,
        reason=reason,
        metrics=dict(version.metrics),
    )


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.removeprefix("v").split("."))
