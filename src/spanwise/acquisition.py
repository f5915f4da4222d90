"""Bringing corpora into place, and pinning new ones."""

from __future__ import annotations

import itertools
import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

import yaml

from spanwise import archives
from spanwise.corpora import (
    NAME,
    Figshare,
    Format,
    Hub,
    Origin,
    Source,
    Web,
    WebFolder,
    corpus_path,
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
from spanwise.readers.files import SUFFIXES, corpus_files, passed_over
from spanwise.readers.inventory import Inventory, take_inventory
from spanwise.readers.jsonl import CHANGES
from spanwise.schema import Change, Example


class Pinned(NamedTuple):
    """A new pin, what its corpus holds, and the files beside it that no reader of its format opens."""

    source: Source
    inventory: Inventory
    passed_over: list[str]


def restore(
    source: Source, pins: Path, *, given: Path | None = None, figshare: str = archives.FIGSHARE
) -> Path:
    """Bring a pinned corpus into its folder; files of that folder which are not pinned are left alone.

    Args:
        source: The pin.
        pins: The folder of all pins; that of all corpora lies beside it.
        given: A folder or zip archive that holds it, or its only file, instead of its origin.
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
    folder = corpus_path(source.name, pins)
    with _opened(origin, figshare, sorted(source.files)) as opened:
        # Whoever made an archive may have wrapped the corpus into folders of its own.
        levels = {level: _differing(source, level) for level in archives.levels(opened)}
        found, differing = min(levels.items(), key=lambda level: len(level[1]))
        if differing:
            raise UserError(
                f"{_named(origin)} does not hold {source.name} as pinned: {listed(differing)}",
                hint="Is it the version that the pin describes?",
            )
        _copy(found, folder, sorted(source.files))
    verify(source, folder)
    return folder


def _differing(source: Source, folder: Path) -> list[tuple[str, str]]:
    """The pinned files that are missing or altered in `folder`."""
    return [(name, fault) for name, fault in faults(source, folder) if fault != "not pinned"]


def pin(
    name: str,
    place: Path | Origin,
    pins: Path,
    *,
    origin: Origin | None = None,
    format: Format,
    title: str,
    licence: str,
    citation: str,
    figshare: str = archives.FIGSHARE,
) -> Pinned:
    """Read a new corpus to the end, copy it into its folder, and pin its files.

    A corpus that lies in its folder already is pinned where it is. Only the files that the reader of its
    format opens are copied and pinned.

    Returns:
        The pin, which is in `<name>.source.json`, what the corpus holds, and what was passed over.

    Raises:
        UserError: If the name will not do, the corpus cannot be fetched, its folder or its pin exists, it has
            no spans, or anything in it is malformed: all such places are named, and nothing is written.
    """
    _check_name(name)
    path, folder = source_path(name, pins), corpus_path(name, pins)
    if path.exists():
        raise UserError("the corpus is pinned already", path=path)
    with _opened(place, figshare, ()) as opened:
        found = opened if isinstance(place, Path) and place.is_dir() else archives.levels(opened)[-1]
        in_place = found.resolve() == folder.resolve()
        if folder.exists() and not in_place:
            hint = f"Pin it where it is with `--from {folder}`, or move it away."
            raise UserError("the folder exists but is not pinned", path=folder, hint=hint)
        inventory = _survey(found, format)
        source = Source(
            name=name,
            title=title,
            format=format,
            licence=licence,
            citation=citation,
            origin=origin if isinstance(place, Path) else place,
            files=_digests(found, format),
        )
        if not in_place:
            with atomic(folder) as part:  # a partial copy would look like a corpus
                _copy(found, part, sorted(source.files))
        others = [file.relative_to(found).as_posix() for file in passed_over(found, format)]
    write_json(path, source.model_dump())
    return Pinned(source, inventory, others)


def repin(source: Source, pins: Path) -> tuple[Source, Inventory]:
    """Pin the files of a corpus as they are now; all else that its pin says stays.

    Returns:
        The new pin, and what the corpus holds.

    Raises:
        UserError: If the corpus is not in its folder, has no spans, or anything in it is malformed: the pin
            stays as it was then.
    """
    folder = corpus_path(source.name, pins)
    inventory = _survey(folder, source.format)
    changed = source.model_copy(update={"files": _digests(folder, source.format)})
    write_json(source_path(source.name, pins), changed.model_dump())
    return changed, inventory


def _check_name(name: str) -> None:
    if not re.fullmatch(NAME, name):
        raise UserError(
            f"{name!r} cannot name a corpus: expected small letters, digits, - . and _, a letter first"
        )
    if not isinstance(yaml.safe_load(name), str):
        raise UserError(f"{name!r} cannot name a corpus: in settings it would not be read as a word")


def _survey(folder: Path, format: str) -> Inventory:
    """What the corpus in `folder` holds.

    Raises:
        UserError: If there is nothing to learn in it, or anything is malformed.
    """
    stream = read(folder, format=format, discontinuous="envelope", overlapping="longest")
    examples, inventory = take_inventory(stream, keep_going=True)
    if format == "txt":
        if not inventory.characters:
            raise UserError(f"all of its {inventory.documents:,} documents are empty", path=folder)
    elif not inventory.spans and not any(isinstance(example.target, str) for example in examples):
        raise UserError(
            f"none of its {inventory.documents:,} documents has a span: there is nothing to learn",
            path=folder,
            hint="Is the format the right one, and are the annotations with the texts? Texts without any are "
            "of the format txt.",
        )
    return inventory


def _digests(folder: Path, format: str) -> dict[str, str]:
    return {file.relative_to(folder).as_posix(): digest(file) for file in corpus_files(folder, format)}


def convert(dataset: str, config: str | None, revision: str | None, folder: Path) -> None:
    """Write a Hugging Face data set as JSON lines to `folder`, with what had to be changed for that.

    Raises:
        UserError: If it cannot be loaded, or its columns do not fit.
    """
    from spanwise.readers.hub import read_dataset

    changes: list[Change] = []
    examples: list[Example] = []
    for entry in read_dataset(dataset, config=config, revision=revision):
        if isinstance(entry, Change):
            changes.append(entry)
        else:
            examples.append(entry)
    write_jsonl(folder / "examples.jsonl", examples)
    if changes:
        write_jsonl(folder / CHANGES, changes)


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
            if not origin.name.lower().endswith(tuple(itertools.chain(*SUFFIXES.values()))):
                return archives.unpack(origin, files)
            files.mkdir()
            shutil.copy(origin, files)
            return files
        case Hub(dataset=dataset, config=config, revision=revision):
            convert(dataset, config, revision, files)
            return files
        case WebFolder(base=base):
            for name in names:
                archives.download(f"{base.rstrip('/')}/{quote(name)}", files / name)
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
