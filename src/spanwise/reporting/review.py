"""What the chosen threshold means for a document and for each type, in sentences."""

from __future__ import annotations

from collections.abc import Iterator

from spanwise.reporting.formatting import amount, count, counted, listing, percent
from spanwise.reporting.readiness import bounds
from spanwise.reporting.sources.confidence import Review, SplitConfidence

NAMED = 3  # types that a sentence names


def tell_review(trust: SplitConfidence) -> list[str]:
    """What accepting from the chosen threshold on leaves to people, document by document."""
    review = trust.documents
    if review is None:
        return []
    if trust.automation.threshold is None:
        return ["Without a threshold, people review every entity of every document.", *_missed(review)]
    return [*_documents(review), *_spans(review), *_passed(review), *_missed(review)]


def _documents(review: Review) -> Iterator[str]:
    silent = f", and nothing was found in {count(review.silent)}" if review.silent else ""
    yield (
        f"Of {counted(review.documents, 'test document')}, {count(review.automatic)} would be coded whole "
        f"without review, {count(review.review)} would need some{silent}."
    )


def _spans(review: Review) -> Iterator[str]:
    left = review.spans_to_review_per_document
    yield (
        f"{percent(review.automation_rate)} of the "
        f"findings{bounds(review.automation_rate_low, review.automation_rate_high)} would be accepted; "
        f"people would look at {amount(left.mean)} a document on average, at {amount(left.median)} in the "
        f"middle and at up to {amount(left.p90)} in nine documents of ten."
    )


def _passed(review: Review) -> Iterator[str]:
    if review.errors_passed_per_document is not None:
        yield (
            f"{amount(review.errors_passed_per_document)} wrong findings a document would pass "
            f"without anyone seeing them."
        )


def _missed(review: Review) -> Iterator[str]:
    if review.missed_per_document is not None:
        yield (
            f"{amount(review.missed_per_document)} entities a document are missed with nothing found in "
            "their place: who reviews findings alone does not come across them."
        )


def tell_risks(trust: SplitConfidence) -> list[str]:
    """Which types let most errors pass."""
    risky = [(name, each) for name, each in trust.by_risk() if each.false_positives]
    if not risky:
        return (
            ["No accepted finding was wrong."] if any(each.accepted for each in trust.types.values()) else []
        )
    told = [
        f"{name} ({count(each.false_positives)} of {count(each.accepted)}{', few' if each.few else ''})"
        for name, each in risky[:NAMED]
    ]
    passed = sum(each.false_positives or 0 for _, each in risky)
    clean = sum(bool(each.accepted) and not each.false_positives for each in trust.types.values())
    sentences = [f"Of {counted(passed, 'wrong finding')} accepted, most are of {listing(told)}."]
    if clean:
        sentences.append(f"In {counted(clean, 'type')}, nothing wrong was accepted.")
    return sentences
