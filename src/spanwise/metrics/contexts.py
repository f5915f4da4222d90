"""Contexts in which a mention may be harder to find: abbreviations, numbers and negation.

They are told by rules, in English and French, from the text alone.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from typing import Literal, get_args

from spanwise.schema import Span

Context = Literal["abbreviation", "number", "negation"]
CONTEXTS: tuple[Context, ...] = get_args(Context)

WINDOW = 5  # words that may stand between a cue and what it negates (Chapman et al. 2001)

# The phrases before a finding and the pseudo-negations of NegEx (Chapman et al. 2001, J Biomed Inform
# 34:301-310), without those that a shorter cue and the window cover, and French ones as in its adaptation
# (Deléger & Grouin 2012, IHI, 10.1145/2110363.2110443) and in EDS-NLP's `eds.negation`. French "non" is none,
# as it stands in names in both languages (non-small-cell, non hodgkinien).
CUES = (
    *("absence of", "cannot", "declined", "declines", "denied", "denies", "denying", "fails to reveal"),
    *("free of", "negative for", "never", "no", "no evidence of", "no sign of", "no signs of", "not"),
    *("rather than", "ruled out", "rules out", "unremarkable for", "without", "without evidence of"),
    *("absence d'", "absence de", "aucun", "aucune", "dépourvu de", "dépourvue de", "exclut", "jamais"),
    *("négatif pour", "négative pour", "ni", "niant", "nie", "pas", "sans", "sans signe de"),
)
PSEUDO_CUES = (
    *("no change", "no definite change", "no increase", "no interval change", "no significant change"),
    *("no significant interval change", "no suspicious change", "not cause", "not certain if"),
    *("not certain whether", "not drain", "not extend", "not necessarily", "not only", "without difficulty"),
    *("aucun changement", "aucun doute", "aucune diminution", "n'exclut pas", "pas d'amélioration"),
    *("pas d'augmentation", "pas de changement", "pas de diminution", "pas de doute", "pas seulement"),
    *("sans amélioration", "sans aucun doute", "sans augmentation", "sans changement", "sans diminution"),
    "sans doute",
)
TERMINATIONS = (
    *("although", "apart from", "aside from", "but", "cause of", "except", "however", "nevertheless"),
    *("secondary to", "still", "though", "yet"),
    *("cependant", "hormis", "mais", "pourtant", "sauf", "toutefois"),
)
NUMBERS = (
    *("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty", "thirty"),
    *("forty", "fifty", "sixty", "seventy", "eighty", "ninety", "hundred", "thousand", "million"),
    # "un" and "une" are articles first.
    *("deux", "trois", "quatre", "cinq", "sept", "huit", "neuf", "dix", "onze", "douze", "treize"),
    *("quatorze", "quinze", "seize", "vingt", "trente", "quarante", "cinquante", "soixante", "cent", "mille"),
)


def _phrases(phrases: Iterable[str]) -> str:
    """A pattern of any of the phrases, the longest first, in lower case but for the first letter.

    In capitals some of them are something else: NO is nitric oxide, PAS a stain.
    """
    ordered = sorted(phrases, key=lambda phrase: (-len(phrase), phrase))
    return "|".join(
        f"(?i:{phrase[0]})" + phrase[1:].replace(" ", r"\s+").replace("'", "\\s?['\u2019]\\s?")
        for phrase in ordered
    )


_WORD = re.compile(r"\w+")  # NegEx counts words, where encoding.WORD counts punctuation too
_CUE = re.compile(rf"\b(?:(?P<pseudo>{_phrases(PSEUDO_CUES)})|(?P<cue>{_phrases(CUES)}))\b")
# A sentence ends before what is not in lower case; so does a line, as in lists and headings.
_STOP = re.compile(
    rf"[.!?][\"'”»)\]]*(?=\s+[^\sa-zß-ÿ]|\s*$)|\n\s*+(?=(?P<goes_on>[a-zß-ÿ])?)|;|\b(?:{_phrases(TERMINATIONS)})\b"
)
_NUMBER = re.compile(rf"\d|\b(?:{'|'.join(NUMBERS)})\b", re.IGNORECASE)
_SHORT_FORM = re.compile(r"[^\W_][\w./+-]{1,9}")


def contexts_of(text: str, spans: Sequence[Span]) -> list[tuple[Context, ...]]:
    """The contexts that each span stands in, [spans], in the order of `CONTEXTS`.

    A mention is an `abbreviation` if it is one or two short forms (ECG, HbA1c, CA-125, HHV-6 DNA), each of 2
    to 10 characters with two capitals, or a capital and a digit behind a first letter; or one short form with
    a capital that stands in brackets behind its long form: glycated haemoglobin (Hb). A text all in capitals
    makes an abbreviation of every word up to that length.

    It is a `number` if it holds a digit or the word of a cardinal number.

    It stands in a `negation` if a cue comes before it, outside of it, with at most five words between, and
    with neither the end of the sentence nor a semicolon nor a conjunction such as "but" between (NegEx,
    Chapman et al. 2001, but only the cues that come before what they negate). A cue in capitals is none.
    """
    scopes = _negated(text)
    starts = [start for start, _ in scopes]
    found = []
    for span in spans:
        # Scopes end in the order in which they start, so that none before the last can reach further.
        last = bisect_right(starts, span.start) - 1
        holds = (
            _is_abbreviation(text, span),
            _NUMBER.search(text, span.start, span.end) is not None,
            last >= 0 and span.start < scopes[last][1],
        )
        found.append(tuple(context for context, held in zip(CONTEXTS, holds, strict=True) if held))
    return found


def _negated(text: str) -> list[tuple[int, int]]:
    """Where a mention that starts there is negated, by start."""
    words = [word.start() for word in _WORD.finditer(text)]
    stops = [stop.start() for stop in _STOP.finditer(text) if not stop["goes_on"]]
    scopes = []
    for cue in _CUE.finditer(text):
        if cue["cue"]:
            farthest = bisect_left(words, cue.end()) + WINDOW
            limit = words[farthest] + 1 if farthest < len(words) else len(text)
            stop = bisect_left(stops, cue.end())
            scopes.append((cue.end(), min(limit, *stops[stop : stop + 1], len(text))))
    return scopes


def _is_abbreviation(text: str, span: Span) -> bool:
    parts = text[span.start : span.end].split()
    if not 1 <= len(parts) <= 2 or not all(_SHORT_FORM.fullmatch(part) for part in parts):
        return False
    return all(_looks_short(part) for part in parts) or (len(parts) == 1 and _is_defined(text, span))


def _looks_short(form: str) -> bool:
    capitals = sum(map(str.isupper, form))
    return capitals >= 2 or (capitals == 1 and form[0].isalpha() and any(map(str.isdigit, form)))


def _is_defined(text: str, span: Span) -> bool:
    """Whether a span opens a bracket behind its long form (Schwartz & Hearst 2003, PSB 8:451-462)."""
    short = text[span.start : span.end]
    if not any(map(str.isupper, short)) or text[span.start - 1 : span.start] not in {"(", "["}:
        return False
    words = min(len(short) + 5, 2 * len(short))
    before = " ".join(text[: span.start - 1].rsplit(maxsplit=words)[-words:]).lower()
    position = len(before)
    for index, letter in reversed(list(enumerate(short.lower()))):
        if letter.isalnum():
            position = before.rfind(letter, 0, position)
            # The first letter must begin a word of the long form.
            while index == 0 and position > 0 and before[position - 1].isalnum():
                position = before.rfind(letter, 0, position)
            if position < 0:
                return False
    return True
