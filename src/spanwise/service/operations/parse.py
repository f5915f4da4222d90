"""Résumés to JSON Resume, with the origin of each field."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from spanwise.documents import ReadDocument
from spanwise.service.contract import Answer, Item
from spanwise.service.operations.options import ParseOptions
from spanwise.service.operations.taggers import Tagger
from spanwise.tasks.resume.backends import Backend, RulesBackend, TaggerBackend
from spanwise.tasks.resume.parser import Parsed, parse_many

_INDEX = re.compile(r"\[\d+\]")


@dataclass(frozen=True)
class Parse:
    """Finds the fields of résumés.

    Attributes:
        backend: Who finds them.
    """

    backend: Backend

    @classmethod
    def rules(cls) -> Parse:
        """By rules alone."""
        return cls(RulesBackend())

    @classmethod
    def load(cls, folder: Path, *, threads: int) -> Parse:
        """With the tagger of a package, and the rules where they are surer.

        Raises:
            UserError: See `Tagger.load`.
        """
        tagger = Tagger.load(folder, threads=threads)
        own = tagger.predictor.labels.own
        return cls(TaggerBackend(tagger.predictor, tagger.confidences, labels=own))

    def __call__(self, items: Sequence[Item]) -> list[Answer | Exception]:
        """See `contract.Operation`."""
        parsed = parse_many([document_of(item) for item in items], self.backend)
        return [_answer(item, found) for item, found in zip(items, parsed, strict=True)]


def document_of(item: Item) -> ReadDocument:
    """What was read of an item's file, or its text as it is: so that offsets count the characters sent."""
    return item.document or ReadDocument(status="ok", format="txt", text=item.text)


def _answer(item: Item, found: Parsed) -> Answer:
    options = item.options
    assert isinstance(options, ParseOptions)
    fields = found.origin.fields
    value: dict[str, Any] = {
        "characters": found.origin.characters,
        "pages": found.origin.pages,
        "backend": found.origin.backend,
        "resume": found.json_resume(),
    }
    if options.origins:
        value["origins"] = [field.model_dump(mode="json") for field in fields]
    if options.with_text:
        value["text"] = item.text
    labels = tuple(_INDEX.sub("", field.path) for field in fields)
    return Answer(value, labels, tuple(field.confidence for field in fields))
