"""What is never dropped from a prompt: what machines read, numbers, negations, quotations.

Finds more than the gates of `equivalence` ask for: a gate judges what was lost, and here nothing may be.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from itertools import pairwise

from spanwise.tasks.compression.equivalence.clauses import SENTENCE_END
from spanwise.tasks.compression.equivalence.gates.verbatim import blocks
from spanwise.tasks.compression.equivalence.negations import cues
from spanwise.tasks.compression.equivalence.numbers import BOUNDS, any_of, quantities
from spanwise.tasks.compression.equivalence.words import words

Interval = tuple[int, int]

_VERBATIM = re.compile(
    r"""
    `+[^`\n]+`+                                             # inline code
    | \b[a-z][a-z0-9+.-]{1,15}://[^\s<>"]+ | \bwww\.[^\s<>"]+ | \bmailto:[^\s<>"]+
    | [\w.+-]+@[\w-]+(?:\.[\w-]+)*                          # e-mail addresses, and names behind an @
    | \{\{[^{}\n]*\}\} | \$?\{[^{}\n]*\} | <[^<>\n]{1,80}> | \[/?[A-Z][A-Z0-9_ ]*\]
    | %\(\w+\)[a-z] | %[sdifr]\b | \$\w+                     # placeholders
    | "[^"\n]{1,200}" | \u201c[^\u201d\n]{1,200}\u201d | \u00ab[^\u00bb\n]{1,200}\u00bb
    | (?<!\w)'[^'\n]{1,80}'(?!\w) | \u2018[^\u2018\u2019\n]{1,80}\u2019(?!\w)
    | (?<![\w-])--?[A-Za-z][\w-]*                           # options of commands
    | (?<!\w)~?(?:/[\w.-]+)+/? | [A-Za-z]:\\[^\s"]* | \w+\(\)
    | (?<!\w)[@\#]\w+
    | (?<=\s)\*(?=\s)
    | [=<>\u2264\u2265\u2260\u00b1+\u00d7\u00f7^%\u00b0$\u20ac\u00a3\u00a5\u2248\u2192\u2190\u21d2|&\\]+
    """,
    re.VERBOSE,
)
# By itself too: what stands before it without a space may be taken for a part of something else.
_LINK = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{1,31}://[^\s<>\"]+")
_ROLE = re.compile(
    r"^[ \t]*(?:#+[ \t]*)?\**(?:system|user|human|assistant)\**[ \t]*:", re.IGNORECASE | re.MULTILINE
)
# Words with a digit, an underscore, a capital or a full stop inside: numbers, identifiers, acronyms, file
# names.
_IDENTIFIER = re.compile(
    r"[^\W\d_]*[\d_]\S*(?<![.,;:!?)\]}'\"])|\w+(?:[./\\:@]+\w+)+|[^\W_]*[^\W\d_][A-Z]\w*"
)
_BOUND = re.compile(rf"\b(?:{any_of(iter(BOUNDS))})\s+(?:about\s+)?(?:[\u20ac\u00a3$]\s?)?$", re.IGNORECASE)
_MONTH = (
    r"(?:jan(?:uary|vier)?|feb(?:ruary)?|février|mar(?:ch|s)|apr(?:il)?|avril|may|mai|june?|juin|july|juillet"
    r"|aug(?:ust)?|août|sept?(?:ember|embre)?|oct(?:ober|obre)?|nov(?:ember|embre)?|dec(?:ember)?|décembre)"
)
_DATE = re.compile(rf"\b\d{{1,2}}(?:er|st|nd|rd|th)?\s+{_MONTH}\b|\b{_MONTH}\.?\s+\d{{1,4}}\b", re.IGNORECASE)
_EMPTY_LINE = re.compile(r"\n\s*\n")
# What a cue is followed by belongs to it: `only after`, `not before`, `except in`, `plus que`.
_RELATION = re.compile(
    r"\s+(?:after|before|if|when|while|until|since|from|to|by|with|without|for|in|on|at|during|because|through|via"
    r"|under|over|après|avant|si|quand|lorsque|jusque|depuis|par|pour|avec|dans|en|à|pendant|sous|sur|chez"
    r"|que|qu(?=['\u2019]))(?!\w)",
    re.IGNORECASE,
)
LONGEST_BOUND = 40  # characters before a number that may bound it
# Words that bind whoever reads the prompt, beside the cues of `equivalence`.
_BINDING = re.compile(
    r"\b(?:not|no|never|nor|ne|pas|sinon|must|shall|always|exactly|avoid|exclude[sd]?|hardly|barely|scarcely|whichever|otherwise"
    r"|(?:do|does|did|is|are|was|were|has|have|had|can|could|may|might|shall|should|will|would)\s+not"
    r"|toujours|exactement|éviter|exclure|exclu[se]*|guère|obligatoire(?:ment)?|doi(?:t|vent|s))\b",
    re.IGNORECASE,
)


def protected(text: str) -> list[Interval]:
    """The places of `text` that are never dropped, as sorted intervals of characters without overlaps."""
    found = [*_verbatim(text), *_numbers(text)]
    bounds = [0, *(match.end() for match in _EMPTY_LINE.finditer(text)), len(text)]
    for start, end in pairwise(
        bounds
    ):  # no cue reaches over an empty line, and each looks at all that it is given
        found += [(start + first, start + behind) for first, behind in _negations(text[start:end])]
    return merged(found)


def merged(intervals: Iterable[Interval]) -> list[Interval]:
    """The union of intervals, sorted; those that only touch stay apart."""
    found: list[Interval] = []
    for start, end in sorted(intervals):
        if found and start < found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


def _verbatim(text: str) -> Iterator[Interval]:
    yield from ((start, end) for _, start, end in blocks(text))
    for pattern in (_VERBATIM, _LINK, _IDENTIFIER, _ROLE, _DATE):
        yield from (found.span() for found in pattern.finditer(text))


def _numbers(text: str) -> Iterator[Interval]:
    for quantity in quantities(text):
        start = max(quantity.start - LONGEST_BOUND, 0)
        bound = _BOUND.search(text[start : quantity.start])
        yield (start + bound.start() if bound else quantity.start, quantity.end)


def _negations(text: str) -> Iterator[Interval]:
    """The cues, and of each the next content word of its sentence, or else the last one before it."""
    yield from (found.span() for found in _BINDING.finditer(text))
    found = cues(text)
    if not found:
        return
    content = [word for word in words(text) if word.is_content]
    starts = [word.start for word in content]
    ends = [match.end() for match in SENTENCE_END.finditer(text)]
    for cue in found:
        relation = _RELATION.match(text, cue.end)
        yield (cue.start, relation.end() if relation else cue.end)
        place = bisect_left(ends, cue.end)
        last = ends[place] if place < len(ends) else len(text)
        head = bisect_left(starts, cue.end)
        if head < len(content) and content[head].start < last:
            yield (content[head].start, content[head].end)
        elif before := bisect_left(starts, cue.start):
            yield (content[before - 1].start, content[before - 1].end)
