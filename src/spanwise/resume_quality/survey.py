"""What a corpus of made-up résumés holds, as numbers."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from spanwise.errors import UserError
from spanwise.io import read_json, read_jsonl
from spanwise.schema import SPLITS, Example
from spanwise.tasks.resume.schema import schema_faults

FIELDS = Path("fields") / "examples.jsonl"
PERSONAL = Path("personal") / "examples.jsonl"


@dataclass(frozen=True)
class Survey:
    """A corpus in numbers.

    Attributes:
        figures: As `figures.json` has them, see `generation.corpus.count_made`.
        documents: Those with spans of fields.
        resumes: How many there are, each in several formats.
        faults: Truths that break the schema of JSON Resume.
        shared_people: Names of candidates that stand on more than one side.
        repeated: Documents with the very text of another résumé's.
        labels: Spans of each field by side.
        personal: Spans of personal data by label and side.
        words: Of a document, the median.
    """

    figures: dict[str, Any]
    documents: tuple[Example, ...]
    resumes: int
    faults: int
    shared_people: int
    repeated: int
    labels: dict[str, dict[str, int]]
    personal: dict[str, dict[str, int]]
    words: int


def survey(folder: Path) -> Survey:
    """Count what is in a folder that `generation.corpus.write_corpus` wrote.

    Raises:
        UserError: If it is none.
    """
    if not (folder / FIELDS).is_file():
        raise UserError("no corpus of résumés", path=folder, hint="`spanwise resumes generate` makes one.")
    documents = tuple(read_jsonl(folder / FIELDS, Example))
    truths = {document.group: _attributes(document)["truth"] for document in documents}
    sides: dict[str, set[str | None]] = defaultdict(set)
    texts: dict[str, set[str]] = defaultdict(set)
    for document in documents:
        sides[_attributes(document)["truth"]["basics"]["name"]].add(document.split)
        texts[document.text].add(document.group)
    lengths = sorted(len(document.text.split()) for document in documents)
    return Survey(
        figures=read_json(folder / "figures.json"),
        documents=documents,
        resumes=len(truths),
        faults=sum(bool(schema_faults(truth)) for truth in truths.values()),
        shared_people=sum(len(found) > 1 for found in sides.values()),
        repeated=sum(len(groups) - 1 for groups in texts.values()),
        labels=_labels(documents),
        personal=_labels(list(read_jsonl(folder / PERSONAL, Example))),
        words=lengths[len(lengths) // 2],
    )


def _labels(documents: Sequence[Example]) -> dict[str, dict[str, int]]:
    """Spans of each label, the most frequent first, by side."""
    counts: Counter[tuple[str, str]] = Counter(
        (span.label, str(document.split)) for document in documents for span in document.spans
    )
    totals = Counter({label: 0 for label, _ in counts})
    for (label, _), number in counts.items():
        totals[label] += number
    ordered = sorted(totals, key=lambda label: (-totals[label], label))
    return {label: {side: counts[label, side] for side in SPLITS} for label in ordered}


def _attributes(document: Example) -> dict[str, Any]:
    return document.attributes or {}
