"""Pinned corpora: `pins/<name>.source.json` says where a corpus comes from and what each file must hold.

The folder `corpora/<name>/` beside `pins/` holds the files. Those of other people are not in git: a stage
that runs in a workspace of DVC's own finds them under `$DVC_ROOT`. The pins have a folder of their own, so
that DVC can depend on all of them whichever corpora are read.
"""

from __future__ import annotations

import difflib
import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from spanwise.errors import UserError
from spanwise.io import read_record
from spanwise.readers import read
from spanwise.readers.files import corpus_files
from spanwise.readers.inventory import Inventory, take_inventory
from spanwise.schema import Example, Record

PINS = Path("data/pins")
SUFFIX = ".source.json"
SHOWN = 10  # files or ids that an error names


def _inside(name: str) -> str:
    if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
        raise ValueError("a pinned file must lie inside its corpus")
    return name


Format = Literal[
    "brat", "chat", "frenchmedmcqa", "iob", "jsonl", "medquad", "pairs", "presidio", "quaero", "txt", "xml"
]
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
    format: Format
    licence: str
    citation: str
    origin: Origin | None
    files: dict[RelativePath, Digest]


def source_path(name: str, pins: Path = PINS) -> Path:
    """Where the pin of a corpus is."""
    return pins / f"{name}{SUFFIX}"


def corpus_path(name: str, pins: Path = PINS) -> Path:
    """Where the files of a corpus belong: its folder in `corpora`, which lies beside the pins."""
    return pins.parent / "corpora" / name


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


def list_sources(pins: Path = PINS) -> list[Source]:
    """All pinned corpora, by name.

    Raises:
        UserError: If a pin is not valid.
    """
    return [load_source(path) for path in _pins(pins)]


def _pins(folder: Path) -> list[Path]:
    return sorted(folder.glob(f"*{SUFFIX}"))


def locate(path: Path) -> Path:
    """The folder of the corpus that the file `path` pins.

    It lies in `corpora` beside the pins, or else in that of `$DVC_ROOT`: workspaces in which DVC runs
    experiments hold tracked files only, and `DVC_ROOT` is the repository that they were made from.

    Raises:
        UserError: If it is in neither place.
    """
    source = load_source(path)
    places = [corpus_path(source.name, path.parent)]
    if root := os.environ.get("DVC_ROOT"):
        places.append(corpus_path(source.name, Path(root) / PINS))
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


def read_pinned(
    name: str,
    pins: Path = PINS,
    *,
    discontinuous: str,
    overlapping: str,
    group: str | None = None,
    renamed: Mapping[str, str] | None = None,
    keep_going: bool = False,
) -> tuple[list[Example], Inventory]:
    """The examples of a pinned corpus, whose files are verified first, and its inventory.

    Args:
        name: The corpus.
        pins: The folder of all pins.
        discontinuous: See `spanwise.readers.read`, as for the next three.
        overlapping: What becomes of overlapping spans.
        group: What finds in a document's id what must stay on one side of a split.
        renamed: New names for some of its labels.
        keep_going: Read on behind a malformed place, and report all of them in the end.

    Raises:
        UserError: If there is no such pin, or its corpus is missing, altered or malformed.
    """
    path = source_path(name, pins)
    source, folder = load_source(path), locate(path)
    verify(source, folder)
    stream = read(
        folder,
        format=source.format,
        discontinuous=discontinuous,
        overlapping=overlapping,
        group=group,
        renamed=renamed,
    )
    return take_inventory(stream, keep_going=keep_going)


def read_auxiliary(
    name: str,
    pins: Path = PINS,
    *,
    discontinuous: str,
    overlapping: str,
    renamed: Mapping[str, str],
    keep_going: bool = False,
) -> tuple[list[Example], Inventory]:
    """As `read_pinned`; the name of the corpus goes before ids and groups: no two corpora share any.

    Raises:
        UserError: As `read_pinned`, or if the corpus is bare text.
    """
    path = source_path(name, pins)
    if load_source(path).format == "txt":
        raise UserError(
            f"{name} is bare text: there are no annotations in it to learn from",
            path=path,
            hint="List it under corpus.unlabelled, not corpus.auxiliaries, to use its texts alone.",
        )
    examples, inventory = read_pinned(
        name,
        pins,
        discontinuous=discontinuous,
        overlapping=overlapping,
        renamed=renamed,
        keep_going=keep_going,
    )
    return [_prefixed(example, name) for example in examples], inventory


