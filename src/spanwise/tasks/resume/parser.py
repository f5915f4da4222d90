"""A document to a résumé: what a backend finds in it, as JSON Resume, with the origin of every field."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from spanwise.documents import ReadDocument
from spanwise.errors import UserError
from spanwise.schema import Record
from spanwise.tasks.resume.backends import Backend, RulesBackend
from spanwise.tasks.resume.model import Resume, to_json_resume
from spanwise.tasks.resume.rows import Row, find_rows
from spanwise.tasks.resume.value import Field, located, plain


class Origin(Record):
    """What a résumé was read from, and where each of its fields stands there: the sidecar of its JSON.

    Attributes:
        digest: SHA-256 of the file's bytes.
        format: Of the file.
        backend: Who found the fields.
        characters: Of the text that the offsets count.
        pages: Where the format has pages.
        fields: In the order of the JSON.
    """

    digest: str
    format: str | None
    backend: str
    characters: int
    pages: int | None = None
    fields: tuple[Field, ...]


@dataclass(frozen=True)
class Parsed:
    """A résumé and where it comes from."""

    resume: Resume
    origin: Origin

    def json_resume(self) -> dict[str, Any]:
        """As a JSON Resume 1.0.0 object."""
        return to_json_resume(self.resume)


def parse(document: ReadDocument, backend: Backend | None = None) -> Parsed:
    """Parse a document that was read.

    Args:
        document: With the status `ok`.
        backend: Who finds the fields; the rules if none is given.

    Raises:
        UserError: If the document has no text, or the backend fails.
    """
    [parsed] = parse_many([document], backend)
    return parsed


def parse_many(documents: Sequence[ReadDocument], backend: Backend | None = None) -> list[Parsed]:
    """The same for several documents, which a tagger then sees at once."""
    backend = backend or RulesBackend()
    for document in documents:
        if document.status != "ok":
            raise UserError(f"no text to parse: {document.status}", path=document.name)
    return [
        _parsed(document, tree, backend) for document, tree in zip(documents, backend(documents), strict=True)
    ]


def _parsed(document: ReadDocument, tree: dict[str, Any], backend: Backend) -> Parsed:
    try:
        resume = Resume.model_validate(plain(tree))
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['type']}" for fault in error.errors())
        raise UserError(f"the backend {backend.name} gave no résumé: {faults}", path=document.name) from None
    rows = find_rows(document)
    origin = Origin(
        digest=document.digest,
        format=document.format,
        backend=backend.name,
        characters=len(document.text),
        pages=document.pages,
        fields=tuple(
            Field(
                path=path,
                raw=document.text[value.start : value.end],
                start=value.start,
                end=value.end,
                page=_page(rows, value.start),
                confidence=value.confidence,
                source=value.source,
            )
            for path, value in located(tree)
        ),
    )
    return Parsed(resume, origin)


def _page(rows: Sequence[Row], place: int) -> int | None:
    index = bisect_right(rows, place, key=lambda row: row.start) - 1
    return rows[index].page if index >= 0 else None
