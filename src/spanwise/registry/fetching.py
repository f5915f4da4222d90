"""Fetching one registered version."""

from __future__ import annotations

from pathlib import Path

from spanwise.deployment import Stage
from spanwise.errors import UserError
from spanwise.package import Manifest
from spanwise.registry.bundle import bundle
from spanwise.registry.ledger import Event, Ledger, latest, read_ledger
from spanwise.registry.snapshot import revision_of, snapshot


def fetch(
    root: Path, name: str, folder: Path, *, version: str | None = None, stage: Stage | None = None
) -> tuple[Manifest, Event]:
    """Make the package of a version in a new `folder`.

    Args:
        root: The repository.
        name: Of the model.
        folder: Where to; it may exist if it is empty.
        version: Which; None for what stands in `stage`, or else the highest that is not deprecated.
        stage: See above.

    Raises:
        UserError: If there is no such version, the folder holds something, or a part cannot be had.
    """
    if version and stage:
        raise UserError("a version and a stage: give one of them")
    if folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
        raise UserError("is there already", path=folder, hint="Name a new folder, or move it away.")
    event = _choose(read_ledger(root), name, version, stage)
    with snapshot(root, revision_of(event)) as own:
        settings = own.settings
    manifest = bundle(root, revision_of(event), folder, task=settings.task.name, model=settings.model.name)
    return manifest, event


def _choose(ledger: Ledger, name: str, version: str | None, stage: Stage | None) -> Event:
    if stage is not None:
        version = ledger.stages(name).get(stage)
        if version is None:
            raise UserError(f"no version of {name} stands in {stage}")
    chosen = version or latest(set(ledger.versions(name)) - ledger.deprecated(name))
    if chosen is None:
        raise UserError(f"all versions of {name} are deprecated")
    return ledger.version(name, chosen)
