"""Cues that turn a statement round or narrow it, each with the head that it is about (English and French).

The cues that come before what they negate are those of NegEx (Chapman et al. 2001) in substance; here they
are of prompts and manuals rather than of notes, and exclusions, restrictions and conditions stand beside
them.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from spanwise.tasks.compression.equivalence.clauses import SENTENCE_END
from spanwise.tasks.compression.equivalence.numbers import any_of
from spanwise.tasks.compression.equivalence.words import Word, words

Kind = Literal["negation", "exclusion", "restriction", "condition"]

CUES: dict[Kind, dict[str, tuple[str, ...]]] = {
    "negation": {
        "not": ("not", "n't", "cannot", "ne", "n'", "pas"),
        "never": ("never", "jamais"),
        "no": (
            "no",
            "none",
            "nobody",
            "no one",
            "nothing",
            "nowhere",
            "aucun",
            "aucune",
            "rien",
            "nul",
            "nulle",
        ),
        "neither": ("neither", "nor", "ni"),
        "without": ("without", "sans"),
        "forbidden": ("forbidden", "prohibited", "interdit", "interdite"),
    },
    "exclusion": {
        "except": (
            *("except", "excepted", "exception", "excluding", "excluded", "apart from", "other than"),
            *("sauf", "hormis", "excepté", "à l'exception"),
        ),
        "rather than": ("rather than", "instead of", "plutôt que", "au lieu"),
    },
    "restriction": {"only": ("only", "solely", "exclusively", "seulement", "uniquement")},
    "condition": {
        "unless": ("unless", "à moins"),
        "if": ("if", "s'il", "s'ils", "si"),
        "provided": ("provided that", "providing that", "as long as", "pourvu que", "à condition"),
    },
}
_CLASS = {form: name for names in CUES.values() for name, forms in names.items() for form in forms}
_KIND = {name: kind for kind, names in CUES.items() for name in names}
_CUE = re.compile(
    rf"(?<!\w)(?:{any_of(form for form in _CLASS if form not in {'n' + chr(39) + 't', 'n' + chr(39)})})(?!\w)"
    r"|n['\u2019]t(?!\w)|(?<!\w)n['\u2019](?=\w)",
    re.IGNORECASE,
)
# What looks like a cue and is none: a phrase of its own, or a bound that belongs to a number.
_PSEUDO = re.compile(
    r"(?i)\b(?:not only|no (?:more|less|fewer|later) than|no doubt|if possible|as if|even if|n'importe)\b"
    r"|\b[Nn]o\.(?=\s*\d)"
)
HEADS = 3
"""How many content words behind a cue may each stand for its head: an adverb may go, the verb remains."""
REACH_BEHIND, REACH_BEFORE = 10, 4


@dataclass(frozen=True)
class Cue:
    """One cue and the words that it is about.

    Attributes:
        kind: The family of cues.
        name: What it is compared by: `cannot` and `n't` are both `not`.
        heads: Stems of the next content words of the sentence, `HEADS` at most; where none follows, of the
            last one before.
        reach: Stems of the words near it, in its sentence.
        head_places: Start and end of each head.
        start: First character.
        end: Behind the last one.
    """

    kind: Kind
    name: str
    heads: tuple[str, ...]
    reach: frozenset[str]
    head_places: tuple[tuple[int, int], ...]
    start: int
    end: int

    def keeps(self, other: Cue) -> bool:
        """Whether this cue of an output says what `other` said in the source."""
        return self.name == other.name and (not other.heads or bool(self.reach.intersection(other.heads)))


def cues(text: str) -> list[Cue]:
    """The cues of a text in order."""
    tokens = words(text)
    starts = [word.start for word in tokens]
    pseudo = [(found.start(), found.end()) for found in _PSEUDO.finditer(text)]
    ends = [found.end() for found in SENTENCE_END.finditer(text)]
    return [
        _cue(found, _sentence(found, tokens, starts, ends))
        for found in _CUE.finditer(text)
        if not any(start <= found.start() < end for start, end in pseudo)
    ]


def _sentence(
    found: re.Match[str], tokens: Sequence[Word], starts: Sequence[int], ends: Sequence[int]
) -> Sequence[Word]:
    """The words of the sentence in which a cue begins; `starts` are theirs, `ends` those of sentences."""
    place = bisect_right(ends, found.start())
    first = bisect_left(starts, ends[place - 1]) if place else 0
    return tokens[first : bisect_left(starts, ends[place]) if place < len(ends) else len(tokens)]


def _cue(found: re.Match[str], sentence: Sequence[Word]) -> Cue:
    form = re.sub(r"\s+", " ", found.group()).casefold().replace("\u2019", "'")
    name = _CLASS[form]
    behind = [word for word in sentence if found.end() <= word.start and word.is_content]
    before = [word for word in sentence if word.end <= found.start() and word.is_content]
    heads = behind[:HEADS] or before[-1:]
    near = behind[:REACH_BEHIND] + before[-REACH_BEFORE:]
    return Cue(
        kind=_KIND[name],
        name=name,
        heads=tuple(word.stem for word in heads),
        reach=frozenset(word.stem for word in near),
        head_places=tuple((word.start, word.end) for word in heads),
        start=found.start(),
        end=found.end(),
    )
