"""Going back and deprecating: it takes git's tags alone, and no time."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from spanwise.deployment import Stage
from spanwise.errors import UserError
from spanwise.registry.ledger import Ledger, before, read_ledger
from spanwise.registry.tagging import tag_deprecation, tag_stage

if TYPE_CHECKING:
    from spanwise.registry.gates import Passage


@dataclass(frozen=True)
class Move:
    """A version that was put into a stage.

    Attributes:
        before: What stood there; None where nothing did.
        tag: That says so; None where it stood there already.
        passages: What came of each gate.
    """

    name: str
    stage: Stage
    version: str
    before: str | None
    tag: str | None
    passages: tuple[Passage, ...] = ()


def roll_back(
    root: Path,
    name: str,
    stage: Stage,
    *,
    to: str | None = None,
    reason: str | None = None,
    push: bool = False,
) -> Move:
    """Put the version before back into a stage, or one that is named. No gate is asked: it has passed them.

    Args:
        root: The repository.
        name: Of the model.
        stage: Which.
        to: A version that stood there; None for the one before.
        reason: Why, for the tag.
        push: Whether `origin` gets the tag.

    Raises:
        UserError: If none stood there before, or the named one did not, or is deprecated.
    """
    ledger = read_ledger(root)
    deprecated, stack = ledger.deprecated(name), ledger.stack(name, stage)
    if not stack:
        raise UserError(f"no version of {name} stands in {stage}")
    target = to or before(stack, deprecated)
    if target is None:
        raise UserError(
            f"{stack[-1]} is the only version of {name} that {stage} can have: there is none to go back to",
            hint="`spanwise registry promote` puts another there.",
        )
    if target == stack[-1]:
        return Move(name, stage, target, target, None)
    _check_stood(ledger, name, stage, target)
    told = reason or "rolled back"
    tag = tag_stage(root, name, target, stage, f"{told}\nrolled back from {stack[-1]}\n", push=push)
    return Move(name, stage, target, stack[-1], tag)


def _check_stood(ledger: Ledger, name: str, stage: Stage, version: str) -> None:
    ledger.version(name, version)
    if version in ledger.deprecated(name):
        raise UserError(f"{name} {version} is deprecated")
    stood = {event.version for event in ledger.of(name) if event.stage == stage and event.act == "assigned"}
    if version not in stood:
        hint = "`spanwise registry promote` asks what it must show."
        raise UserError(f"{name} {version} never stood in {stage}", hint=hint)


def deprecate(root: Path, name: str, version: str, reason: str, *, push: bool = False) -> str:
    """Say of a version that it must not be put anywhere any more, and return the tag.

    Raises:
        UserError: If there is no such version, it is deprecated, or stands in a stage.
    """
    ledger = read_ledger(root)
    ledger.version(name, version)
    if version in ledger.deprecated(name):
        raise UserError(f"{name} {version} is deprecated already")
    stages = [stage for stage, standing in ledger.stages(name).items() if standing == version]
    if stages:
        raise UserError(
            f"{name} {version} stands in {' and '.join(stages)}",
            hint=f"`spanwise registry rollback {name} --stage {stages[0]}` first.",
        )
    return tag_deprecation(root, name, version, f"{reason}\n", push=push)
