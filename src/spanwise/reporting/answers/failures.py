"""What speaks against answers, in sentences; never with their text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from spanwise.reporting.answers.sources import Sources
from spanwise.reporting.formatting import count, counted, listing, words

MEANINGS = {
    "empty": "nothing was written",
    "unfinished": "cut off at generation.max_new_tokens, before the model ended by itself",
    "language": "in another language than the question",
    "repetition": "0.4 or more of its 4-grams came before in it",
    "form": "without the whole form of its category: numbered steps, headings, choices",
    "missing": "mentions less than 0.8 of the terms that it may not lack",
    "wrong_choice": "other choices than the right ones",
    "unchecked": "nothing of what it says could be checked: for a reader",
}
SHORT = {
    "empty": "nothing written",
    "unfinished": "cut off",
    "language": "another language",
    "repetition": "repetition",
    "form": "form lacking",
    "missing": "terms lacking",
    "wrong_choice": "other choices",
    "unchecked": "nothing to check",
}
"""The failures as they stand in a sentence."""


def tell_failures(sources: Sources) -> list[str]:
    """What goes wrong most, alone and together, and in which parts."""
    return [*tell_kinds(sources), *_alone(sources), *_parts(sources)]


def tell_kinds(sources: Sources) -> Iterator[str]:
    """How many answers fail in which way."""
    failures = sources.failures
    told = [f"{name_of(kind)} ({count(number)})" for kind, number in failures.by_count()]
    if told:
        yield (
            f"What speaks against {counted(failures.answers, 'answer')}: {listing(told)}; one may have "
            "several failures."
        )


def name_of(kind: str) -> str:
    """A failure as it stands in a sentence."""
    return SHORT.get(kind, words(kind))


def count_together(sources: Sources) -> list[tuple[tuple[str, ...], int]]:
    """How many answers have just these failures and no other, the most frequent first."""
    found = Counter(tuple(each.judged.failures) for each in sources.answered if each.judged.failures)
    return sorted(found.items(), key=lambda item: (-item[1], len(item[0]), item[0]))


def count_alone(sources: Sources) -> dict[str, int]:
    """How many answers have one failure and no other, by its kind."""
    return {kinds[0]: number for kinds, number in count_together(sources) if len(kinds) == 1}


def _alone(sources: Sources) -> Iterator[str]:
    alone = count_alone(sources)
    several = sum(number for kinds, number in count_together(sources) if len(kinds) > 1)
    told = [f"{name_of(kind)} alone in {count(number)}" for kind, number in alone.items()]
    told += [f"several failures together in {count(several)}"] if several else []
    if told:
        yield f"What keeps answers from being acceptable: {listing(told)}."


def _parts(sources: Sources) -> Iterator[str]:
    answers = Counter(each.stratum for each in sources.answered)
    right = Counter(each.stratum for each in sources.answered if each.acceptable)
    without = [f"{name} ({count(number)})" for name, number in sorted(answers.items()) if not right[name]]
    if without and len(without) < len(answers):
        yield f"No answer is acceptable in {listing(without)}."
