"""Whether the cache and the remote have what the outputs are made of, and the repair of a remote."""

from __future__ import annotations

import configparser
import shlex
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from spanwise.doctor.finding import Finding, listed
from spanwise.doctor.objects import FOLDER, Store, Wanted, open_store, wanted
from spanwise.errors import UserError
from spanwise.experiments import repository
from spanwise.reporting.formatting import counted

CACHE, REMOTE = "cache", "remote"
REPAIR = "`spanwise doctor --repair-remote`, in a clone whose cache has them"
LINKS = {"hardlink", "symlink"}


@dataclass(frozen=True)
class Stores:
    """Cache and remote of a repository, and what should be in them.

    Attributes:
        repo: DVC's `Repo`.
        cache: The cache of this clone.
        remote: The remote; `None` where none is set, or it cannot be reached.
        wanted: The objects.
    """

    repo: Any
    cache: Store
    remote: Store | None
    wanted: Wanted


def examine_stores(root: Path, remote: str | None, *, deep: bool) -> Iterator[Finding]:
    """Look for every object in the cache and in the remote.

    Args:
        root: The repository.
        remote: The remote's name; the default one where it is `None`.
        deep: Whether each object is read and its digest compared, which downloads what the remote has.
    """
    with repository(root) as repo:
        store, told = _reach(repo, remote)
        cache = open_store(repo.cache.local)
        stores = Stores(repo, cache, store, wanted(repo, [each for each in (cache, store) if each]))
        yield from _cache(stores, deep=deep)
        yield from told
        if store is not None:
            yield from _remote(stores, deep=deep)


def repair_remote(root: Path, remote: str | None) -> int:
    """Send the remote what it lacks or holds damaged, of what the cache has intact, and count it.

    DVC's own push does not: it trusts the `.dir` object of a folder whose members are gone.

    Raises:
        UserError: If there is no remote, it cannot be reached or it refuses.
    """
    with repository(root) as repo:
        store, told = _reach(repo, remote)
        if store is None:
            raise UserError(told[0].message, hint=told[0].hint)
        cache = open_store(repo.cache.local)
        needed = wanted(repo, (cache, store)).owners
        damaged = [name for name in needed if name in store.sizes and not store.is_intact(name)]
        absent = [name for name in needed if name not in store.sizes]
        sound = [name for name in (*damaged, *absent) if cache.is_intact(name)]
        for name in set(damaged) & set(sound):
            store.database.fs.remove(store.path(name))
        # Members first: a folder's own object says that they are all there.
        sent = 0
        for folder in (False, True):
            names = [name for name in sound if name.endswith(FOLDER) == folder]
            infos = [repo.cache.local.get(name).hash_info for name in names]
            result = repo.cloud.transfer(repo.cache.local, store.database, infos)
            if result.failed:
                raise UserError(f"{counted(len(result.failed), 'object')} could not be sent to the remote")
            sent += len(names)
        return sent


def _reach(repo: Any, remote: str | None) -> tuple[Store | None, list[Finding]]:
    """The remote, where it answers, and what there is to say of it."""
    name = remote or repo.config["core"].get("remote")
    if not name:
        hint = "`dvc remote add --default NAME URL`; docs/team.md has recipes."
        return None, [Finding(REMOTE, "warning", "no remote is set: results stay on this machine", hint)]
    try:
        found = repo.cloud.get_remote(name)
        store = open_store(found.odb)
    except Exception as error:  # each file system has its own
        reason = " ".join(str(error).split()) or type(error).__name__
        hint = "`dvc remote list` shows its address; S3 takes credentials and `pip install -e '.[s3]'`."
        return None, [Finding(REMOTE, "error", f"{name} cannot be read: {reason}", hint)]
    told = []
    if not found.config.get("verify"):
        message = f"{name} does not verify: a damaged object would be pulled without a word"
        told.append(Finding(REMOTE, "warning", message, f"`dvc remote modify {name} verify true`"))
    if found.fs.protocol == "local" and _is_relative(Path(repo.root_dir), name):
        message = f"{name} has a relative address, which DVC takes from / when it pushes experiments and tags"
        told.append(Finding(REMOTE, "error", message, f"`dvc remote modify {name} url {found.path}`"))
    if found.fs.protocol == "s3":
        told += _lifecycle(found)
    return store, told


def _is_relative(root: Path, name: str) -> bool:
    """Whether the address of a remote that is a folder is its way from the settings.

    The settings of a revision lie in git's tree, whose root is `/`, and DVC 3.67 goes on from there.
    """
    for settings in ("config.local", "config"):
        parser = configparser.ConfigParser(interpolation=None)
        parser.read(root / ".dvc" / settings, encoding="utf-8")
        address = parser.get(f"'remote \"{name}\"'", "url", fallback=None)
        if address is not None:
            return not Path(address.strip("'\"")).is_absolute()
    return False


def _lifecycle(remote: Any) -> Iterator[Finding]:
    """What the rules of a bucket do to objects, where the server tells."""
    bucket = remote.path.partition("/")[0]
    try:
        answer = remote.fs.fs.call_s3("get_bucket_lifecycle_configuration", Bucket=bucket)
    except Exception:  # no rules, no right to read them, or a server without any
        answer = {}
    yield from rules(bucket, answer.get("Rules", []))


