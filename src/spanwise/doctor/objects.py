"""The objects that outputs are made of, and the stores that should have them: the cache and the remote.

DVC looks for the `.dir` object of a folder and believes the rest: an object that is gone from a remote is
"in sync" until somebody pulls. Here each one is looked for, and read too where that is asked for.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FOLDER = ".dir"


@dataclass(frozen=True)
class Store:
    """A cache or a remote: objects, named by the MD5 digest of what they hold.

    Attributes:
        database: DVC's own access to it.
        sizes: The bytes of each object in it by its name.
    """

    database: Any
    sizes: Mapping[str, int]

    def path(self, name: str) -> str:
        """Where an object is."""
        return str(self.database.oid_to_path(name))

    def digest(self, name: str) -> str:
        """The digest of what an object holds, which should be its name."""
        with self.database.fs.open(self.path(name), "rb") as file:
            return hashlib.file_digest(file, "md5").hexdigest()

    def is_intact(self, name: str) -> bool:
        """Whether an object is there and holds what its name says."""
        return name in self.sizes and self.digest(name) == name.removesuffix(FOLDER)


@dataclass
class Wanted:
    """What the outputs of the workspace and of all tags consist of.

    Attributes:
        owners: The output that each object belongs to, with its tag before it.
        here: The objects of the workspace alone.
        folders: The `.dir` objects among them, with their members.
        unreadable: Outputs whose `.dir` object is in no store, or damaged, so that their members are unknown.
    """

    owners: dict[str, str] = field(default_factory=dict)
    here: set[str] = field(default_factory=set)
    folders: dict[str, frozenset[str]] = field(default_factory=dict)
    unreadable: list[str] = field(default_factory=list)

    def outputs(self, names: Iterable[str]) -> list[str]:
        """The outputs that objects belong to, sorted."""
        return sorted({self.owners[name] for name in names})


def open_store(database: Any) -> Store:
    """A store with a fresh listing of what is in it."""
    sizes = _local(Path(database.path)) if database.fs.protocol == "local" else _distant(database)
    return Store(database, sizes)


def _local(folder: Path) -> dict[str, int]:
    files = (path for path in folder.glob("*/*") if path.is_file())
    return {f"{path.parent.name}{path.name}": path.stat().st_size for path in files}


def _distant(database: Any) -> dict[str, int]:
    files = database.fs.fs
    files.invalidate_cache()
    listing = files.find(database.path.rstrip("/"), detail=True)
    return {"".join(path.rsplit("/", 2)[-2:]): int(info["size"]) for path, info in listing.items()}


def wanted(repo: Any, stores: Iterable[Store]) -> Wanted:
    """The objects that the workspace's outputs and those of all tags are made of.

    Args:
        repo: DVC's `Repo`.
        stores: Where `.dir` objects are read from, the first that has one.
    """
    found, sources = Wanted(), list(stores)
    for revision in repo.brancher(all_tags=True):
        prefix = "" if revision == "workspace" else f"{revision}: "
        for out in repo.index.outs:
            # Outputs of stages that never ran have no digest; those of another kind of digest predate DVC 3.
            if not (out.use_cache and out.hash_info and out.hash_name == "md5"):
                continue
            _add(found, str(out.hash_info.value), f"{prefix}{out.def_path}", sources, here=not prefix)
    return found


def _add(found: Wanted, name: str, owner: str, stores: Iterable[Store], *, here: bool) -> None:
    """Add the object of an output, and those of its members where it is a folder."""
    if name.endswith(FOLDER) and name not in found.folders:
        members = next((members for store in stores if (members := _members(store, name)) is not None), None)
        if members is None:
            found.unreadable.append(owner)
        else:
            found.folders[name] = members
    for each in {name, *found.folders.get(name, ())}:
        found.owners.setdefault(each, owner)
        if here:
            found.here.add(each)


def _members(store: Store, name: str) -> frozenset[str] | None:
    """The objects that a `.dir` object lists, where the store has it intact."""
    if not store.is_intact(name):
        return None
    with store.database.fs.open(store.path(name), "rb") as file:
        return frozenset(str(entry["md5"]) for entry in json.load(file))
