"""Bringing corpora into place, and pinning new ones."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from spanwise import archives
from spanwise.corpora import (
    NAME,
    Figshare,
    Hub,
    Origin,
    Source,
    Web,
    WebFolder,
    digest,
    faults,
    listed,
    remedy,
    source_path,
    verify,
)
from spanwise.errors import UserError
from spanwise.io import atomic, write_json, write_jsonl
from spanwise.readers import read
from spanwise.readers.files import corpus_files
from spanwise.readers.inventory import Inventory, take_inventory
from spanwise.schema import Change


def restore(
    source: Source, corpora: Path, *, given: Path | None = None, figshare: str = archives.FIGSHARE
) -> Path:
    """Bring a pinned corpus into its folder; files of that folder which are not pinned are left alone.

    Args:
        source: The pin.
        corpora: The folder of all corpora.
        given: A folder or zip archive that holds it, instead of its origin.
        figshare: The address of figshare's API.

    Returns:
        The folder.

    Raises:
        UserError: If it cannot be fetched, or is not what was pinned: nothing is changed then. Or if the
            folder holds further files that would be read.
    """
    origin = given or source.origin
    if origin is None:
        raise UserError(f"the pin of {source.name} names no origin", hint=remedy(source))
    folder = corpora / source.name
    with _opened(origin, figshare, sorted(source.files)) as found:
        differing = [(name, fault) for name, fault in faults(source, found) if fault != "not pinned"]
        if differing:
            raise UserError(
                f"{_named(origin)} does not hold {source.name} as pinned: {listed(differing)}",
                hint="Is it the version that the pin describes?",
            )
        _copy(found, folder, sorted(source.files))
    verify(source, folder)
    return folder


def pin(
    name: str,
    place: Path | Origin,
    corpora: Path,
    *,
    origin: Origin | None = None,
    format: Literal["brat", "iob", "jsonl"],
    title: str,
    licence: str,
    citation: str,
    figshare: str = archives.FIGSHARE,
) -> tuple[Source, Inventory]:
    """Read a new corpus to the end, copy it into its folder, and pin its files.

    A corpus that lies in its folder already is pinned where it is. Only the files that the reader of its
    format opens are copied and pinned.

    Returns:
        The pin, which is in `<name>.source.json`, and what the corpus holds.

    Raises:
        UserError: If the name will not do, the corpus cannot be fetched, its folder or its pin exists, or
            anything in it is malformed: all such places are named, and nothing is written.
    """
    if not re.fullmatch(NAME, name):
        raise UserError(
            f"{name!r} cannot name a corpus: expected small letters, digits, - . and _, a letter first"
        )
    path, folder = source_path(name, corpora), corpora / name
    if path.exists():
        raise UserError("the corpus is pinned already", path=path)
    with _opened(place, figshare, ()) as found:
        in_place = found.resolve() == folder.resolve()
        if folder.exists() and not in_place:
            hint = f"Pin it where it is with `--from {folder}`, or move it away."
            raise UserError("the folder exists but is not pinned", path=folder, hint=hint)
        stream = read(found, format=format, discontinuous="envelope", overlapping="longest")
        _, inventory = take_inventory(stream, keep_going=True)
        source = Source(
            name=name,
            title=title,
            format=format,
            licence=licence,
            citation=citation,
            origin=origin if isinstance(place, Path) else place,
            files={file.relative_to(found).as_posix(): digest(file) for file in corpus_files(found, format)},
        )
        if not in_place:
            _copy(found, folder, sorted(source.files))
    write_json(path, source.model_dump())
    return source, inventory


def convert(dataset: str, revision: str | None, path: Path) -> Sequence[Change]:
    """Write a Hugging Face data set as JSON lines to `path`, and say what had to be repaired for that.

    Raises:
        UserError: If it cannot be loaded, or its columns do not fit.
    """
    from spanwise.readers.hub import read_dataset

    changes: list[Change] = []
    examples = []
    for entry in read_dataset(dataset, revision=revision):
        if isinstance(entry, Change):
            changes.append(entry)
        else:
            examples.append(entry)
    write_jsonl(path, examples)
    return changes


@contextmanager
def _opened(origin: Path | Origin, figshare: str, names: Sequence[str]) -> Iterator[Path]:
    """A folder with the files of `origin`, called `names` where they are known, while the context lasts."""
    if isinstance(origin, Path) and not origin.exists():
        raise UserError("no such file or folder", path=origin)
    if isinstance(origin, Path) and origin.is_dir():
        yield origin
        return
    with tempfile.TemporaryDirectory(prefix="spanwise-") as scratch:
        yield _fetched(origin, Path(scratch), figshare, names)


def _fetched(origin: Path | Origin, scratch: Path, figshare: str, names: Sequence[str]) -> Path:
    """The folder in `scratch` that now holds the files of `origin`."""
    files, archive = scratch / "files", scratch / "archive.zip"
    match origin:
        case Path():
            return archives.unpack(origin, files)
        case Hub(dataset=dataset, revision=revision):
            convert(dataset, revision, files / "examples.jsonl")
            return files
        case WebFolder(base=base):
            for name in names:
                archives.download(f"{base.rstrip('/')}/{name}", files / name)
            return files
        case Web(url=url):
            archives.download(url, archive)
        case Figshare(article=article, file=file):
            archives.download(archives.figshare_url(article, file, scratch, figshare), archive)
    return archives.unpack(archive, files)


def _named(origin: Path | Origin) -> str:
    match origin:
        case Path():
            return str(origin)
        case Web(url=url) | WebFolder(base=url):
            return url
        case Hub(dataset=dataset, revision=revision):
            return f"{dataset} at {revision} of the hub"
        case Figshare(article=article, file=file):
            return f"{file} of figshare article {article}"


def _copy(found: Path, folder: Path, names: Sequence[str]) -> None:
    """Copy files, each in one step: a copy that is cut short leaves files missing, which `verify` sees."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        with atomic(folder / name) as part:
            shutil.copyfile(found / name, part)
