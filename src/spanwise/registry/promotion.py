"""Promoting: the gates that a version must pass, and the tag that says so."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from spanwise.deployment import Stage
from spanwise.errors import UserError
from spanwise.registry.artefacts import check_model, declared
from spanwise.registry.figures import Drawing
from spanwise.registry.gates import Gates, Passage, examine
from spanwise.registry.ledger import Event, Ledger, latest, read_ledger
from spanwise.registry.outputs import missing_in_remote
from spanwise.registry.registering import kept
from spanwise.registry.rollback import Move
from spanwise.registry.snapshot import revision_of, snapshot
from spanwise.registry.tagging import tag_stage

OPEN = "open: "
"""Before what a tag says of each gate that was."""


def promote(
    root: Path,
    name: str,
    version: str | None,
    stage: Stage,
    *,
    gates: Gates,
    drawing: Drawing,
    force: str | None = None,
    message: str | None = None,
    remote: str | None = None,
    push: bool = False,
) -> Move:
    """Put a version into a stage, if the gates are open.

    Args:
        root: The repository.
        name: Of the model.
        version: Which; None for the highest that is not deprecated.
        stage: Where to.
        gates: What it must show.
        drawing: Of the paired bootstrap against what stands there.
        force: Why it is promoted although its figures do not suffice; the tag records it.
        message: What the tag says beside.
        remote: Where the bytes must be; None for the default remote.
        push: Whether `origin` gets the tag.

    Raises:
        UserError: If there is no such version, it is deprecated, or a gate is shut.
    """
    ledger = read_ledger(root)
    chosen = _choose(ledger, name, version)
    standing = ledger.stages(name).get(stage)
    if standing == chosen.version:
        return Move(name, stage, chosen.version, standing, None)
    passages = _examine(root, ledger, chosen, standing, gates=gates, drawing=drawing, remote=remote)
    shut = [each for each in passages if not each.passed]
    _check_open(chosen, stage, shut, force)
    told = [message or f"{standing or 'nothing'} stood there before"]
    if shut:
        told.append(f"forced: {force}")
        told += [f"shut: {each.gate}: {each.reason}" for each in shut]
    told += [f"{OPEN}{each.gate}: {each.reason}" for each in passages if each.passed]
    tag = tag_stage(root, name, chosen.version, stage, "\n".join([*told, ""]), push=push)
    return Move(name, stage, chosen.version, standing, tag, tuple(passages))


def _choose(ledger: Ledger, name: str, version: str | None) -> Event:
    deprecated = ledger.deprecated(name)
    if version is None:
        version = latest(set(ledger.versions(name)) - deprecated)
        if version is None:
            raise UserError(f"all versions of {name} are deprecated")
    chosen = ledger.version(name, version)
    if version in deprecated:
        raise UserError(f"{name} {version} is deprecated", hint="Register a new version.")
    return chosen


def _examine(
    root: Path,
    ledger: Ledger,
    chosen: Event,
    standing: str | None,
    *,
    gates: Gates,
    drawing: Drawing,
    remote: str | None,
) -> list[Passage]:
    with ExitStack() as stack:
        own = stack.enter_context(snapshot(root, revision_of(chosen)))
        artefact = declared(own.pipeline, chosen.name, own.revision.name)
        check_model(chosen.name, artefact, own.settings, own.config)
        other = None
        if standing is not None and gates.regression:
            other = stack.enter_context(snapshot(root, revision_of(ledger.version(chosen.name, standing))))
        faults: list[str] = []
        if gates.remote:
            faults = missing_in_remote(root, own.revision, kept(root, own, artefact), remote=remote)
        return examine(own, other, artefact.meta.kind, gates, drawing, faults=faults)


def _check_open(chosen: Event, stage: Stage, shut: Sequence[Passage], force: str | None) -> None:
    """Refuse where a gate is shut that no reason can open."""
    hard = [each for each in shut if not each.of_figures]
    told = "; ".join(f"{each.gate}: {each.reason}" for each in hard or shut)
    if hard:
        hint = "--force is no answer to what a version lacks; `dvc push` and `dvc repro` are."
        raise UserError(f"{chosen.name} {chosen.version} cannot go to {stage}: {told}", hint=hint)
    if shut and not (force and force.strip()):
        hint = "`--force REASON` promotes it all the same, and its tag tells the reason."
        raise UserError(f"{chosen.name} {chosen.version} cannot go to {stage}: {told}", hint=hint)
