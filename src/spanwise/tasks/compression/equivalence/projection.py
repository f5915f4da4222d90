"""Faithful extractive compressions, by laying an author's shorter text over its source.

The author dropped and rewrote; here only the dropping is taken over. Where the author wrote other words, the
words of the source in that place stay, and a word that the author moved stays where it was. So what goes is
what a person chose to drop outright, and the result is a subsequence of the source.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from spanwise.errors import UserError
from spanwise.tasks.compression.equivalence.negations import cues
from spanwise.tasks.compression.equivalence.numbers import quantities
from spanwise.tasks.compression.equivalence.words import Word, words

STOPS = frozenset(".!?;:")


def project(source: str, compressed: str, *, anchored: bool = True) -> str:
    """The source without what the author of `compressed` dropped outright.

    Args:
        source: The text.
        compressed: The author's.
        anchored: Whether `anchors` stay in any case, as an extractive compressor keeps them by contract.

    Raises:
        UserError: If rapidfuzz is not installed.
    """
    tokens = words(source)
    keep = _keep(tokens, words(compressed))
    if anchored:
        for start, end in anchors(source):
            for index, token in enumerate(tokens):
                keep[index] |= start <= token.start and token.end <= end
    return render(source, tokens, _with_stops(tokens, keep))


def anchors(source: str) -> list[tuple[int, int]]:
    """Where the numbers with their bounds and units stand, and cues with the first of their heads."""
    found = [(quantity.bound_start, quantity.end) for quantity in quantities(source)]
    for cue in cues(source):
        found += [(cue.start, cue.end), *cue.head_places[:1]]
    return found


def lighter(source: str, projected: str, *, share: float, seed: int) -> str:
    """A projection with some of the dropped runs back in: it says no less.

    Args:
        source: The text.
        projected: What `project` made of it.
        share: Of the runs of dropped words that come back.
        seed: Of the choice.
    """
    tokens = words(source)
    keep = _places(tokens, words(projected))
    drawn = random.Random(seed)  # noqa: S311 - no secret
    returns = False
    for index, flag in enumerate(keep):
        if flag:
            returns = False
            continue
        if index == 0 or (keep[index - 1] and not returns):
            returns = drawn.random() < share
        keep[index] = returns
    return render(source, tokens, keep)


def render(source: str, tokens: Sequence[Word], keep: Sequence[bool]) -> str:
    """The kept tokens with the white space of the source, one space where something was left out."""
    chosen = [token for token, flag in zip(tokens, keep, strict=True) if flag]
    pieces = [chosen[0].text] if chosen else []
    for before, after in pairwise(chosen):
        between = source[before.end : after.start]
        space = between if not between.strip() else ("\n" if "\n" in between else " ")
        glued = after.text in STOPS or after.text == ","
        pieces += ["" if glued and between.strip() else space, after.text]
    return "".join(pieces)


def _keep(tokens: Sequence[Word], shorter: Sequence[Word]) -> list[bool]:
    """Which tokens stay, [tokens]."""
    try:
        from rapidfuzz.distance import LCSseq
    except ImportError:
        raise UserError("aligning texts takes rapidfuzz", hint="pip install rapidfuzz") from None
    keep = [False] * len(tokens)
    gap: list[int] = []
    rewritten: list[Word] = []
    moved: Counter[str] = Counter()
    for operation in [*LCSseq.opcodes([each.text for each in tokens], [each.text for each in shorter])]:
        if operation.tag != "equal":
            gap.extend(range(operation.src_start, operation.src_end))
            rewritten.extend(shorter[operation.dest_start : operation.dest_end])
            continue
        _settle(keep, gap, rewritten, moved)
        gap, rewritten = [], []
        for index in range(operation.src_start, operation.src_end):
            keep[index] = True
    _settle(keep, gap, rewritten, moved)
    for index, token in enumerate(tokens):
        if not keep[index] and token.is_content and moved[token.stem]:
            moved[token.stem] -= 1
            keep[index] = True
    return keep


def _settle(keep: list[bool], gap: list[int], rewritten: list[Word], moved: Counter[str]) -> None:
    """Keep the gap if the author wrote other words in it, and note these: some were moved here."""
    if any(word.text[0].isalnum() for word in rewritten):
        for index in gap:
            keep[index] = True
    moved.update(word.stem for word in rewritten if word.is_content)


def _with_stops(tokens: Sequence[Word], keep: list[bool]) -> list[bool]:
    """Sentences still end: a stop stays if a word of what it ends does."""
    open_sentence = False
    for index, token in enumerate(tokens):
        if token.text in STOPS:
            keep[index] = open_sentence
            open_sentence = False
        elif keep[index] and token.text[0].isalnum():
            open_sentence = True
    return keep


def _places(tokens: Sequence[Word], chosen: Sequence[Word]) -> list[bool]:
    """Where a subsequence stands, each token as far to the left as it can, [tokens]."""
    rest = iter(chosen)
    wanted = next(rest, None)
    keep = [False] * len(tokens)
    for index, token in enumerate(tokens):
        if wanted is not None and token.text == wanted.text:
            keep[index] = True
            wanted = next(rest, None)
    return keep
