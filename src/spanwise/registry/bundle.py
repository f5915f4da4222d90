"""The package of a commit: what `spanwise package` makes of a workspace, from git and DVC's stores alone."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from spanwise import __version__
from spanwise.errors import UserError
from spanwise.experiments import Experiment, repository
from spanwise.io import atomic, write_json
from spanwise.package import FILES, LEARNER, MANIFEST, Manifest, digests
from spanwise.registry.outputs import outputs_of

PARTS = (LEARNER.as_posix(), *(path.as_posix() for path in FILES))
"""What is in each package, beside the files of figures."""


def bundle(root: Path, revision: Experiment, folder: Path, *, task: str, model: str) -> Manifest:
    """Assemble the model of a commit in `folder`, which it takes the place of; without predictions.

    What this clone's cache lacks comes from the remote.

    Args:
        root: The repository.
        revision: The commit.
        folder: Where to.
        task: The task's name, for the manifest.
        model: The network's name.

    Raises:
        UserError: If a part is in neither cache nor remote, or DVC refuses.
    """
    places = {path.as_posix(): name for path, name in FILES.items()}
    places |= {out.path: out.path for out in outputs_of(root, revision) if out.metric}
    with atomic(folder) as part:
        _fetch(root, revision, {LEARNER.as_posix(): ".", **places}, part)
        manifest = Manifest(
            spanwise=__version__,
            task=task,
            model=model,
            commit=revision.commit,
            dirty=False,
            files=digests(part),
        )
        write_json(part / MANIFEST, manifest.model_dump())
    return manifest


def _fetch(root: Path, revision: Experiment, places: Mapping[str, str], folder: Path) -> None:
    """Copy files and folders of a commit to their places in `folder`."""
    with repository(root) as repo, repo.switch(revision.commit):
        from dvc.exceptions import FileMissingError, OutputNotFoundError
        from dvc.repo.data import DataIndexDirError

        for path, place in places.items():
            try:
                _copy(repo.dvcfs, path, folder / place)
            except (FileNotFoundError, FileMissingError, OutputNotFoundError, DataIndexDirError):
                raise UserError(
                    f"{revision.name} has no {path} here",
                    hint="`dvc pull` brings what the remote has; `spanwise registry show` names the commit.",
                ) from None


def _copy(files: Any, path: str, target: Path) -> None:
    for source in files.find(path) or [path]:
        place = target / files.relpath(source, files.root_marker + path) if files.isdir(path) else target
        place.parent.mkdir(parents=True, exist_ok=True)
        with files.open(source, "rb") as opened, place.open("wb") as file:
            while chunk := opened.read(1 << 20):
                file.write(chunk)
