"""A file to a masked file: read within limits, masked, written in one of five formats, and looked through."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from spanwise.documents import ReadDocument, read_or_fail
from spanwise.errors import UserError
from spanwise.io import read_json, read_text
from spanwise.tasks.pii.masking import Masked, Masker
from spanwise.tasks.pii.operators import Replacement
from spanwise.tasks.pii.rewriting.check import refuse_leaks
from spanwise.tasks.pii.rewriting.docx import open_docx, write_docx
from spanwise.tasks.pii.rewriting.docx_new import write_plain_docx
from spanwise.tasks.pii.rewriting.pdf import write_pdf, write_plain_pdf
from spanwise.tasks.pii.vault import Entry, digest, restore

Format = Literal["json", "docx", "pdf", "txt"]
SUFFIXES: frozenset[str] = frozenset({".pdf", ".docx", ".txt", ".text", ".md"})
"""Of the files that are taken from a folder."""
_AUTHORS = ("author", "creator", "lastmodifiedby", "last_modified_by", "title", "manager")


@dataclass(frozen=True)
class MaskedFile:
    """What is written for one file.

    Attributes:
        data: The bytes.
        suffix: With its dot.
        masked: The text before and after. Personal data.
        removed: What else was taken out of the file, and how often; `unknown letters` are question marks.
    """

    data: bytes
    suffix: str
    masked: Masked
    removed: Counter[str] = field(default_factory=Counter)


def mask_file(path: Path, masker: Masker, format: Format | None = None) -> MaskedFile:
    """Mask one file.

    Args:
        path: A PDF, DOCX or text.
        masker: At the level wanted.
        format: Of the output; that of the file where it is None.

    Raises:
        UserError: If the file cannot be read, or a masked identifier would still be in the output.
    """
    document = read_or_fail(path, cross_check=False)
    data = path.read_bytes()
    wanted = format or document.format or "txt"
    made = _make(document, data, masker, wanted, hints(document, path))
    surfaces = {made.masked.original[each.start : each.end] for each in made.masked.replacements}
    refuse_leaks(made.data, surfaces, made.masked.text)
    return made


def read_masked(path: Path) -> str:
    """The text of a masked file, as its digest was taken.

    Raises:
        UserError: If it is a PDF, which keeps no text as it was, or none of ours.
    """
    match path.suffix:
        case ".txt":
            return read_text(path)
        case ".docx":
            return open_docx(path.read_bytes()).text
        case ".json":
            text = read_json(path).get("text") if isinstance(read_json(path), dict) else None
            if isinstance(text, str):
                return text
    raise UserError("cannot be restored", path=path, hint="Text, DOCX and JSON that were masked can.")


def restore_file(path: Path, entry: Entry) -> tuple[bytes, str]:
    """The original text of a masked file, and the suffix it is written with; of a DOCX, with its formatting.

    Raises:
        UserError: If the file was changed since, or cannot be restored.
    """
    text = restore(read_masked(path), entry)
    if path.suffix == ".docx":
        back = [Replacement(each.start, each.end, "", "", each.text) for each in entry.originals]
        return write_docx(open_docx(path.read_bytes()), back), ".docx"
    return text.encode(), ".txt"


def hints(document: ReadDocument, path: Path) -> list[str]:
    """What may name the candidate beside the text: metadata, links, the words of the file name."""
    told = [value for name, value in document.metadata.items() if name.lower() in _AUTHORS]
    words = [word for word in path.stem.replace("_", " ").replace("-", " ").split() if word.isalpha()]
    runs = [" ".join(words[i:j]) for i in range(len(words)) for j in range(i + 2, min(i + 5, len(words) + 1))]
    return [*told, *runs, *document.links]


def as_json(masked: Masked) -> str:
    """The masked text with what stands where, and nothing of the original."""
    places, shift = [], 0
    for each in masked.replacements:
        start = each.start + shift
        places.append({"start": start, "end": start + len(each.text), "label": each.label})
        shift += len(each.text) - (each.end - each.start)
    record = {"level": masked.level, "text": masked.text, "replacements": places, "counts": masked.counts}
    return json.dumps(record, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def entry_of(made: MaskedFile, name: str) -> Entry:
    """What a vault keeps of one file."""
    return Entry(name=name, sha256=digest(made.masked.text), originals=made.masked.originals)


def text_of(document: ReadDocument, data: bytes) -> str:
    """The text to mask: of a text file as it is, blank lines and all."""
    if document.format == "txt" and document.encoding:
        try:
            return data.decode(document.encoding).removeprefix("\ufeff").replace("\r\n", "\n")
        except (LookupError, UnicodeDecodeError):
            return document.text
    return document.text


def _make(
    document: ReadDocument, data: bytes, masker: Masker, wanted: Format, known: Sequence[str]
) -> MaskedFile:
    if wanted == "docx" and document.format == "docx":
        opened = open_docx(data)
        masked = masker.mask(opened.text, hints=known, language=document.language)
        return MaskedFile(write_docx(opened, masked.replacements), ".docx", masked, opened.removed)
    masked = masker.mask(text_of(document, data), hints=known, language=document.language)
    removed = Counter({"pictures": document.images} if document.images else {})
    match wanted:
        case "txt":
            return MaskedFile(masked.text.encode(), ".txt", masked, removed)
        case "json":
            return MaskedFile(as_json(masked).encode(), ".json", masked, removed)
        case "docx":
            return MaskedFile(write_plain_docx(masked.text), ".docx", masked, removed)
    new = (
        write_pdf(document, data, masked.replacements)
        if document.format == "pdf"
        else write_plain_pdf(masked.text)
    )
    return MaskedFile(new.data, ".pdf", masked, removed + Counter({"unknown letters": new.unknown}))
