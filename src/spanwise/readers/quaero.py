"""QUAERO's French texts with entities (Névéol et al. 2014, BioTxtM) as questions and answers.

The texts are brat standoff, in folders and in `.tar.gz` archives. For entities as spans, unpack the archives
and read them as `brat`.
"""

from __future__ import annotations

import re
import tarfile
import tempfile
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from spanwise.errors import UserError
from spanwise.readers.brat import read_brat
from spanwise.readers.chat import LONGEST, Message, chat_document
from spanwise.readers.document import Annotation, Document
from spanwise.readers.files import corpus_files
from spanwise.schema import Change

CATEGORY, LANGUAGE = "entities", "fr"
SYSTEM = (
    "Relevez les entités médicales du texte, telles qu'elles y sont écrites, une ligne par type : "
    "ANAT (anatomie), CHEM (substances), DEVI (dispositifs), DISO (maladies et signes), GEOG (lieux), "
    "LIVB (êtres vivants), OBJC (objets), PHEN (phénomènes), PHYS (physiologie), PROC (actes). "
    "S'il n'y en a pas, répondez : aucune."
)
NONE = "aucune"

_PART = re.compile(r"_\d+$")  # the parts of one leaflet in EMEA


def read_quaero(folder: Path) -> Iterator[Document | Change | UserError]:
    """The texts in `folder`, at any depth and in archives, in the order of their ids.

    The answer has a line for each type, with what is annotated in the order of the text, each mention once;
    the attribute `must_include` lists them all. Parts of one leaflet are one group. Texts above the length of
    `readers.chat.LONGEST` and those without words are left out, and counted.
    """
    with tempfile.TemporaryDirectory(prefix="spanwise-") as scratch:
        found: list[Document] = []
        for entry in [*_plain(folder), *_packed(folder, Path(scratch))]:
            if not isinstance(entry, Document):
                yield entry
                continue
            document = _asked(entry)
            reason = _unfit(document)
            if reason is None:
                found.append(document)
            else:
                yield Change(kind="left_out", reason=reason, document=document.id)
        yield from sorted(found, key=lambda document: document.id)


def _plain(folder: Path) -> Iterator[Document | UserError]:
    """What lies in folders, without the description that comes with it."""
    for entry in read_brat(folder):
        if not (isinstance(entry, UserError) and Path(entry.path or "").stem.lower() == "readme"):
            yield entry


def _packed(folder: Path, scratch: Path) -> Iterator[Document | UserError]:
    """What lies in archives; the archive stands for the files in it."""
    for archive in corpus_files(folder, "quaero"):
        if not archive.name.lower().endswith(".tar.gz"):
            continue
        into = scratch / archive.parent.relative_to(folder)
        try:
            with tarfile.open(archive) as members:
                members.extractall(into, filter="data")
        except (tarfile.TarError, OSError, EOFError, zlib.error) as error:
            yield UserError(f"cannot be unpacked: {error}", path=archive)
    for entry in read_brat(scratch):
        if isinstance(entry, UserError):
            inside = Path(entry.path or scratch).relative_to(scratch)
            yield UserError(f"{inside}: {entry.reason}", path=folder, hint=entry.hint)
        else:
            yield replace(entry, path=folder)


def _asked(document: Document) -> Document:
    """A text with annotations as a question and its answer."""
    mentions: dict[str, list[str]] = {}
    for annotation in sorted(document.annotations, key=lambda each: min(each.fragments)):
        own = mentions.setdefault(annotation.label, [])
        text = _text(document.text, annotation)
        if text not in own:
            own.append(text)
    answer = "\n".join(f"{label} : {' ; '.join(own)}" for label, own in sorted(mentions.items()))
    messages = [
        Message(role="system", content=SYSTEM),
        Message(role="user", content=document.text.strip()),
        Message(role="assistant", content=answer or NONE),
    ]
    terms = list(dict.fromkeys(text for _, own in sorted(mentions.items()) for text in own)) or [NONE]
    return chat_document(
        document.id,
        messages,
        language=LANGUAGE,
        category=CATEGORY,
        path=document.path or Path(),
        group=_PART.sub("", document.id),
        split=document.split,
        must_include=terms,
    )


def _text(text: str, annotation: Annotation) -> str:
    return " ".join(" ".join(text[start:end] for start, end in sorted(annotation.fragments)).split())


def _unfit(document: Document) -> str | None:
    """Why nothing is to be learnt from a question."""
    if not document.text:
        return "empty"
    return "too_long" if len(document.text) + len(document.target or "") > LONGEST else None
