"""Edits that lose something: what is left is still made of words of the text, in order."""

from __future__ import annotations

import re
from collections.abc import Iterator

from spanwise.tasks.compression.equivalence.clauses import SENTENCE_END
from spanwise.tasks.compression.equivalence.negations import Kind, cues
from spanwise.tasks.compression.equivalence.numbers import quantities
from spanwise.tasks.compression.equivalence.words import FUNCTION_WORDS, words

Edit = tuple[int, int, str]
"""Start, end, and what stands there instead."""

FEWEST = 4  # content words of a sentence whose loss is a loss
_ITEM = re.compile(
    r"(?:,| and| or| et| ou) (?:the |a |an )?(?P<item>[^\W\d_]{3,}(?: [^\W\d_]{3,})?)(?=,| and | or |[.;:])"
)
# Without `may`, `about`, `usually`, `again`, `still`, `then` and their like: authors drop these themselves in
# a fifth of the cases and more, so that their loss is no mistake.
_HEDGE = re.compile(
    r"\b(?:probably|possibly|perhaps|presumably|apparently|often|sometimes|mostly|might|approximately|roughly|"
    r"preliminary|suspected|probablement|peut-être|souvent|parfois)\b"
)
_REASON = re.compile(r"\b(?:because|since|as a result|due to|so that|in order to|parce que|car|afin de)\b")
_TIME = re.compile(
    r"\b(?:daily|weekly|monthly|yearly|always|immediately|yesterday|today|tomorrow|tonight|later|earlier|first|"
    r"permanently|temporarily|overnight|toujours|hier|demain|aujourd'hui|d'abord)\b"
)
_NAME = re.compile(r"(?<=[a-z0-9,] )[A-Z][a-z]+(?: [A-Z][a-z-]+)*\b")
_CLAUSE_END = re.compile(r"[,;:.!?](?=\s|$)")


def negation(text: str) -> Iterator[Edit]:
    """The cue goes: `must not be given` -> `must be given`."""
    yield from _cues(text, "negation")


def restriction(text: str) -> Iterator[Edit]:
    """`only` goes."""
    yield from _cues(text, "restriction")


def constraint(text: str) -> Iterator[Edit]:
    """An exception or a condition goes, from its cue to the end of the clause."""
    for cue in cues(text):
        if cue.kind in {"exclusion", "condition"}:
            end = _CLAUSE_END.search(text, cue.end)
            yield cue.start, end.start() if end else len(text), ""


def number(text: str) -> Iterator[Edit]:
    """A number goes with its bound and its unit."""
    for quantity in quantities(text):
        yield quantity.bound_start, quantity.end, ""


def unit(text: str) -> Iterator[Edit]:
    """The unit goes, and the number stays; only where no neighbour could tell it."""
    found = quantities(text)
    for index, quantity in enumerate(found):
        near = [each.unit for each in (*found[max(index - 1, 0) : index], *found[index + 1 : index + 2])]
        written = re.search(r"[\s-]?[^\d\s-]+(?: cent)?$", text[quantity.start : quantity.end])
        if quantity.unit and written and quantity.unit not in near:
            yield quantity.start + written.start(), quantity.end, ""


def bound(text: str) -> Iterator[Edit]:
    """`at least 5` -> `5`."""
    for quantity in quantities(text):
        if quantity.bound:
            yield quantity.bound_start, quantity.start, ""


def sentence(text: str) -> Iterator[Edit]:
    """A sentence goes that is no greeting."""
    for start, end in sentences(text):
        if sum(word.is_content for word in words(text[start:end])) >= FEWEST:
            yield start, end, ""


def item(text: str) -> Iterator[Edit]:
    """One of several things named side by side goes."""
    yield from ((start, end, "") for start, end in items(text))


def certainty(text: str) -> Iterator[Edit]:
    """`probably` or `may` goes: what was likely or allowed is now said to be so."""
    yield from ((start, end, "") for start, end in hedges(text))


def reason(text: str) -> Iterator[Edit]:
    """A reason goes, from its conjunction to the end of the clause."""
    for found in _REASON.finditer(text):
        end = _CLAUSE_END.search(text, found.end())
        yield found.start(), end.start() if end else len(text), ""


def time(text: str) -> Iterator[Edit]:
    """A word that tells when, or how often, goes."""
    yield from ((found.start(), found.end(), "") for found in _TIME.finditer(text))


def name(text: str) -> Iterator[Edit]:
    """A name goes."""
    for start, end in names(text):
        yield start, end, ""


def sentences(text: str) -> list[tuple[int, int]]:
    """Start and end of each sentence, its stop included."""
    ends = [found.end() for found in SENTENCE_END.finditer(text)]
    if not ends or text[ends[-1] :].strip():
        ends.append(len(text))
    return list(zip([0, *ends[:-1]], ends, strict=True))


def names(text: str) -> list[tuple[int, int]]:
    """Capitalised words within sentences, those that follow each other as one."""
    return [(found.start(), found.end()) for found in _NAME.finditer(text)]


def items(text: str) -> list[tuple[int, int]]:
    """Things named side by side but the first, each with what joins it."""
    return [
        (found.start(), found.end())
        for found in _ITEM.finditer(text)
        if not FUNCTION_WORDS.intersection(found["item"].casefold().split()) and not cues(found.group())
    ]


def hedges(text: str) -> list[tuple[int, int]]:
    """Words that say how sure or how exact something is."""
    return [(found.start(), found.end()) for found in _HEDGE.finditer(text)]


def _cues(text: str, kind: Kind) -> Iterator[Edit]:
    for cue in cues(text):
        if cue.kind == kind:
            yield cue.start, cue.end, ""
