"""A trained model as a folder of its own: what it takes to use it, what was measured of it, and its origin.

Only what belongs together is packaged: DVC says whether model, calibration, figures and card were made from
each other, by the code and the settings that are here.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from spanwise import __version__
from spanwise.errors import UserError
from spanwise.experiments import repository
from spanwise.io import atomic, write_json
from spanwise.schema import Record

MANIFEST = "package.json"
CALIBRATION = "calibration.json"

PIPELINE = "dvc.yaml"  # that of the root: a search for settings has one of its own
LEARNER = Path("models/learner")
PREDICTIONS = Path("data/predictions")
FILES = {
    Path("models/calibration.json"): CALIBRATION,
    Path("reports/model_card.md"): "README.md",
    Path("params.yaml"): "params.yaml",
    Path("dvc.lock"): "dvc.lock",
}
"""Where files of the repository stand in the package; those of the learner are at its top."""

# Absent data made the model all the same, e.g. where `dvc pull` brought no documents; a cache is a copy.
NO_MATTER = ("deleted", "not in cache")


class Manifest(Record):
    """What a package holds, in `package.json`.

    Attributes:
        spanwise: The version that made it.
        task: The task's name.
        model: The encoder's name.
        commit: What git had checked out.
        dirty: Whether files that git tracks had changes that this commit lacks.
        files: The SHA-256 digest of each other file by its path in the folder.
    """

    spanwise: str
    task: str
    model: str
    commit: str
    dirty: bool
    files: dict[str, str]


@dataclass(frozen=True)
class State:
    """A repository as DVC and git see it.

    Attributes:
        stale: The stages that `dvc repro` would run, each with what has changed since it ran.
        metrics: The files of figures that its stages write, sorted.
        commit: What git has checked out.
        dirty: Whether tracked files have changes.
    """

    stale: list[str]
    metrics: list[Path]
    commit: str
    dirty: bool


def pack(root: Path, folder: Path, *, task: str, model: str, with_predictions: bool) -> Manifest:
    """Assemble the model of the repository in `root` in a new `folder`.

    The model is at the top, so that `Predictor.load` and Transformers' own `from_pretrained` take the folder;
    beside it `calibration.json`, `params.yaml`, `dvc.lock`, `metrics/`, the model card as `README.md`, and
    the `Manifest`.

    Args:
        root: The repository.
        folder: Where to; it may exist if it is empty.
        task: The task's name, for the manifest.
        model: The encoder's name.
        with_predictions: Whether `predictions/` is added, which holds the texts of the documents.

    Raises:
        UserError: If the folder holds something, a part is missing or out of date, or DVC is not installed.
    """
    if folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
        raise UserError("is there already", path=folder, hint="Name a new folder, or move it away.")
    state = inspect(root)
    parts = {path: Path(name) for path, name in FILES.items()} | {path: path for path in state.metrics}
    folders = {LEARNER: Path(), **({PREDICTIONS: Path("predictions")} if with_predictions else {})}
    for path in (*folders, *parts):
        if not (root / path).exists():
            hint = "`dvc repro` makes it, `dvc pull` brings one that was made elsewhere."
            raise UserError("is missing", path=root / path, hint=hint)
    if state.stale:
        reason = f"what would be packaged is out of date: {'; '.join(state.stale)}"
        raise UserError(reason, hint="`dvc repro` makes it anew, where these have changed.")
    with atomic(folder) as part:
        for path, name in folders.items():
            # Not with their permissions: where a cache is linked, it makes its files read-only.
            shutil.copytree(root / path, part / name, copy_function=shutil.copyfile)
        for path, name in parts.items():
            (part / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(root / path, part / name)
        manifest = Manifest(
            spanwise=__version__,
            task=task,
            model=model,
            commit=state.commit,
            dirty=state.dirty,
            files=digests(part),
        )
        write_json(part / MANIFEST, manifest.model_dump())
    return manifest


def inspect(root: Path) -> State:
    """What DVC and git say of the repository in `root`.

    Raises:
        UserError: If DVC is missing or refuses, e.g. since `root` is none of its repositories.
    """
    with repository(root) as repo:
        top = Path(repo.root_dir)
        stages = [stage for stage in repo.index.stages if Path(stage.path) == top / PIPELINE]
        metrics = [Path(out.fs_path).relative_to(top) for stage in stages for out in stage.outs if out.metric]
        return State(
            stale=[
                f"{stage.rpartition(':')[2]} ({', '.join(found)})"  # before it, the path of dvc.yaml
                for stage, changes in sorted(repo.status(str(top / PIPELINE)).items())
                if (found := sorted(set(_changed(changes))))
            ],
            metrics=sorted(metrics),
            commit=str(repo.scm.get_rev()),
            dirty=bool(repo.scm.is_dirty(untracked_files=False)),
        )


def _changed(changes: Sequence[str | Mapping[str, Mapping[str, Any]]]) -> Iterator[str]:
    """The files and settings of a stage that are not those it last ran with."""
    for change in changes:
        if isinstance(change, str):
            yield change.removeprefix("changed ")  # "changed command"
            continue
        for paths in change.values():
            for path, state in paths.items():
                if isinstance(state, Mapping):
                    yield from (f"{path}: {key}" for key in state)  # of params.yaml
                elif state not in NO_MATTER:
                    yield path


def digests(folder: Path) -> dict[str, str]:
    """The SHA-256 digest of each file in `folder` by its path there, sorted."""
    from spanwise.corpora import digest  # numpy comes with it: commands wait for that alone

    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            found[path.relative_to(folder).as_posix()] = digest(path)
    return found
