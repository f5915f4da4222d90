"""A compressor without a model: fillers, courtesies and articles go first, English and French.

It knows lists of words and nothing of what a text says; results that rest on it are named `rules`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import numpy as np

from spanwise.encoding import WORD
from spanwise.tasks.compression.equivalence.words import FUNCTION_WORDS
from spanwise.tasks.compression.extractive import ScoredWords

FILLER, WEAK, FUNCTION, RELATION, CONTENT = 0.05, 0.35, 0.55, 0.8, 0.9
"""How needed a word is: fillers and weak words go without a target, the others only where it demands so."""

_ENGLISH = """
please note that|please be aware that|please|kindly|thank you(?: very much)?(?: in advance)?
thanks(?: in advance)?|i (?:am writing|wanted) to (?:you )?(?:about|ask you to|let you know that)
i would (?:really )?like(?: you)? to|would you (?:please )?be so kind as to|could you(?: please)?
can you(?: please)?|i was wondering whether|it goes without saying that|needless to say
it (?:is|was) (?:important|worth|useful|interesting) (?:to note|noting|to mention|mentioning) that
it should be (?:noted|mentioned|pointed out) that|as a matter of fact|the fact that|of course|after all
as (?:you (?:may|might|probably|already) know|mentioned (?:above|before|earlier))|due to the fact that
in (?:order to|other words|fact|general|my opinion|addition to this|the event that|this regard|the end)
for the (?:purpose of|most part|time being)|with (?:regard|respect) to|on the other hand
at (?:this|the present|that) (?:point|moment|time)(?: in time)?|kind of|sort of|a (?:little )?bit
very|really|quite|rather(?! than)|actually|basically|simply|just|literally|obviously|clearly|certainly
definitely|absolutely|totally|completely|entirely|essentially|generally|usually|normally|currently
however|moreover|furthermore|additionally|consequently|therefore|thus|hence|indeed|also|too|then|so
somewhat|perhaps|maybe|probably|well|anyway|besides
hello|hi|dear (?:sir or madam|all|team)|(?:kind|best|warm) regards|yours (?:sincerely|faithfully)
"""
_FRENCH = """
merci (?:beaucoup|d'avance|par avance)|merci|s'il (?:vous|te) pla[iî]t|veuillez(?: bien)?(?: noter que)?
je (?:voudrais|souhaiterais|tenais à|vous écris pour)|pourriez-vous|pouvez-vous
auriez-vous l'amabilité de|il (?:est|convient de) (?:important de )?noter que|à noter que|sachez que
il faut (?:savoir|noter) que|comme (?:vous le savez|mentionné (?:ci-dessus|plus haut))|afin de
en (?:effet|fait|outre|général|d'autres termes)|dans le but de|en ce qui concerne|d'ailleurs|de plus
par (?:ailleurs|conséquent)|bien sûr|bien entendu|très|vraiment|assez|plutôt(?! que)|tout simplement
simplement|évidemment|clairement|certainement|absolument|totalement|complètement|entièrement
essentiellement|généralement|actuellement|cependant|toutefois|néanmoins|donc|ainsi|également|aussi
ensuite|puis|bonjour|bonsoir|cordialement|(?:bien )?à vous
"""
_ELIDED = re.sub(r" que(?=[)|\n])", r" qu(?:e(?!\\w)|')", _FRENCH)  # as in `noter qu'il`
_EITHER = "|".join(f"{_ENGLISH}{_ELIDED}".split("\n")).strip("|").replace("||", "|").replace("'", "['\u2019]")
_FILLER = re.compile(rf"(?<![\w'\u2019-])(?:{_EITHER})(?:(?<=['\u2019])|(?![\w-]))", re.IGNORECASE)
_WEAK = frozenset(
    """
    a an the that which who is are was were be been being am has have had will would do does did it its there
    this these those le la les l un une des du de d que qui est sont était étaient été être a ont avait il
    elle ce cet cette ces
    """.split()  # noqa: SIM905 - a list of fifty quoted words is no easier to read
)
# Function words that say how things are related, or how certain they are.
_RELATIONS = frozenset(
    """
    after before until since during between under over against or because while though although should may
    might could if whether from avant après jusque depuis pendant entre sous sur contre ou car si lorsque
    """.split()  # noqa: SIM905
)


def score_by_rules(texts: Sequence[str]) -> list[ScoredWords]:
    """How needed each word of each text is, by lists of words."""
    return [_score(text) for text in texts]


def _score(text: str) -> ScoredWords:
    found = list(WORD.finditer(text))
    words = np.array([match.span() for match in found], dtype=np.int64).reshape(-1, 2)
    keep = np.array([_need(match.group()) for match in found], dtype=np.float64)
    for place in range(1, len(found) - 1):  # an apostrophe within a word says nothing of its own
        if found[place].group() in "'\u2019" and text[found[place].start() - 1].isalpha():
            keep[place] = WEAK if text[found[place].end()].isalpha() else FUNCTION
    for start, end in _fillers(text):
        first = int(np.searchsorted(words[:, 0], start))
        keep[first : int(np.searchsorted(words[:, 0], end))] = FILLER
    return ScoredWords(words, keep)


def _fillers(text: str) -> Iterator[tuple[int, int]]:
    return (match.span() for match in _FILLER.finditer(text))


def _need(word: str) -> float:
    folded = word.casefold()
    if folded in _WEAK:
        return WEAK
    if folded in _RELATIONS:
        return RELATION
    if folded in FUNCTION_WORDS or not word[0].isalnum():
        return FUNCTION
    return CONTENT
