"""Pinned corpora: `<name>.source.json` says where a corpus comes from and what each file must hold.

The folder `<name>/` beside it holds the files. Those of other people are not in git: a stage that runs in a
workspace of DVC's own finds them under `$DVC_ROOT`.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from spanwise.errors import UserError
from spanwise.io import read_record
from spanwise.readers.files import corpus_files
from spanwise.schema import Record

FOLDER = Path("data/corpora")
SUFFIX = ".source.json"
SHOWN = 10  # files that an error names


def _inside(name: str) -> str:
    if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
        raise ValueError("a pinned file must lie inside its corpus")
    return name


NAME = "[a-z][a-z0-9._-]*"
Name = Annotated[str, Field(pattern=f"^{NAME}$")]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
RelativePath = Annotated[str, AfterValidator(_inside)]


class Web(Record):
    """A zip archive at an address."""

    url: str


class WebFolder(Record):
    """Files that each have an address of their own: `base` and the name that the pin gives it."""

    base: str


class Figshare(Record):
    """A zip archive among the files of a figshare article."""

    article: int
    file: str


class Hub(Record):
    """A data set of the Hugging Face hub at one commit, converted to JSON lines."""

    dataset: str
    config: str | None = None
    revision: str


Origin = Web | WebFolder | Figshare | Hub


class Source(Record):
    """A corpus, pinned.

    Attributes:
        name: Its short name, and that of its folder.
        title: Its full name.
        format: What reads it.
        licence: Under what terms it may be used.
        citation: What to cite; empty where nothing is.
        origin: Where its files come from; `None` for what came from a folder.
        files: The SHA-256 digest of each file by its path in the folder.
    """

    name: Name
    title: str
    format: Literal["brat", "iob", "jsonl"]
    licence: str
    citation: str
    origin: Origin | None
    files: dict[RelativePath, Digest]


def source_path(name: str, corpora: Path = FOLDER) -> Path:
    """Where the pin of a corpus is."""
    return corpora / f"{name}{SUFFIX}"


def load_source(path: Path) -> Source:
    """The pin in the file `path`.

    Raises:
        UserError: If there is none, if it is not valid, or if it is named otherwise than its corpus.
    """
    if not path.is_file():
        known = ", ".join(pin.name.removesuffix(SUFFIX) for pin in _pins(path.parent)) or "none"
        hint = "Pin a corpus of your own with `spanwise corpus add NAME --from PATH --format FORMAT`."
        raise UserError(f"no such pinned corpus; there are: {known}", path=path, hint=hint)
    source = read_record(path, Source)
    if source_path(source.name, path.parent) != path:
        raise UserError(f"pins a corpus of another name, {source.name}", path=path)
    return source


def list_sources(corpora: Path = FOLDER) -> list[Source]:
    """All pinned corpora, by name.

    Raises:
        UserError: If a pin is not valid.
    """
    return [load_source(path) for path in _pins(corpora)]


def _pins(corpora: Path) -> list[Path]:
    return sorted(corpora.glob(f"*{SUFFIX}"))


def locate(path: Path) -> Path:
    """The folder of the corpus that the file `path` pins.

    It lies beside the pin, or else in `$DVC_ROOT/data/corpora`: workspaces in which DVC runs experiments hold
    tracked files only, and `DVC_ROOT` is the repository that they were made from.

    Raises:
        UserError: If it is in neither place.
    """
    source = load_source(path)
    places = [path.parent / source.name]
    if root := os.environ.get("DVC_ROOT"):
        places.append(Path(root) / FOLDER / source.name)
    for place in places:
        if place.is_dir():
            return place
    raise UserError("the corpus is not here", path=places[0], hint=remedy(source))


def remedy(source: Source) -> str:
    """The command that brings the corpus."""
    command = f"spanwise corpus add {source.name}"
    if source.origin is not None:
        return f"Bring it with `{command}`, or `{command} --from PATH`."
    return f"Bring it with `{command} --from PATH`, or from git where git holds it."


def verify(source: Source, folder: Path) -> None:
    """Check that the reader of its format would find in `folder` exactly what `source` pins.

    Other files, such as a README, are never read and may lie there.

    Raises:
        UserError: If pinned files are missing or altered, or there are others that would be read.
    """
    found = list(faults(source, folder))
    if found:
        raise UserError(
            f"not the pinned corpus {source.name}: {len(found)} of its files differ: {listed(found)}",
            path=folder,
            hint=f"{remedy(source)} Move files that are not pinned out of the folder. If the corpus was "
            f"meant to change, pin it anew as it is: `spanwise corpus add {source.name} --repin`.",
        )


def missing_files(source: Source, folder: Path) -> int:
    """How many pinned files are not in `folder`; what they hold is not looked at."""
    return sum(not (folder / name).is_file() for name in source.files)


def faults(source: Source, folder: Path) -> Iterator[tuple[str, str]]:
    """Files and what is wrong with them, in the order of their names."""
    present = {path.relative_to(folder).as_posix() for path in corpus_files(folder, source.format)}
    for name in sorted(present | set(source.files)):
        if name not in source.files:
            yield name, "not pinned"
        elif not (folder / name).is_file():
            yield name, "missing"
        elif digest(folder / name) != source.files[name]:
            yield name, "altered"


def listed(faults: Sequence[tuple[str, str]]) -> str:
    """The first of those files and faults."""
    more = f", and {len(faults) - SHOWN} more" if len(faults) > SHOWN else ""
    return ", ".join(f"{name} ({fault})" for name, fault in faults[:SHOWN]) + more


def digest(path: Path) -> str:
    """The SHA-256 digest of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
