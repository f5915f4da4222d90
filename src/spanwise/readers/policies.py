"""What becomes of annotations that flat tags cannot express: one rule for all formats."""

from __future__ import annotations

import unicodedata
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal, NamedTuple

from spanwise.errors import UserError
from spanwise.readers.document import Annotation, Document
from spanwise.schema import Change, Example, Span

Discontinuous = Literal["envelope", "longest", "split", "drop", "error"]
Overlapping = Literal["longest", "first", "keep", "error"]
Log = list[Change | UserError]


class Extent(NamedTuple):
    """An annotation without gaps, and the line that it is written on."""

    start: int
    end: int
    label: str
    line: int | None


def flatten(
    document: Document, *, discontinuous: Discontinuous, overlapping: Overlapping
) -> Iterator[Example | Change | UserError]:
    """The document with sorted spans, behind a record of every change to them.

    Interrupted annotations are mended first, then space is trimmed from the edges of spans, duplicates go,
    and of overlapping spans only some stay, unless all are to be kept. A text target stays as it is. A
    document for which a policy demands an error yields that instead of an example.

    Args:
        document: What a format's reader found.
        discontinuous: For an annotation of several fragments: one span from the first to the last
            (`envelope`), the longest fragment, a span for each (`split`: the only policy that makes spans
            more), none (`drop`), or an error.
        overlapping: Of spans that share a character, keep the `longest` or the one that starts `first`;
            on a tie the earlier one, or the longer one, then the one written first. Or `keep` all, sorted by
            start, falling length and label: only a span head can learn them. Or an error.
    """
    facts: dict[str, Any] = {
        "id": document.id,
        "text": document.text,
        "group": document.group or document.id,
        "split": document.split,
        "stratum": document.stratum,
        "attributes": document.attributes,
    }
    if document.target is not None:
        yield Example(target=document.target, **facts)
        return
    log: Log = []
    extents = [
        extent
        for annotation in document.annotations
        for extent in _continuous(annotation, document, discontinuous, log)
    ]
    extents = _trimmed(extents, document, log)
    extents = _distinct(extents, document, log)
    extents = _chosen(extents, document, overlapping, log)
    yield from log
    if not any(isinstance(entry, UserError) for entry in log):
        yield Example(target=tuple(Span(start=e.start, end=e.end, label=e.label) for e in extents), **facts)


def _continuous(annotation: Annotation, document: Document, policy: Discontinuous, log: Log) -> list[Extent]:
    """The annotation without gaps."""
    fragments = sorted(annotation.fragments)
    if len(fragments) > 1:
        if policy == "error":
            hint = "Mend it, or set corpus.discontinuous to envelope, longest, split or drop."
            log.append(UserError("a discontinuous span", path=document.path, line=annotation.line, hint=hint))
            return []
        if policy == "drop":
            log.append(Change(kind="left_out", reason="discontinuous", document=document.id))
            return []
        log.append(Change(kind="repaired", reason="discontinuous", document=document.id))
        if policy == "envelope":
            fragments = [(fragments[0][0], max(end for _, end in fragments))]
        elif policy == "longest":
            fragments = [max(fragments, key=lambda fragment: fragment[1] - fragment[0])]
    return [Extent(start, end, annotation.label, annotation.line) for start, end in fragments]


def _trimmed(extents: list[Extent], document: Document, log: Log) -> list[Extent]:
    """The extents without space at their edges; those of nothing but space are left out."""
    kept = []
    for extent in extents:
        start, end = extent.start, extent.end
        while start < end and _is_blank(document.text[start]):
            start += 1
        while end > start and _is_blank(document.text[end - 1]):
            end -= 1
        if start == end:
            log.append(Change(kind="left_out", reason="blank", document=document.id))
            continue
        if (start, end) != (extent.start, extent.end):
            log.append(Change(kind="repaired", reason="whitespace_trimmed", document=document.id))
        kept.append(extent._replace(start=start, end=end))
    return kept


def _is_blank(character: str) -> bool:
    """Whether nothing can be seen of it: space, control (Cc) and format (Cf) characters like U+200B."""
    return character.isspace() or unicodedata.category(character) in ("Cc", "Cf")


def _distinct(extents: list[Extent], document: Document, log: Log) -> list[Extent]:
    """The extents without repetitions of the same offsets and label."""
    kept: dict[tuple[int, int, str], Extent] = {}
    for extent in extents:
        if kept.setdefault(extent[:3], extent) is not extent:
            log.append(Change(kind="left_out", reason="duplicate", document=document.id))
    return list(kept.values())


_RANK: Mapping[Overlapping, Callable[[Extent], tuple[int | str, ...]]] = {
    "longest": lambda extent: (extent.start - extent.end, extent.start),
    "first": lambda extent: (extent.start, -extent.end),
    "keep": lambda extent: (extent.start, -extent.end, extent.label),
    "error": lambda extent: (extent.start, -extent.end),
}


def _chosen(extents: list[Extent], document: Document, policy: Overlapping, log: Log) -> list[Extent]:
    """Those extents, in the order of the text, that overlap none of higher rank, or all of them."""
    ranked = sorted(extents, key=_RANK[policy])
    if policy == "keep":
        return ranked
    kept: list[Extent] = []
    for extent in ranked:
        at = bisect_left(kept, extent.start, key=lambda other: other.start)
        # What is kept is sorted and disjoint: only the neighbours can overlap.
        rival = next(
            (
                other
                for other in kept[max(at - 1, 0) : at + 1]
                if other.start < extent.end and extent.start < other.end
            ),
            None,
        )
        if rival is None:
            kept.insert(at, extent)
        elif policy == "error":
            reason = f"span {extent.start}:{extent.end} overlaps span {rival.start}:{rival.end}"
            reason += f" of line {rival.line}" if rival.line is not None else ""
            hint = "Mend one of them, or set corpus.overlapping to longest, first or keep."
            log.append(UserError(reason, path=document.path, line=extent.line, hint=hint))
        else:
            log.append(Change(kind="left_out", reason="overlapping", document=document.id))
    return kept