def rules(bucket: str, found: Sequence[dict[str, Any]]) -> Iterator[Finding]:
    """What the lifecycle rules of an S3 bucket lack, and what they must not do."""
    enabled = [rule for rule in found if rule.get("Status") == "Enabled"]
    if not any("AbortIncompleteMultipartUpload" in rule for rule in enabled):
        message = (
            f"no rule of {bucket} ends incomplete uploads: parts of killed pushes stay, unseen and paid for"
        )
        hint = "Set AbortIncompleteMultipartUpload; docs/team.md has the command."
        yield Finding(REMOTE, "warning", message, hint)
    if any("Expiration" in rule for rule in enabled):
        message = f"a rule of {bucket} lets objects expire: DVC does not notice that they are gone"
        yield Finding(REMOTE, "error", message, "Remove it, or limit it to a prefix outside of the remote.")


def _cache(stores: Stores, *, deep: bool) -> Iterator[Finding]:
    """What is wrong with this clone's objects; those of tags need not be here."""
    cache, needed = stores.cache, stores.wanted
    kinds = LINKS & set(stores.repo.config["cache"].get("type") or [])
    if kinds:
        message = f"outputs are {' or '.join(sorted(kinds))}s: writing to one damages the cache"
        hint = "`dvc config cache.type reflink,copy && dvc checkout --relink`"
        yield Finding(CACHE, "warning", message, hint)
    elsewhere = stores.remote.sizes if stores.remote else {}
    absent = sorted(needed.here - cache.sizes.keys())
    if absent:
        lost = [name for name in absent if name not in elsewhere]
        yield _absent(needed, absent, lost)
    damaged = sorted(name for name in needed.here & cache.sizes.keys() if deep and not cache.is_intact(name))
    if damaged:
        yield _damaged(stores, damaged)
    if not absent and not damaged:
        read = ", each as its digest says" if deep else ""
        yield Finding(CACHE, "ok", f"{counted(len(needed.here), 'object')}{read}")


def _absent(needed: Wanted, absent: Sequence[str], lost: Sequence[str]) -> Finding:
    """Outputs that are not here, or nowhere."""
    message = f"{counted(len(absent), 'object')} not here, of {listed(needed.outputs(absent))}"
    if not lost:
        return Finding(CACHE, "warning", message, "`dvc pull`")
    hint = "`dvc push` in a clone that has them and `dvc pull` here; or make them anew: `dvc repro`."
    return Finding(CACHE, "error", f"{message}; {len(lost)} not in a remote either", hint)


def _damaged(stores: Stores, names: Sequence[str]) -> Finding:
    """Objects of the cache that do not hold what their names say, and where to get them from."""
    paths = shlex.join(stores.cache.path(name) for name in names)
    message = f"{counted(len(names), 'object')} damaged, of {listed(stores.wanted.outputs(names))}"
    there = stores.remote is not None and set(names) <= stores.remote.sizes.keys()
    remedy = "dvc pull --force" if there else "dvc repro"
    return Finding(CACHE, "error", message, f"`rm -f {paths} && {remedy}`")


def _remote(stores: Stores, *, deep: bool) -> Iterator[Finding]:
    """What the remote lacks or holds damaged, of the workspace and of every tag."""
    assert stores.remote is not None
    remote, needed = stores.remote, stores.wanted
    absent = needed.owners.keys() - remote.sizes.keys()
    hidden = {
        member
        for folder, members in needed.folders.items()
        if folder in remote.sizes
        for member in members & absent
    }
    plain = absent - hidden
    if plain:
        owners = listed(needed.outputs(plain))
        hint = "`dvc push`; `dvc push --all-tags` for those of tags."
        yield Finding(REMOTE, "error", f"{counted(len(plain), 'object')} never pushed, of {owners}", hint)
    if hidden:
        owners = listed(needed.outputs(hidden))
        message = f"{counted(len(hidden), 'object')} gone, of {owners}, though DVC says that all is in sync"
        yield Finding(REMOTE, "error", message, REPAIR)
    damaged = _differing(stores, needed.owners.keys() & remote.sizes.keys(), deep=deep)
    if damaged:
        message = f"{counted(len(damaged), 'object')} damaged, of {listed(needed.outputs(damaged))}"
        yield Finding(REMOTE, "error", message, REPAIR)
    if needed.unreadable:
        message = f"the list of files is in neither store, for {listed(sorted(set(needed.unreadable)))}"
        yield Finding(REMOTE, "error", message, "`dvc push` where they were made.")
    if not absent and not damaged and not needed.unreadable:
        read = ", each as its digest says" if deep else ""
        yield Finding(REMOTE, "ok", f"{counted(len(needed.owners), 'object')}{read}")


def _differing(stores: Stores, names: Iterable[str], *, deep: bool) -> list[str]:
    """Objects of the remote that are not what they should be: their digest if `deep`, else their size."""
    assert stores.remote is not None
    if deep:
        return sorted(name for name in names if not stores.remote.is_intact(name))
    ours, theirs = stores.cache.sizes, stores.remote.sizes
    return sorted(name for name in names if name in ours and ours[name] != theirs[name])
