"""What git's tags say: which versions of which models there are, and which of them stands where.

The tags are GTO's (https://github.com/treeverse/gto), and nothing is stored beside them. GTO sorts them by
the second they were made in; here the number that ends a stage's tag decides, so that two promotions within
a second keep their order.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from spanwise.deployment import STAGES, Stage
from spanwise.doctor.git import git
from spanwise.errors import UserError

NAME = re.compile(r"[a-z][a-z0-9-]*")
VERSION = re.compile(r"v(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)")

Act = Literal["registered", "assigned", "unassigned", "deprecated"]
ORDER: tuple[Act, ...] = ("registered", "assigned", "unassigned", "deprecated")
"""Of what happened within a second."""


@dataclass(frozen=True)
class Event:
    """One tag.

    Attributes:
        act: What it does.
        name: Of the model.
        version: That it is about.
        stage: That it is about, if any.
        commit: What it points to.
        at: When it was made, to the second, in UTC.
        author: Who made it.
        message: Why.
        tag: Its name.
        number: The number that ends it; 0 of those that have none.
    """

    act: Act
    name: str
    version: str
    stage: Stage | None
    commit: str
    at: datetime
    author: str
    message: str
    tag: str
    number: int = 0


@dataclass(frozen=True)
class Ledger:
    """All tags of the registry.

    Attributes:
        events: From the first to the last.
        foreign: Tags that look like GTO's and are none of this registry's: of another name, version or stage
            than it gives, or of a commit that it has no version of.
    """

    events: tuple[Event, ...]
    foreign: tuple[str, ...] = ()

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The models that have a version, sorted."""
        return tuple(sorted({event.name for event in self.events}))

    def of(self, name: str) -> list[Event]:
        """What happened to a model, from the first on.

        Raises:
            UserError: If it has no version.
        """
        found = [event for event in self.events if event.name == name]
        if not found:
            known = ", ".join(self.names) or "none is"
            raise UserError(f"{name} is not registered", hint=f"Registered: {known}.")
        return found

    def versions(self, name: str) -> dict[str, Event]:
        """The registration of each version of a model, from the lowest on."""
        found = {event.version: event for event in self.of(name) if event.act == "registered"}
        return dict(sorted(found.items(), key=lambda item: parse(item[0])))

    def version(self, name: str, version: str) -> Event:
        """The registration of a version.

        Raises:
            UserError: If there is none.
        """
        versions = self.versions(name)
        if version not in versions:
            raise UserError(f"{name} has no version {version}", hint=f"It has {', '.join(versions)}.")
        return versions[version]

    def deprecated(self, name: str) -> set[str]:
        """The versions of a model that must not be put anywhere any more."""
        return {event.version for event in self.of(name) if event.act == "deprecated"}

    def stages(self, name: str) -> dict[Stage, str]:
        """The version of a model that stands in each stage."""
        stacks = {stage: self.stack(name, stage) for stage in STAGES}
        return {stage: stack[-1] for stage, stack in stacks.items() if stack}

    def stack(self, name: str, stage: Stage) -> list[str]:
        """The versions to go back to, from the first on; the last of them stands in the stage.

        Putting one there that stood there before goes back to it: what came after it is not on the way.
        """
        stack: list[str] = []
        acts = [each for each in self.of(name) if each.stage == stage]
        for event in sorted(acts, key=lambda each: each.number):
            if event.version in stack:
                index = stack.index(event.version)
                stack = stack[:index] if event.act == "unassigned" else stack[: index + 1]
            elif event.act == "assigned":
                stack.append(event.version)
        return stack


def parse(version: str) -> tuple[int, int, int]:
    """The three numbers of a version: major, minor, patch.

    Raises:
        UserError: If it has another form.
    """
    found = VERSION.fullmatch(version)
    if not found:
        raise UserError(f"{version} is no version", hint="Write v1.2.0: major, minor and patch.")
    return int(found[1]), int(found[2]), int(found[3])


def read_ledger(root: Path) -> Ledger:
    """The registry of the repository in `root`.

    Raises:
        UserError: If it is no git repository, or a shallow clone, which has no tags or only some.
    """
    tags = _tags(root)
    if not tags and git(root, "rev-parse", "--is-shallow-repository").strip() == "true":
        raise UserError(
            "this is a shallow clone without tags, and the registry is git's tags",
            path=root,
            hint="`git fetch --unshallow --tags`, or in a workflow `fetch-depth: 0`.",
        )
    versions = {(tag["name"], tag["commit"]): tag["version"] for tag in tags if _is_registration(tag)}
    events, foreign = [], []
    for tag in tags:
        event = _event(tag, versions)
        if event is None:
            foreign.append(str(tag["tag"]))
        else:
            events.append(event)
    events.sort(key=lambda event: (event.at, ORDER.index(event.act), event.number))
    return Ledger(tuple(events), tuple(sorted(foreign)))


def _tags(root: Path) -> list[dict[str, Any]]:
    """What GTO reads of the annotated tags, with the time in UTC."""
    try:
        from gto.tag import find, parse_tag
        from scmrepo.exceptions import SCMError
        from scmrepo.git import Git
    except ImportError:
        hint = "pip install -c requirements.lock -e '.[pipeline]'"
        raise UserError("this takes GTO", hint=hint) from None
    try:
        scm = Git(str(root))
    except SCMError:
        raise UserError("no git repository", path=root, hint="Run this in the repository's root.") from None
    try:
        return [_described(parse_tag(tag), tag) for tag in find(scm=scm)]
    finally:
        scm.close()  # type: ignore[no-untyped-call]


def _described(parsed: Any, tag: Any) -> dict[str, Any]:
    number = re.search(r"#(\d+)$", tag.name)
    return {
        "act": parsed.action.value,
        "name": parsed.name,
        "version": parsed.version,
        "stage": parsed.stage,
        "commit": str(tag.target),
        "at": datetime.fromtimestamp(tag.tag_time, UTC),
        "author": str(tag.tagger_name),
        "message": str(tag.message).strip(),
        "tag": str(tag.name),
        "number": int(number[1]) if number else 0,
    }


ACTS: Mapping[str, Act] = {
    "register": "registered",
    "deregister": "deprecated",
    "assign": "assigned",
    "unassign": "unassigned",
}


def _is_registration(tag: Mapping[str, Any]) -> bool:
    return bool(
        tag["act"] == "register" and NAME.fullmatch(tag["name"]) and VERSION.fullmatch(tag["version"])
    )


def _event(tag: Mapping[str, Any], versions: Mapping[tuple[str, str], str]) -> Event | None:
    """The event of a tag; None where it is none of this registry's."""
    version = versions.get((tag["name"], tag["commit"]))
    if tag["act"] not in ACTS or version is None or tag["version"] not in {None, version}:
        return None
    if tag["stage"] not in {None, *STAGES}:
        return None
    return Event(**{**tag, "act": ACTS[tag["act"]], "version": version})


def latest(versions: Iterable[str]) -> str | None:
    """The highest version; None where there is none."""
    return max(versions, key=parse, default=None)


def before(stack: Sequence[str], deprecated: set[str]) -> str | None:
    """The version to go back to from the last of a stack; None where there is none."""
    return next((version for version in reversed(stack[:-1]) if version not in deprecated), None)
