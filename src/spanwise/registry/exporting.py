"""Writing a deployment: a folder of each version that a server may be asked for, and `registry.json`."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from spanwise.deployment import (
    REGISTRY,
    STAGES,
    Deployment,
    Kind,
    Known,
    Registered,
    Version,
    read_deployment,
    version_folder,
    write_deployment,
)
from spanwise.errors import UserError
from spanwise.registry.known import Answering, know
from spanwise.registry.ledger import Event, Ledger, before, parse, read_ledger

LOCK = ".registry.lock"


@dataclass(frozen=True)
class Exported:
    """What was written.

    Attributes:
        deployment: What `registry.json` says.
        fetched: The versions whose folders were made, as `name v1.0.0`.
        removed: Those whose folders were deleted.
        unasked: Those that gave no known answer, with the reason.
        changed: Whether `registry.json` was replaced.
    """

    deployment: Deployment
    fetched: tuple[str, ...]
    removed: tuple[str, ...]
    unasked: tuple[str, ...]
    changed: bool


def export(
    root: Path,
    folder: Path,
    *,
    names: Sequence[str] = (),
    keep: int = 1,
    prune: bool = False,
    deep: bool = False,
    spare: bool = True,
    answer: Answering | None = None,
) -> Exported:
    """Bring a deployment to what the tags say; what is there already stays as it is.

    Of each model, those versions are deployed that stand in a stage, those that a rollback would go back to,
    and the last `keep` ones that are not deprecated. Folders come first and `registry.json` last, so that a
    server which watches that file finds all it names.

    Args:
        root: The repository.
        folder: Of the deployment.
        names: The models; none means all.
        keep: How many of the last versions are deployed wherever they stand.
        prune: Whether folders of versions that are deployed no more are deleted.
        deep: Whether what is there is read and its digests compared; what differs is made anew.
        spare: Whether folders of versions that stand in no stage are made; a rollback need not wait for them.
        answer: What computes known answers; None leaves them out.

    Raises:
        UserError: If a version cannot be fetched, or `registry.json` is damaged.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with _alone(folder):
        ledger = read_ledger(root)
        old = read_deployment(folder) if (folder / REGISTRY).is_file() else None
        work = _Work(root, folder, ledger, old or Deployment(models={}), deep, spare, answer)
        models = dict(work.old.models) if names else {}
        models |= {name: work.bring(name, keep) for name in names or ledger.names}
        new = Deployment(models=models)
        if new != old:  # a server need not look at what is the same
            write_deployment(folder, new)
        removed = tuple(_prune(folder, new)) if prune else ()
    return Exported(new, tuple(work.fetched), removed, tuple(work.unasked), new != old)


@dataclass(frozen=True)
class _Work:
    """What an export has at hand; see there.

    Attributes:
        old: What `registry.json` said.
        fetched: The versions whose folders were made so far.
        unasked: Those that gave no known answer, with the reason.
    """

    root: Path
    folder: Path
    ledger: Ledger
    old: Deployment
    deep: bool
    spare: bool
    answer: Answering | None
    fetched: list[str] = field(default_factory=list)
    unasked: list[str] = field(default_factory=list)

    def bring(self, name: str, keep: int) -> Registered:
        """The deployed versions of a model; folders that are missing are made."""
        stages, deprecated = self.ledger.stages(name), self.ledger.deprecated(name)
        versions = {}
        for event in _deployed(self.ledger, name, keep):
            found = self._standing(event)
            if found is None and (self.spare or event.version in stages.values()):
                found = self._fetch(event)
            if found is not None:
                versions[event.version] = found.model_copy(update={"deprecated": event.version in deprecated})
        return Registered(versions=versions, stages=stages)

    def _standing(self, event: Event) -> Version | None:
        """What `registry.json` said of a version whose folder is there whole."""
        known = self.old.models.get(event.name)
        version = known.versions.get(event.version) if known else None
        if version is None or version.commit != event.commit:
            return None
        place = version_folder(self.folder, event.name, event.version)
        if self.deep:
            from spanwise.package import digests

            return version if place.is_dir() and digests(place) == version.files else None
        return version if all((place / path).is_file() for path in version.files) else None

    def _fetch(self, event: Event) -> Version:
        # What this takes is imported now: a rollback whose folders are there need not wait for it.
        from spanwise.package import digests
        from spanwise.registry.artefacts import declared
        from spanwise.registry.bundle import bundle
        from spanwise.registry.snapshot import revision_of, snapshot

        place = version_folder(self.folder, event.name, event.version)
        with snapshot(self.root, revision_of(event)) as own:
            kind = declared(own.pipeline, event.name, own.revision.name).meta.kind
            settings, figures = own.settings, own.figures
        task, model = settings.task.name, settings.model.name
        bundle(self.root, own.revision, place, task=task, model=model)
        self.fetched.append(f"{event.name} {event.version}")
        return Version(
            task=task,
            kind=kind,
            model=model,
            commit=event.commit,
            registered=event.at,
            metrics={name: round(value, 6) for name, value in figures.items()},
            files=digests(place),
            known=self._know(event, place, kind),
        )

    def _know(self, event: Event, place: Path, kind: Kind) -> Known | None:
        """The known answer; none of it is worth a rollback that does not come to its end."""
        try:
            return know(place, kind, self.answer)
        except UserError as error:
            self.unasked.append(f"{event.name} {event.version}: {error.reason}")
            return None


def _deployed(ledger: Ledger, name: str, keep: int) -> list[Event]:
    """The versions of a model that a server may be asked for, from the lowest on."""
    versions, deprecated = ledger.versions(name), ledger.deprecated(name)
    sound = [version for version in versions if version not in deprecated]
    wanted = set(sound[len(sound) - min(keep, len(sound)) :])
    for stage in STAGES:
        stack = ledger.stack(name, stage)
        wanted |= {each for each in (*stack[-1:], before(stack, deprecated)) if each is not None}
    return [versions[version] for version in sorted(wanted, key=parse)]


def _prune(folder: Path, deployment: Deployment) -> Iterator[str]:
    """Delete the folders of versions that `registry.json` does not name."""
    for name, registered in sorted(deployment.models.items()):
        for place in sorted((folder / name).glob("*")):
            if place.is_dir() and not place.name.startswith(".") and place.name not in registered.versions:
                shutil.rmtree(place)
                yield f"{name} {place.name}"


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keep other exports to the folder waiting: the later one must not be overtaken by the earlier."""
    import fcntl

    with (folder / LOCK).open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
        except OSError as error:
            raise UserError(f"cannot be locked: {error.strerror}", path=folder / LOCK) from None
        yield
