"""Raw formats to `Example`: brat, IOB, JSON lines; a data set of the Hugging Face hub becomes JSON lines."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import cast, get_args

from spanwise.errors import UserError
from spanwise.readers.brat import read_brat
from spanwise.readers.document import Document
from spanwise.readers.iob import read_iob
from spanwise.readers.jsonl import read_jsonl
from spanwise.readers.policies import Discontinuous, Overlapping, flatten
from spanwise.schema import Change, Example

_READERS: Mapping[str, Callable[[Path], Iterator[Document | Example | Change | UserError]]] = {
    "brat": read_brat,
    "iob": read_iob,
    "jsonl": read_jsonl,
}


def read(
    folder: Path, *, format: str, discontinuous: str, overlapping: str
) -> Iterator[Example | Change | UserError]:
    """Read the corpus in `folder`: its documents in the order of their ids.

    What a change belongs to comes behind it. A malformed line is yielded as the error that names it, and
    reading goes on.

    Args:
        folder: Where the files are, at any depth.
        format: brat, iob or jsonl.
        discontinuous: See `policies.flatten`.
        overlapping: See `policies.flatten`.

    Raises:
        UserError: If there is no such folder, format or policy.
    """
    _check("format", format, tuple(_READERS))
    _check("discontinuous", discontinuous, get_args(Discontinuous))
    _check("overlapping", overlapping, get_args(Overlapping))
    if not folder.is_dir():
        raise UserError("no such folder", path=folder)
    return _flattened(
        _READERS[format](folder), cast("Discontinuous", discontinuous), cast("Overlapping", overlapping)
    )


def _check(setting: str, value: str, valid: tuple[str, ...]) -> None:
    if value not in valid:
        raise UserError(
            f"corpus.{setting} = {value!r}: there is no such {setting}; valid: {', '.join(valid)}"
        )


def _flattened(
    found: Iterator[Document | Example | Change | UserError],
    discontinuous: Discontinuous,
    overlapping: Overlapping,
) -> Iterator[Example | Change | UserError]:
    for entry in found:
        if isinstance(entry, Document):
            yield from flatten(entry, discontinuous=discontinuous, overlapping=overlapping)
        else:
            yield entry
