"""Sentences with personal data as presidio-research writes them: a JSON list of `full_text` and `spans`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel, TypeAdapter, ValidationError

from spanwise.errors import UserError
from spanwise.io import read_text
from spanwise.readers.document import Annotation, Document


class _Span(BaseModel):
    """A piece of a sentence; what else is told of it is passed over."""

    entity_type: str
    start_position: int
    end_position: int


class _Sentence(BaseModel):
    """A sentence; those of one template resemble each other."""

    full_text: str
    spans: tuple[_Span, ...]
    template_id: int | None = None


_SENTENCES = TypeAdapter(tuple[_Sentence, ...])


def read_presidio(folder: Path) -> Iterator[Document | UserError]:
    """The sentences of the `.json` files in `folder`, with Presidio's labels; one group a template.

    A file that is no such list yields the error that names it.
    """
    for path in sorted(folder.glob("*.json")):
        try:
            sentences = _SENTENCES.validate_python(_parse(path))
        except UserError as error:
            yield error
            continue
        except ValidationError as error:
            place = ".".join(map(str, error.errors(include_input=False)[0]["loc"]))
            yield UserError(f"is no list of sentences with spans: {place}", path=path)
            continue
        for number, sentence in enumerate(sentences):
            yield _document(f"{path.stem}-{number}", sentence, path)


def _parse(path: Path) -> Any:
    try:
        return json.loads(read_text(path))
    except json.JSONDecodeError as error:
        raise UserError(f"not valid JSON: {error.msg}", path=path, line=error.lineno) from None


def _document(name: str, sentence: _Sentence, path: Path) -> Document:
    annotations = tuple(
        Annotation(((span.start_position, span.end_position),), span.entity_type, None)
        for span in sentence.spans
    )
    group = name if sentence.template_id is None else f"template-{sentence.template_id}"
    return Document(name, sentence.full_text, annotations, path, group=group)
