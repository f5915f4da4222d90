"""Rules alone: no model, no network."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from spanwise.documents import ReadDocument
from spanwise.tasks.resume.assembly import assemble
from spanwise.tasks.resume.combine import without_overlaps
from spanwise.tasks.resume.rows import find_rows
from spanwise.tasks.resume.rules.finding import find_candidates
from spanwise.tasks.resume.sections import find_sections


@dataclass(frozen=True)
class RulesBackend:
    """Finds fields by layout and words, as `spanwise.tasks.resume.rules` tells."""

    name: str = "rules"

    def __call__(self, documents: Sequence[ReadDocument]) -> Iterator[dict[str, Any]]:
        """See `Backend`."""
        for document in documents:
            rows = find_rows(document)
            sections = find_sections(rows)
            found = find_candidates(document.text, rows, sections, document.links)
            yield assemble(document.text, sections, without_overlaps(found), document.links)
