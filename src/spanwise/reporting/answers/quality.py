"""What the answers are worth, in sentences."""

from __future__ import annotations

from collections.abc import Iterator

from spanwise.reporting.answers.scores import FEW, Part
from spanwise.reporting.answers.sources import Sources
from spanwise.reporting.formatting import bounds, count, counted, interval, listing, percent, points, score

BEHIND = 0.05  # of chrF, below which a part is not called weak
NAMED = 3  # parts that a sentence names
UNTOLD = "(untold)"

NAMES = {
    "chrf": "chrF",
    "rouge_l": "ROUGE-L",
    "coverage": "terms mentioned",
    "acceptable": "acceptable",
    "form": "form",
    "faithful": "language kept",
    "finished": "ended by itself",
    "length_ratio": "length, of the reference's",
    "repeated": "repeated",
    "distinct": "distinct",
    "agreement": "choices in common",
    "exact_choice": "exact choices",
}
"""The measures of answers in the order of the tables."""

MEANINGS = {
    "chrf": "character n-grams in common with the reference (Popović 2015), 0 to 1: the headline",
    "rouge_l": "longest common subsequence of words (Lin 2004), F-measure, 0 to 1",
    "coverage": "share of the terms that an answer may not lack and that it mentions",
    "acceptable": "share of answers that nothing measurable speaks against",
    "form": "how far an answer has the form of its category: numbered steps, headings, choices",
    "faithful": "share of answers in the language of the question, where it can be told",
    "finished": "share of answers that the model ended by itself, below the limit of tokens",
    "length_ratio": "words of an answer over those of its reference",
    "repeated": "share of 4-grams that came before in the same answer",
    "distinct": "different bigrams over all of them",
    "agreement": "choices in common with the right ones over those in either",
    "exact_choice": "share of answers with just the right choices",
}


def tell_quality(sources: Sources, level: float) -> list[str]:
    """How close answers are to their references, what they hold, and where they are weak."""
    return [*tell_overall(sources, level), *tell_weak(sources), *_languages(sources), *_writing(sources)]


def tell_overall(sources: Sources, level: float) -> Iterator[str]:
    """The headline, and what of the terms that may not lack is there."""
    test = sources.evaluation.test
    whole = test.answers.all
    chrf, terms = whole["chrf"], whole["coverage"]
    told = f"The mean chrF of {counted(whole.answers, 'answer')} is {score(chrf.value)}"
    if chrf.low is not None:
        told += f" ({percent(level)} interval {interval(chrf.low, chrf.high)})"
    if whole["rouge_l"].value is not None:
        told += f", their ROUGE-L {score(whole['rouge_l'].value)}"
    if terms.value is not None:
        told += (
            f"; they mention {percent(terms.value)} of the terms that they may not "
            f"lack{bounds(terms.low, terms.high)}"
        )
    yield f"{told}."


def tell_acceptable(sources: Sources) -> Iterator[str]:
    """How many answers nothing measurable speaks against."""
    failures, share = sources.failures, sources.evaluation.test.answers.all["acceptable"]
    if share.value is None:
        return
    kind = ", Wilson's interval" if share.interval == "wilson" else ", interval"
    spread = "" if share.low is None else f"{kind} {percent(share.low)} to {percent(share.high)}"
    yield (
        f"Nothing that can be measured speaks against {count(failures.acceptable)} of "
        f"{counted(failures.answers, 'answer')} ({percent(share.value)}{spread}); that does not make them "
        "right."
    )


def tell_weak(sources: Sources) -> Iterator[str]:
    """The parts whose chrF is behind, and how little that may say."""
    parts = sources.evaluation.test.answers
    whole = parts.all["chrf"].value
    behind = [
        (own["chrf"].value, name, own)
        for name, own in parts.strata.items()
        if own["chrf"].value is not None and whole is not None and own["chrf"].value < whole - BEHIND
    ]
    if behind:
        named = [_weak(name, own) for _, name, own in sorted(behind, key=lambda each: each[:2])[:NAMED]]
        yield f"Weakest by chrF: {listing(named)}."
    few = [name for name, own in parts.strata.items() if own.few]
    if few:
        which = "No stratum has" if len(few) == len(parts.strata) else f"{listing(few)} {_have(len(few))} not"
        yield f"{which} {FEW} test answers: figures of a single one say little."


def _have(number: int) -> str:
    return "has" if number == 1 else "have"


def _weak(name: str, own: Part) -> str:
    return f"{name} ({score(own['chrf'].value)}, {counted(own.answers, 'answer')})"


def _languages(sources: Sources) -> Iterator[str]:
    kept = sources.evaluation.test.answers.all["faithful"]
    other = sum(
        each.answers for each in sources.failures.languages if each.predicted not in (each.gold, UNTOLD)
    )
    untold = sum(each.answers for each in sources.failures.languages if each.predicted == UNTOLD)
    if kept.value is None:
        yield "Of no answer it can be told in which language it is."
        return
    told = (
        "all answers are" if not other else f"{counted(other, 'answer')} {'is' if other == 1 else 'are'} not"
    )
    yield (
        f"As far as it can be told, {told} in the language of the question"
        f"{f'; of {count(untold)} it cannot be told' if untold else ''}."
    )


def _writing(sources: Sources) -> Iterator[str]:
    whole = sources.evaluation.test.answers.all
    length, repeated, form = whole["length_ratio"].value, whole["repeated"].value, whole["form"].value
    if length is not None and repeated is not None:
        yield (
            f"Answers have {percent(length)} of the words of their references; {percent(repeated)} of their "
            "4-grams came before in the same answer."
        )
    if form is not None:
        yield (
            f"Where a category asks for a form, answers have {percent(form)} of it"
            f"{bounds(whole['form'].low, whole['form'].high)}."
        )
    worst = _gap(sources)
    if worst:
        yield worst


def _gap(sources: Sources) -> str:
    """How far languages lie apart."""
    known = [
        (own["chrf"].value, name)
        for name, own in sources.evaluation.test.answers.languages.items()
        if own["chrf"].value is not None
    ]
    if len(known) < 2:
        return ""
    (low, worst), (high, best) = min(known), max(known)
    return (
        f"Between languages, chrF lies {points(high - low)} apart: {score(low)} in {worst}, {score(high)} in "
        f"{best}."
    )
