"""What the errors are and what they mean, in sentences; never with the text of a document."""

from __future__ import annotations

from collections.abc import Iterator

from spanwise.reporting.formatting import count, counted, interval, listing, percent, points, score, words
from spanwise.reporting.sources import Sources
from spanwise.reporting.sources.errors import BOUNDARY, ErrorFigures, wrong
from spanwise.reporting.sources.evaluation import Score, SplitScores
from spanwise.reporting.sources.robustness import Robustness

NAMED = 3  # categories, types and confusions that a sentence names
FEWEST = 20  # gold spans below which the error rate of a stretch is not compared with others

MEANINGS = {
    "correct": "found with its type and both its boundaries",
    "shorter": "found, but less of it",
    "longer": "found, with more than belongs to it",
    "shifted": "found, but too early or too late",
    "type": "found in its boundaries as another type",
    "boundary_and_type": "overlapped by another type with other boundaries",
    "split": "found in several pieces",
    "merged": "found as one with others",
    "missed": "not found, and nothing in its place",
    "spurious": "found where there is nothing",
}

KINDS = {
    "shorter": "too short",
    "longer": "too long",
    "type": "of the wrong type",
    "boundary_and_type": "of wrong type and boundaries",
    "split": "found in several pieces",
    "merged": "merged with others",
}


WRITINGS = {
    "lower": "lower case",
    "upper": "upper case",
    "whitespace": "other white space",
    "unicode": "other Unicode forms",
}


def tell_errors(sources: Sources) -> list[str]:
    """What goes wrong most, where, and what it means."""
    errors = sources.errors
    if not errors.errors:
        return []
    return [
        *tell_shares(errors),
        *_boundaries(errors, sources.evaluation.test),
        *_types(errors),
        *_confusions(errors),
        *_lengths(errors),
        *_contexts(errors),
        *_strata(sources.evaluation.test),
    ]


def tell_shares(errors: ErrorFigures) -> Iterator[str]:
    """The most frequent kinds of errors."""
    if errors.errors:
        told = [
            f"{percent(errors.counts[name] / errors.errors)} are {KINDS.get(name, words(name))}"
            for name in errors.categories[:NAMED]
            if errors.counts[name]
        ]
        yield f"Of {counted(errors.errors, 'error')}, {listing(told)}."


def _boundaries(errors: ErrorFigures, test: SplitScores) -> Iterator[str]:
    boundary = sum(errors.counts.get(name, 0) for name in BOUNDARY)
    told = (
        f"{counted(boundary, 'error')} ({percent(boundary / errors.errors)}) are of the boundaries alone: "
        "something of the right type is marked there, so that a reviewer comes across it"
    )
    strict, loose = (test.semeval[name].f1 if name in test.semeval else None for name in ("strict", "type"))
    if strict is not None and loose is not None:
        told += (
            f"; where an overlap with the right type suffices, F1 is {score(loose)} instead of "
            f"{score(strict)}"
        )
    if boundary:
        yield f"{told}."


def _types(errors: ErrorFigures) -> Iterator[str]:
    ranked = [(name, sum(wrong(counts).values())) for name, counts in errors.by_errors()][:NAMED]
    told = [f"{name} ({percent(number / errors.errors)})" for name, number in ranked if number]
    if told:
        yield f"The types with most errors are {listing(told)}."


def _confusions(errors: ErrorFigures) -> Iterator[str]:
    told = [f"{each.gold} as {each.predicted} ({count(each.spans)})" for each in errors.confusions[:NAMED]]
    if told:
        yield f"Most often taken for another type: {listing(told)}."


def _lengths(errors: ErrorFigures) -> Iterator[str]:
    known = [
        (name, each.error_rate)
        for name, each in errors.lengths.items()
        if each.error_rate is not None and each.gold >= FEWEST
    ]
    if len(known) > 1:
        worst, best = max(known, key=lambda item: item[1]), min(known, key=lambda item: item[1])
        yield (
            f"By length in words, entities of {worst[0]} fail most often ({percent(worst[1])}), those of "
            f"{best[0]} least ({percent(best[1])})."
        )


def _contexts(errors: ErrorFigures) -> Iterator[str]:
    for name, each in sorted(errors.contexts.items()):
        if each.error_rate is None or each.error_rate_elsewhere is None or each.gold < FEWEST:
            continue
        relation = "more" if each.error_rate > each.error_rate_elsewhere else "no more"
        yield (
            f"{CONTEXTS.get(name, words(name))} {relation} often: {percent(each.error_rate)} of "
            f"{count(each.gold)}, against {percent(each.error_rate_elsewhere)} elsewhere."
        )


CONTEXTS = {
    "abbreviation": "Abbreviations fail",
    "number": "Entities with a number fail",
    "negation": "Entities behind a negation fail",
}


def _strata(test: SplitScores) -> Iterator[str]:
    mention = test.strata.get("mention", {})
    seen, unseen = mention.get("seen", Score()), mention.get("unseen", Score())
    if seen.recall is not None and unseen.recall is not None:
        yield (
            f"Of entities whose wording occurs in training, {percent(seen.recall)} are found; of the "
            f"{count(unseen.support)} others, {percent(unseen.recall)}."
        )


def tell_robustness(robustness: Robustness) -> list[str]:
    """What other ways of writing cost."""
    variants = robustness.by_loss()
    worse = [
        f"{writing(name)} ({points(-each.difference)}, interval "
        f"{_lost(each.difference_high, each.difference_low)})"
        for name, each in variants
        if each.is_worse and each.difference is not None
    ]
    equal = [writing(name) for name, each in variants if each.is_equal]
    unsure = [
        writing(name)
        for name, each in variants
        if not each.is_worse and not each.is_equal and each.difference is not None
    ]
    told = []
    if worse:
        told.append(f"F1 falls with {listing(worse)}.")
    if unsure:
        told.append(f"With {listing(unsure)}, no loss of F1 is shown: the interval is not all below 0.")
    if equal:
        told.append(f"With {listing(equal)}, F1 stays the same.")
    return told


def writing(variant: str) -> str:
    """What sets the documents of a variant apart."""
    return WRITINGS.get(variant, words(variant))


def _lost(low: float | None, high: float | None) -> str:
    if low is None or high is None:
        return interval(None, None)
    return f"{points(-low).split()[0]} to {points(-high).split()[0]}"