def read_texts(name: str, pins: Path = PINS, *, keep_going: bool = False) -> list[Example]:
    """The documents of a pinned corpus without what is annotated in them; ids as `read_auxiliary` has them.

    Raises:
        UserError: As `read_pinned`.
    """
    # Any policy will do that makes no error of an annotation: none is kept.
    examples, _ = read_pinned(name, pins, discontinuous="drop", overlapping="longest", keep_going=keep_going)
    return [_prefixed(example, name).model_copy(update={"target": (), "split": None}) for example in examples]


def _prefixed(example: Example, name: str) -> Example:
    prefix = _prefix(name)
    return example.model_copy(update={"id": prefix + example.id, "group": prefix + example.group})


def _prefix(name: str) -> str:
    return f"{name}/"


def require_distinct(corpus: str, auxiliaries: Iterable[str], unlabelled: Iterable[str]) -> None:
    """Refuse a corpus that is to be read in two roles: its evaluation documents would be trained on.

    Raises:
        UserError: If a name occurs twice.
    """
    roles: dict[str, str] = {}
    named = [("corpus.name", corpus)]
    named += [("corpus.auxiliaries", name) for name in auxiliaries]
    named += [("corpus.unlabelled", name) for name in unlabelled]
    for role, name in named:
        if name in roles:
            raise UserError(
                f"{role} names {name}, and so does {roles[name]}",
                hint="Name each corpus once: training reads the training texts of the corpus and of its "
                "auxiliaries anyway.",
            )
        roles[name] = role


def require_own_ids(
    corpus: str, examples: Sequence[Example], further: Iterable[str], pins: Path = PINS
) -> None:
    """Refuse documents of the main corpus that are named as those of a further one will be.

    Args:
        corpus: The name of the main corpus.
        examples: Its documents.
        further: The names of the further corpora, which go before their ids and groups.
        pins: The folder of all pins.

    Raises:
        UserError: If the id or group of a document begins with such a name and a slash.
    """
    for name in further:
        prefix = _prefix(name)
        ids = [each.id for each in examples if each.id.startswith(prefix) or each.group.startswith(prefix)]
        if ids:
            more = f", and {len(ids) - SHOWN} more" if len(ids) > SHOWN else ""
            raise UserError(
                f"ids or groups of {len(ids)} documents begin with {prefix}, as those of the further corpus "
                f"{name} do: {', '.join(ids[:SHOWN])}{more}",
                path=locate(source_path(corpus, pins)),
                hint=f"Pin {name} by another name: `spanwise corpus add NAME --from PATH --format FORMAT`. "
                f"Or rename these documents, and pin {corpus} anew: `spanwise corpus add {corpus} --repin`.",
            )


def require_labels(corpus: str, labels: Iterable[str], auxiliaries: Mapping[str, Mapping[str, str]]) -> None:
    """Refuse new names that no label of the main corpus has: misspelt, they would be labels of their own.

    Args:
        corpus: The name of the main corpus.
        labels: What it annotates.
        auxiliaries: The new names for labels of each further corpus.

    Raises:
        UserError: For the first such name, with the label that may have been meant.
    """
    known = sorted(labels)
    for name, renamed in auxiliaries.items():
        for label, target in renamed.items():
            if target not in known:
                close = difflib.get_close_matches(target, known, n=1)
                guess = f"did you mean {close[0]}? " if close else ""
                raise UserError(
                    f"corpus.auxiliaries.{name}.{label} = {target!r} is no label of {corpus}: "
                    f"{guess}valid: {', '.join(known) or 'none'}",
                    hint=f"A label that {corpus} lacks keeps its name: leave {label} out of "
                    f"corpus.auxiliaries.{name}.",
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
