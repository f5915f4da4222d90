"""A version of a model in memory: checked before it is loaded, and never changed from then on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from spanwise import __version__
from spanwise.deployment import Kind, Version
from spanwise.errors import UserError
from spanwise.service.contract import RULES, Endpoint, Item, Loader, Operation

ENDPOINT_OF: dict[Kind, Endpoint] = {
    "ner": "extract",
    "resume": "parse",
    "pii": "anonymise",
    "compression": "compress",
    "instruct": "generate",
}
"""Where a model of a kind answers."""

DEPLOY = "Deploy the version's folder anew, then reload."


@dataclass(frozen=True)
class Key:
    """Which version of which model: the digest tells apart what was registered twice under one number."""

    name: str
    version: str
    digest: str


class Bundle:
    """A version that is loaded, for as long as someone needs it.

    Requests hold a lease of it while they are under way. Once it is retired, it closes with the last of them,
    and what it holds is freed.

    Args:
        key: Which one.
        endpoint: Where it answers.
        operations: One for each lane. It is the same one where an operation says of itself that it is
            `concurrent`: several threads may call it at once, and its weights are in memory once.
        metrics: Its headline figures.
    """

    def __init__(
        self,
        key: Key,
        endpoint: Endpoint,
        operations: Sequence[Operation],
        metrics: Mapping[str, float] | None = None,
    ) -> None:
        self.key, self.endpoint, self.metrics = key, endpoint, dict(metrics or {})
        self.backend = str(getattr(operations[0], "backend", ""))
        self._operations = tuple(operations)
        self._leases = 0
        self._retired = False

    def on(self, lane: int) -> Operation:
        """What computes in a lane."""
        return self._operations[lane]

    def lease(self) -> None:
        """Keep it open until `release`."""
        self._leases += 1

    def release(self) -> None:
        """Give a lease back."""
        self._leases -= 1
        self._close_unless_needed()

    def retire(self) -> None:
        """Close with the last lease."""
        self._retired = True
        self._close_unless_needed()

    @property
    def closed(self) -> bool:
        """Whether it has nothing in memory any more."""
        return not self._operations

    def _close_unless_needed(self) -> None:
        if self._retired and not self._leases:
            self._operations = ()


@dataclass(frozen=True)
class Opener:
    """Brings versions into memory, which takes seconds.

    Attributes:
        load: Makes operations.
        lanes: How many are to compute at once.
        threads: On how many threads each.
        samples: A made-up document for each endpoint that a version must answer before it takes any other.
    """

    load: Loader
    lanes: int
    threads: int
    samples: Mapping[Endpoint, Item]

    def open(self, key: Key, version: Version, folder: Path) -> Bundle:
        """A version, as it was registered.

        Raises:
            UserError: If its folder does not hold what was registered, or it cannot be loaded.
            Exception: Whatever it raises when it is given the sample.
        """
        verify(folder, version.files)
        endpoint = ENDPOINT_OF[version.kind]
        return Bundle(key, endpoint, self._operations(endpoint, folder), version.metrics)

    def open_rules(self, endpoint: Endpoint) -> Bundle | None:
        """What answers where no model does, if anything can."""
        try:
            operations = self._operations(endpoint, None)
        except UserError:
            return None
        return Bundle(Key(RULES, __version__, ""), endpoint, operations)

    def _operations(self, endpoint: Endpoint, folder: Path | None) -> list[Operation]:
        first = self._operation(endpoint, folder)
        if getattr(first, "concurrent", False):
            return [first] * self.lanes
        return [first, *(self._operation(endpoint, folder) for _ in range(1, self.lanes))]

    def _operation(self, endpoint: Endpoint, folder: Path | None) -> Operation:
        operation = self.load(endpoint, folder, threads=self.threads)
        if sample := self.samples.get(endpoint):
            (answer,) = operation([sample])
            if isinstance(answer, Exception):
                raise answer
        return operation


def verify(folder: Path, files: Mapping[str, str]) -> None:
    """See that a folder holds the registered files, and nothing else.

    Args:
        folder: Of a version.
        files: The SHA-256 digest of each by its path there.

    Raises:
        UserError: If it does not, or no file was registered.
    """
    if not files:
        raise UserError("the registry knows no digests of its files", path=folder, hint=DEPLOY)
    if not folder.is_dir():
        raise UserError("its folder is missing", path=folder, hint=DEPLOY)
    found = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    if missing := sorted(files.keys() - found):
        raise UserError(f"lacks {_listed(missing)}", path=folder, hint=DEPLOY)
    if strange := sorted(found.keys() - files):
        raise UserError(f"holds what was not registered: {_listed(strange)}", path=folder, hint=DEPLOY)
    if altered := sorted(name for name, path in found.items() if _digest(path) != files[name]):
        raise UserError(f"is not what was registered: {_listed(altered)}", path=folder, hint=DEPLOY)


def digest_of(files: Mapping[str, str]) -> str:
    """One SHA-256 digest for those of a folder's files."""
    return hashlib.sha256(json.dumps(dict(files), sort_keys=True).encode()).hexdigest()


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
