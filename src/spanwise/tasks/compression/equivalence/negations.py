"""Cues that turn a statement round or narrow it, each with the head that it is about (English and French).

The cues that come before what they negate are those of NegEx (Chapman et al. 2001) in substance; here they
are of prompts and manuals rather than of notes, and exclusions, restrictions and conditions stand beside
them.
"""

from __future__ import annotations

import functools
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from spanwise.tasks.compression.equivalence.clauses import SENTENCE_END
from spanwise.tasks.compression.equivalence.numbers import any_of
from spanwise.tasks.compression.equivalence.words import RECENT, Word, words

Kind = Literal["negation", "exclusion", "restriction", "condition"]

CUES: dict[Kind, dict[str, tuple[str, ...]]] = {
    "negation": {
        "not": ("not", "n't", "cannot", "ne", "n'", "pas", "non", "nullement", "aucunement"),
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
        "forbidden": ("forbidden", "prohibited", "interdit", "interdite", "interdits", "interdites"),
    },
    "exclusion": {
        "except": (
            *("except", "excepted", "exception", "excluding", "excluded", "apart from", "other than"),
            *("sauf", "hormis", "excepté", "à l'exception", "à l'exclusion"),
        ),
        "rather than": ("rather than", "instead of", "plutôt que", "plutôt qu'", "au lieu"),
    },
    "restriction": {
        "only": (
            *("only", "solely", "exclusively"),
            *("seulement", "uniquement", "exclusivement", "seul", "seule", "seuls", "seules"),
        )
    },
    "condition": {
        "unless": ("unless", "à moins"),
        "if": ("if", "s'il", "s'ils", "si"),
        "provided": (
            *("provided that", "providing that", "as long as"),
            *("pourvu que", "pourvu qu'", "à condition", "tant que", "tant qu'"),
        ),
    },
}
# Words that negate or narrow only behind `ne`, the first of them; the others end the search.
_COMPANIONS = {
    "plus": "no longer",
    "que": "only",
    "qu": "only",
    "guère": "hardly",
    "point": "not",
    "personne": "no",
}
_CLASS = {form: name for names in CUES.values() for name, forms in names.items() for form in forms}
_KIND: dict[str, Kind] = {
    **{name: kind for kind, names in CUES.items() for name in names},
    "no longer": "negation",
    "hardly": "negation",
}
_CUE = re.compile(
    rf"(?<!\w)(?:{any_of(form for form in _CLASS if form not in {'n' + chr(39) + 't', 'n' + chr(39)})})"
    r"(?:(?<=['\u2019])|(?!\w))"  # what is elided stands at its word
    r"|n['\u2019]t(?!\w)|(?<!\w)n['\u2019](?=\w)",
    re.IGNORECASE,
)
# What looks like a cue and is none: a phrase of its own, or a bound that belongs to a number.
_COMPANION = re.compile(
    r"(?<!\w)(?:ne\s+|n['\u2019])(?:[\w'\u2019-]+\s+){0,5}?"
    r"(?P<word>pas|jamais|rien|aucune?|nulle?|ni|plus|guère|point|personne|que|qu(?=['\u2019]))(?!\w)"
    r"|(?<!\w)(?P<subject>personne)(?=\s+(?:ne\s|n['\u2019]))",
    re.IGNORECASE,
)
_PSEUDO = re.compile(
    r"(?i)\b(?:not only|non seulement|no (?:more|less|fewer|later) than|no doubt|if possible|as if|even if"
    r"|n'importe)\b"
    r"|\b[Nn]o\.(?=\s*\d)|\b[Nn]on-"
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
    return list(_cues(text))


@functools.lru_cache(maxsize=RECENT)
def _cues(text: str) -> tuple[Cue, ...]:
    tokens = words(text)
    starts = [word.start for word in tokens]
    pseudo = [(found.start(), found.end()) for found in _PSEUDO.finditer(text)]
    ends = [found.end() for found in SENTENCE_END.finditer(text)]
    return tuple(
        _cue(name, start, end, _sentence(start, tokens, starts, ends))
        for start, end, name in sorted({*_plain(text), *_paired(text)})
        if not any(low <= start < high for low, high in pseudo)
    )


def _plain(text: str) -> Iterator[tuple[int, int, str]]:
    """Start, end and name of the cues that are such by themselves."""
    for found in _CUE.finditer(text):
        form = re.sub(r"\s+", " ", found.group()).casefold().replace("\u2019", "'")
        yield found.start(), found.end(), _CLASS[form]


def _paired(text: str) -> Iterator[tuple[int, int, str]]:
    """Those that are cues beside `ne` alone: `ne ... plus`, `ne ... que`."""
    for found in _COMPANION.finditer(text):
        group = "word" if found["word"] else "subject"
        name = _COMPANIONS.get(found[group].casefold())
        if name:
            yield found.start(group), found.end(group), name


def _sentence(
    start: int, tokens: Sequence[Word], starts: Sequence[int], ends: Sequence[int]
) -> Sequence[Word]:
    """The words of the sentence in which a cue begins; `starts` are theirs, `ends` those of sentences."""
    place = bisect_right(ends, start)
    first = bisect_left(starts, ends[place - 1]) if place else 0
    return tokens[first : bisect_left(starts, ends[place]) if place < len(ends) else len(tokens)]


def _cue(name: str, start: int, end: int, sentence: Sequence[Word]) -> Cue:
    behind = [word for word in sentence if end <= word.start and word.is_content]
    before = [word for word in sentence if word.end <= start and word.is_content]
    heads = behind[:HEADS] or before[-1:]
    near = behind[:REACH_BEHIND] + before[-REACH_BEFORE:]
    return Cue(
        kind=_KIND[name],
        name=name,
        heads=tuple(word.stem for word in heads),
        reach=frozenset(word.stem for word in near),
        head_places=tuple((word.start, word.end) for word in heads),
        start=start,
        end=end,
    )
