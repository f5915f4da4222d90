"""What rules and a tagger find, as one: they may agree, contradict each other, or see different things."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from spanwise.tasks.resume.candidate import Candidate
from spanwise.tasks.resume.fields import SUMMARY

SAME = 0.5  # of the characters of both: enough to be the same mention
ALONE = 0.85  # what is left of the confidence of rules where a tagger that knows the label found nothing


def combine(
    rules: Sequence[Candidate], tagged: Sequence[Candidate], labels: Iterable[str] = ()
) -> list[Candidate]:
    """Candidates of both, none of which overlap, in the order of the text.

    Where both say the same of the same piece of text, they are taken to err independently: the confidence is
    1 - (1 - a)(1 - b), and the bounds are those of the surer one. Where they contradict each other the surer
    one is right, and of equals the tagger. A summary may hold other fields.

    Args:
        rules: What the rules found.
        tagged: What the tagger found.
        labels: Those that the tagger knows.
    """
    known = set(labels)
    merged = [_agreed(one, rules) for one in tagged]
    for one in rules:
        if any(_same(one, other) for other in tagged):
            continue
        alone = one.confidence * (ALONE if one.label in known else 1.0)
        merged.append(one.model_copy(update={"confidence": alone}))
    return without_overlaps(merged)


def without_overlaps(candidates: Sequence[Candidate]) -> list[Candidate]:
    """The surest candidates that do not overlap, in the order of the text; of equals the tagger's."""
    kept: list[Candidate] = []
    order = sorted(
        candidates,
        key=lambda each: (-each.confidence, each.source != "tagger", each.start - each.end, each.start),
    )
    for one in order:
        rivals = (other for other in kept if (other.label == SUMMARY) == (one.label == SUMMARY))
        if not any(_shared(one, other) for other in rivals):
            kept.append(one)
    return sorted(kept, key=lambda each: (each.start, each.end))


def _agreed(one: Candidate, rules: Sequence[Candidate]) -> Candidate:
    for other in rules:
        if _same(one, other):
            sure = 1 - (1 - one.confidence) * (1 - other.confidence)
            surer = one if one.confidence >= other.confidence else other
            return surer.model_copy(update={"confidence": sure, "source": one.source})
    return one


def _same(one: Candidate, other: Candidate) -> bool:
    longest = max(one.end, other.end) - min(one.start, other.start)
    return one.label == other.label and _shared(one, other) >= SAME * longest


def _shared(one: Candidate, other: Candidate) -> int:
    return max(0, min(one.end, other.end) - max(one.start, other.start))
