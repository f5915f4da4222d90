"""Raw formats to `Example`: spans, answers and bare text; a data set of the hub becomes JSON lines."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import cast, get_args

from spanwise.errors import UserError
from spanwise.readers.brat import read_brat
from spanwise.readers.chat import read_chat
from spanwise.readers.document import Document
from spanwise.readers.frenchmedmcqa import read_frenchmedmcqa
from spanwise.readers.iob import read_iob
from spanwise.readers.jsonl import read_jsonl
from spanwise.readers.medquad import read_medquad
from spanwise.readers.pairs import read_pairs
from spanwise.readers.policies import Discontinuous, Overlapping, flatten
from spanwise.readers.presidio import read_presidio
from spanwise.readers.quaero import read_quaero
from spanwise.readers.txt import read_txt
from spanwise.readers.xml import read_xml
from spanwise.schema import Change, Example

_READERS: Mapping[str, Callable[[Path], Iterator[Document | Change | UserError]]] = {
    "brat": read_brat,
    "chat": read_chat,
    "frenchmedmcqa": read_frenchmedmcqa,
    "iob": read_iob,
    "jsonl": read_jsonl,
    "medquad": read_medquad,
    "pairs": read_pairs,
    "presidio": read_presidio,
    "quaero": read_quaero,
    "txt": read_txt,
    "xml": read_xml,
}


def read(
    folder: Path,
    *,
    format: str,
    discontinuous: str,
    overlapping: str,
    group: str | None = None,
    renamed: Mapping[str, str] | None = None,
) -> Iterator[Example | Change | UserError]:
    """Read the corpus in `folder`: its documents in the order of their ids.

    What a change belongs to comes behind it. A malformed line is yielded as the error that names it, and
    reading goes on.

    Args:
        folder: Where the files are, at any depth.
        format: What they are written in, one of `files.SUFFIXES`.
        discontinuous: See `policies.flatten`.
        overlapping: See `policies.flatten`.
        group: A regular expression that finds in a document's id what must stay on one side of a split: its
            first group, or else all that it matches. `None` has each document stand alone. A group that the
            corpus itself names wins. Ids in which nothing is found are an error behind the last document.
        renamed: New names for some of the corpus' labels; two may become one. Overlaps are dealt with under
            the new names. A label that no annotation has is an error behind the last document.

    Raises:
        UserError: If there is no such folder, format or policy, or `group` is no regular expression.
    """
    _check("format", format, tuple(_READERS))
    _check("discontinuous", discontinuous, get_args(Discontinuous))
    _check("overlapping", overlapping, get_args(Overlapping))
    if not folder.is_dir():
        raise UserError("no such folder", path=folder)
    found = _READERS[format](folder)
    if group is not None:
        found = _grouped(found, _compile(group))
    if renamed:
        found = _renamed(found, renamed, folder)
    return _flattened(found, cast("Discontinuous", discontinuous), cast("Overlapping", overlapping))


def _check(setting: str, value: str, valid: tuple[str, ...]) -> None:
    if value not in valid:
        raise UserError(
            f"corpus.{setting} = {value!r}: there is no such {setting}; valid: {', '.join(valid)}"
        )


def _compile(group: str) -> re.Pattern[str]:
    try:
        return re.compile(group)
    except re.error as error:
        raise UserError(f"corpus.group = {group!r}: not a regular expression: {error}") from None


def _grouped(
    found: Iterator[Document | Change | UserError], pattern: re.Pattern[str]
) -> Iterator[Document | Change | UserError]:
    """The documents with the groups that their ids name, and an error for those that name none."""
    without: list[str] = []
    for entry in found:
        if isinstance(entry, Document) and entry.group is None:
            match = pattern.search(entry.id)
            group = match[min(pattern.groups, 1)] if match else None
            if not group:
                without.append(entry.id)
            yield replace(entry, group=group or None)
        else:
            yield entry
    if without:
        ids = ", ".join(without[:3]) + (", ..." if len(without) > 3 else "")
        reason = f"corpus.group = {pattern.pattern!r} finds no group in {len(without)} ids: {ids}"
        yield UserError(reason, hint="Let the expression match every id, or set it to null.")


def _renamed(
    found: Iterator[Document | Change | UserError], names: Mapping[str, str], folder: Path
) -> Iterator[Document | Change | UserError]:
    """The documents with new names for their labels, and an error for names that are given to none."""
    labels: set[str] = set()
    for entry in found:
        if isinstance(entry, Document):
            labels.update(annotation.label for annotation in entry.annotations)
            annotations = tuple(
                replace(annotation, label=names.get(annotation.label, annotation.label))
                for annotation in entry.annotations
            )
            yield replace(entry, annotations=annotations)
        else:
            yield entry
    if unknown := sorted(set(names) - labels):
        reason = f"no annotation is labelled {', '.join(unknown)}, to be renamed"
        valid = ", ".join(sorted(labels)) or "none"
        yield UserError(reason, path=folder, hint=f"Its labels: {valid}. Mend corpus.auxiliaries.")


def _flattened(
    found: Iterator[Document | Change | UserError],
    discontinuous: Discontinuous,
    overlapping: Overlapping,
) -> Iterator[Example | Change | UserError]:
    for entry in found:
        if isinstance(entry, Document):
            yield from flatten(entry, discontinuous=discontinuous, overlapping=overlapping)
        else:
            yield entry
