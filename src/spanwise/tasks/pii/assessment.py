"""How well recognisers mask a corpus with a gold standard, at each level, and under attacks."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from spanwise.schema import Example, Span
from spanwise.tasks.pii.attacks import attacked
from spanwise.tasks.pii.entities import mentions
from spanwise.tasks.pii.labels import DIRECT, LABELS, PRESIDIO
from spanwise.tasks.pii.levels import LEVELS
from spanwise.tasks.pii.masking import Masked, active, find
from spanwise.tasks.pii.operators import Writer
from spanwise.tasks.pii.recognisers import Recogniser
from spanwise.tasks.pii.scores import Audit, aliases, audit, leaked, score
from spanwise.tasks.pii.surrogates import Surrogates

KEPT: Mapping[str, str] = {"Skill": "skills", "Position": "titles"}
"""Labels of a résumé's fields that masking should leave alone -> what they are called among the scores."""
SLICES = ("family", "locale", "format")


@dataclass(frozen=True)
class Bootstrap:
    """How intervals are drawn: over groups of documents."""

    samples: int = 1000
    level: float = 0.95
    seed: int = 0


@dataclass(frozen=True)
class _Document:
    """An example, all that is found in it, and what it says of skills and titles."""

    example: Example
    found: set[Span]
    kept: Mapping[str, tuple[Span, ...]]


def assess(
    examples: Sequence[Example],
    recognisers: Sequence[Recogniser],
    secret: bytes,
    *,
    fields: Iterable[Example] = (),
    bootstrap: Bootstrap = Bootstrap(),
    attacks: bool = True,
) -> dict[str, Any]:
    """Mask every document at every level, and count.

    Args:
        examples: With spans of personal data as their targets.
        recognisers: What finds it; propagation is part of masking.
        secret: For stand-ins.
        fields: The same documents, by their ids, with spans of résumé fields: skills and titles should stay.
        bootstrap: For the intervals.
        attacks: Whether to count under attacks, too: basic alone.

    Returns:
        By level what `scores.score` gives, with `aliases` and `leaked` (documents that show a direct
        identifier somewhere); `slices` with `direct` and `over_masked` at basic by family, locale and
        format; `attacks` with `direct` at basic; `documents` and `ms_per_document` (median, of finding
        alone).
    """
    kept = {example.id: _kept(example.spans) for example in fields}
    documents, times = [], []
    for example in examples:
        begun = time.perf_counter()
        found = find(example.text, recognisers)
        times.append(time.perf_counter() - begun)
        documents.append(_Document(example, found, kept.get(example.id, {})))
    figures: dict[str, Any] = {
        "documents": len(documents),
        "ms_per_document": 1000 * sorted(times)[len(times) // 2] if times else None,
        "levels": {level: _level(documents, level, secret, bootstrap) for level in LEVELS},
        "slices": _slices(documents, secret, bootstrap),
    }
    if attacks:
        figures["attacks"] = {
            name: _direct(altered, recognisers, secret, bootstrap)
            for name, altered in attacked(examples).items()
        }
    return figures


def _level(documents: Sequence[_Document], level: Any, secret: bytes, bootstrap: Bootstrap) -> dict[str, Any]:
    audits, given, leaking = [], [], 0
    for document in documents:
        masked = _masked(document, level, secret)
        audits.append(_audit(document, masked))
        given.append([(each.label, each.key, each.text) for each in masked.replacements])
        leaking += bool(leaked(_direct_surfaces(document.example), {"text": masked.text}))
    figures = _score(audits, level, bootstrap)
    return {**figures, "aliases": aliases(_aliased(given, level)), "leaking_documents": leaking}


def _aliased(given: Sequence[Sequence[tuple[str, str, str]]], level: str) -> list[list[tuple[str, str, str]]]:
    """Mentions of direct identifiers; a stand-in may write a name in part, so whole e-mails and numbers
    count."""
    if level == "thorough":
        return []
    counted = DIRECT - {"POSTCODE"} - ({"PERSON"} if level == "moderate" else set())
    return [[each for each in mentions_ if each[0] in counted] for mentions_ in given]


def _slices(documents: Sequence[_Document], secret: bytes, bootstrap: Bootstrap) -> dict[str, Any]:
    groups: dict[str, dict[str, list[Audit]]] = {}
    for document in documents:
        one = _audit(document, _masked(document, "basic", secret))
        for name in SLICES:
            value = str((document.example.attributes or {}).get(name, ""))
            if value:
                groups.setdefault(name, {}).setdefault(value, []).append(one)
    return {
        name: {
            value: {
                key: figure
                for key, figure in _score(audits, "basic", bootstrap).items()
                if key in ("direct", "over_masked", "clean_documents")
            }
            for value, audits in sorted(values.items())
        }
        for name, values in groups.items()
    }


def _direct(
    examples: Sequence[Example], recognisers: Sequence[Recogniser], secret: bytes, bootstrap: Bootstrap
) -> dict[str, Any]:
    audits = []
    for example in examples:
        document = _Document(example, find(example.text, recognisers), {})
        audits.append(_audit(document, _masked(document, "basic", secret)))
    figure: dict[str, Any] = _score(audits, "basic", bootstrap)["direct"]
    return figure


def _masked(document: _Document, level: Any, secret: bytes) -> Masked:
    text = document.example.text
    named = mentions(text, active(text, document.found, level))
    return Masked(level, text, tuple(Writer(level, text, Surrogates(secret)).replace(named)))


def _audit(document: _Document, masked: Masked) -> Audit:
    example = document.example
    return audit(masked, gold_of(example), group=example.group, kept=document.kept)


def gold_of(example: Example) -> list[Span]:
    """The spans of personal data, Presidio's labels by the names here; others are left out."""
    named = ((span, PRESIDIO.get(span.label, span.label)) for span in example.spans)
    return [span.model_copy(update={"label": label}) for span, label in named if label in LABELS]


def _score(audits: Sequence[Audit], level: Any, bootstrap: Bootstrap) -> dict[str, Any]:
    return score(audits, level, samples=bootstrap.samples, confidence=bootstrap.level, seed=bootstrap.seed)


def _kept(spans: Iterable[Span]) -> dict[str, tuple[Span, ...]]:
    found: dict[str, tuple[Span, ...]] = {}
    for span in spans:
        if span.label in KEPT:
            found[KEPT[span.label]] = (*found.get(KEPT[span.label], ()), span)
    return found


def _direct_surfaces(example: Example) -> list[str]:
    return [example.text[span.start : span.end] for span in gold_of(example) if span.label in DIRECT]
