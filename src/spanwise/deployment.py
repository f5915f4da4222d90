"""What a server without git knows of the registry: `registry.json`, and a folder for each version beside it.

    deployed/
      registry.json          a Deployment
      ner/v1.2.0/            what `spanwise package` makes, read-only from then on

The registry itself is git's tags; this is what `spanwise registry export` says of them. Replacing this file
is all that a promotion or a rollback does to a server that watches it.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from spanwise.errors import UserError
from spanwise.io import read_record, write_json
from spanwise.schema import Record

REGISTRY = "registry.json"

Stage = Literal["staging", "prod"]
STAGES: tuple[Stage, ...] = ("staging", "prod")
Kind = Literal["ner", "resume", "pii", "compression", "instruct"]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$")]
SemVer = Annotated[str, Field(pattern=r"^v(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)$")]


class Known(Record):
    """A made-up text and what a version answers to it: so a server can be asked whether it runs that one.

    Attributes:
        text: To be sent; of nobody.
        digest: The SHA-256 digest of the answer in canonical JSON: sorted keys, no white space, and no
            confidence, whose sixth decimal follows the machine.
    """

    text: str
    digest: Digest


class Version(Record):
    """A registered version of a model.

    Attributes:
        task: The task's name, as in `params.yaml`.
        kind: The task's kind: which endpoint the model answers at.
        model: The network's name.
        commit: The commit that its tag names.
        registered: When it was.
        deprecated: Whether it must not be put anywhere any more.
        metrics: Its headline figures on test, by name.
        files: The SHA-256 digest of each file of its folder, by path.
        known: See `Known`; None where nothing was asked yet.
    """

    task: str
    kind: Kind
    model: str
    commit: str
    registered: datetime
    deprecated: bool = False
    metrics: dict[str, float] = Field(default_factory=dict)
    files: dict[str, Digest] = Field(default_factory=dict)
    known: Known | None = None


class Registered(Record):
    """All versions of one model, and which of them stands where."""

    versions: dict[SemVer, Version]
    stages: dict[Stage, SemVer] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _known(self) -> Registered:
        for stage, version in self.stages.items():
            if version not in self.versions:
                raise ValueError(f"{stage} is {version}, which is no version of it")
        return self


class Deployment(Record):
    """The registry at one moment."""

    format: Literal[1] = 1
    models: dict[Name, Registered]


def read_deployment(folder: Path) -> Deployment:
    """What is deployed in a folder.

    Raises:
        UserError: If it holds no `registry.json`, or a damaged one.
    """
    path = folder / REGISTRY
    if not path.is_file():
        raise UserError("holds no registry", path=folder, hint="`spanwise registry export` writes one.")
    return read_record(path, Deployment)


def write_deployment(folder: Path, deployment: Deployment) -> None:
    """Replace the `registry.json` of a folder, at once or not at all."""
    write_json(folder / REGISTRY, deployment.model_dump(mode="json"))


def version_folder(folder: Path, name: str, version: str) -> Path:
    """Where the files of a version are."""
    return folder / name / version
