"""What the chosen threshold means for a document and for each type, in sentences."""

from __future__ import annotations

from collections.abc import Iterator

from spanwise.reporting.formatting import amount, bounds, count, counted, listing, percent, score
from spanwise.reporting.sources.confidence import Review, SplitConfidence

NAMED = 3  # types that a sentence names


def tell_review(trust: SplitConfidence) -> list[str]:
    """What accepting from the chosen threshold on leaves to people, document by document."""
    review = trust.documents
    if review is None:
        return []
    if trust.automation.threshold is None:
        return ["Without a threshold, people review every entity of every document.", *_missed(review)]
    at = f"At the chosen threshold of {score(trust.automation.threshold)}"
    return [*_documents(review, at), *_spans(review), *_passed(review), *_missed(review)]


def _documents(review: Review, at: str) -> Iterator[str]:
    silent = f", and nothing was found in {count(review.silent)}" if review.silent else ""
    yield (
        f"{at}, {count(review.automatic)} of {counted(review.documents, 'test document')} would be coded "
        f"whole without review, {count(review.review)} would need some{silent}."
    )


def _spans(review: Review) -> Iterator[str]:
    left = review.spans_to_review_per_document
    yield (
        f"{percent(review.automation_rate)} of the "
        f"findings{bounds(review.automation_rate_low, review.automation_rate_high)} would be accepted; "
        f"people would look at {amount(left.mean)} a document on average (median {amount(left.median)}), and "
        f"in nine documents of ten at no more than {amount(left.p90)}."
    )


def _passed(review: Review) -> Iterator[str]:
    if review.errors_passed_per_document is not None:
        yield f"{amount(review.errors_passed_per_document)} wrong findings a document would pass unseen."


def _missed(review: Review) -> Iterator[str]:
    if review.missed_per_document is not None:
        yield (
            f"{amount(review.missed_per_document)} entities a document are missed with nothing found in "
            "their place: who reviews findings alone does not see them."
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
        for name, each in ([item for item in risky if not item[1].few] or risky)[:NAMED]
    ]
    passed = sum(each.false_positives or 0 for _, each in risky)
    accepted = sum(each.accepted or 0 for each in trust.types.values())
    clean = sum(bool(each.accepted) and not each.false_positives for each in trust.types.values())
    sentences = [
        (
            f"At the chosen threshold, {count(passed)} of {counted(accepted, 'accepted finding')} "
            f"{'is' if passed == 1 else 'are'} wrong, most often of {listing(told)}."
        )
    ]
    if clean:
        sentences.append(f"Of {counted(clean, 'type')}, nothing wrong was accepted.")
    return sentences
