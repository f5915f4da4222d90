"""Registering: what a commit must be to become a version of a model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from spanwise.errors import UserError
from spanwise.experiments import Experiment, find
from spanwise.registry.artefacts import Artefact, check_model, check_name, declared
from spanwise.registry.bundle import PARTS
from spanwise.registry.figures import FIRST, Bump, Drawing, Suggestion, raised, suggest
from spanwise.registry.ledger import Event, latest, parse, read_ledger
from spanwise.registry.outputs import missing_in_remote, outputs_of
from spanwise.registry.snapshot import Snapshot, revision_of, snapshot
from spanwise.registry.tagging import tag_version


@dataclass(frozen=True)
class Proposal:
    """A version that may be registered.

    Attributes:
        name: Of the model.
        version: That it will be.
        revision: The commit.
        suggestion: Which number to raise, and why; None of the first version.
        after: The highest version there is; None of the first.
    """

    name: str
    version: str
    revision: Experiment
    suggestion: Suggestion | None
    after: str | None


def propose(
    root: Path,
    name: str,
    revision: str,
    drawing: Drawing,
    *,
    version: str | None = None,
    bump: Bump | None = None,
    stale: Mapping[str, Sequence[str]],
    remote: str | None = None,
    deep: bool = False,
) -> Proposal:
    """Hold a commit against an artefact, and find the version that it would be.

    Args:
        root: The repository.
        name: Of the artefact.
        revision: A branch, tag, commit or DVC experiment.
        drawing: Of the paired bootstrap that compares it with the highest version.
        version: What it is to be; None for the suggestion.
        bump: Which number to raise; None for the suggestion.
        stale: The stages of the commit that are out of date, with what has changed since they ran.
        remote: Where the bytes must be; None for the default remote.
        deep: Whether the bytes are read there and their digests compared.

    Raises:
        UserError: If the commit does not hold the artefact, its bytes are not in the remote, or it has a
            version already, or the version is taken.
    """
    check_name(name)
    ledger, found = read_ledger(root), find(root, revision)
    known = ledger.versions(name) if name in ledger.names else {}
    _check_free(known, found.commit, version)
    if stale:
        told = "; ".join(f"{stage} ({', '.join(reasons)})" for stage, reasons in stale.items())
        raise UserError(
            f"the results of {revision} are out of date: {told}",
            hint="`dvc repro`, commit, and register that.",
        )
    newest = latest(known)
    with ExitStack() as stack:
        own = stack.enter_context(snapshot(root, found))
        _check_content(root, own, name, remote=remote, deep=deep)
        suggestion = None
        if newest is not None:
            highest = stack.enter_context(snapshot(root, revision_of(known[newest])))
            suggestion = suggest(highest, own, drawing)
    return Proposal(name, version or _next(newest, bump, suggestion), found, suggestion, newest)


def _check_free(known: Mapping[str, Event], commit: str, version: str | None) -> None:
    taken = next((event for event in known.values() if event.commit == commit), None)
    if taken is not None:
        raise UserError(f"this commit is {taken.name} {taken.version} already")
    if version is None:
        return
    parse(version)
    if version in known:
        raise UserError(f"{version} is taken by commit {known[version].commit[:7]}")
    highest = latest(known)
    if highest is not None and parse(version) < parse(highest):
        raise UserError(f"{version} is below {highest}, the highest version")


def _check_content(root: Path, own: Snapshot, name: str, *, remote: str | None, deep: bool) -> None:
    artefact = declared(own.pipeline, name, own.revision.name)
    check_model(name, artefact, own.settings, own.config)
    faults = missing_in_remote(root, own.revision, kept(root, own, artefact), remote=remote, deep=deep)
    if faults:
        raise UserError(
            f"the remote lacks what would be registered: {'; '.join(faults)}",
            hint="`dvc push`, of an experiment `dvc exp push`; `spanwise doctor --repair-remote` where that "
            "says it is up to date.",
        )


def kept(root: Path, own: Snapshot, artefact: Artefact) -> list[str]:
    """The paths of the outputs that a version is made of, and DVC keeps.

    Raises:
        UserError: If no stage writes what the artefact names.
    """
    outs = {out.path: out for out in outputs_of(root, own.revision)}
    if artefact.path not in outs:
        raise UserError(f"no stage of {own.revision.name} writes {artefact.path}", path="dvc.yaml")
    wanted = dict.fromkeys((artefact.path, *PARTS))
    return [path for path in wanted if path in outs and outs[path].cached]


def _next(newest: str | None, bump: Bump | None, suggestion: Suggestion | None) -> str:
    if newest is None or suggestion is None:
        return FIRST
    return raised(newest, bump or suggestion.bump)


def register(root: Path, proposal: Proposal, message: str | None, *, push: bool = False) -> str:
    """Give the commit of a proposal its version, and return the tag.

    Raises:
        UserError: If git or the remote refuses.
    """
    told = message or (proposal.suggestion.reason if proposal.suggestion else "the first version")
    return tag_version(
        root, proposal.name, proposal.version, proposal.revision.commit, f"{told}\n", push=push
    )
