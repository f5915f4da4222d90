"""Tokens that can go from a logical line without a change to its tree: parentheses, commas, semicolons."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from keyword import iskeyword
from tokenize import NAME, STRING

from spanwise.tasks.compression.code.docstrings import parse
from spanwise.tasks.compression.code.lines import Token
from spanwise.tasks.compression.code.spelling import spell

LONGEST = 400  # tokens of a line that is tried: each candidate takes a parse of all of it

_OPENING = {"(": ")", "[": "]", "{": "}"}
_CALLED = (")", "]", "}")  # what, before a parenthesis, makes it a call


def without_redundancy(tokens: tuple[Token, ...], source: str) -> tuple[Token, ...]:
    """`tokens` of a logical line without those that its tree does not need.

    Each candidate is taken away by itself and stays away if the tree is the same. Lines that are no statement
    by themselves (`else:`, `except ...:`, `case ...:`) stay as they are, and so do those above `LONGEST`.
    """
    places = list(_candidates(tokens))
    if not places or len(tokens) > LONGEST or (tree := _tree(tokens, source)) is None:
        return tokens
    gone: set[int] = set()
    for candidate in places:
        trial = [token for place, token in enumerate(tokens) if place not in gone | candidate]
        if _tree(trial, source) == tree:
            gone |= candidate
    return tuple(token for place, token in enumerate(tokens) if place not in gone)


def _candidates(tokens: Sequence[Token]) -> Iterator[set[int]]:
    """Places of tokens that may be redundant, those that go together together."""
    opened: list[int] = []
    for place, token in enumerate(tokens):
        if token.text in _OPENING:
            opened.append(place)
        elif opened and token.text == _OPENING[tokens[opened[-1]].text]:
            start = opened.pop()
            if tokens[place - 1].text == ",":
                yield {place - 1}
            if token.text == ")" and not _is_call(tokens, start):
                yield {start, place}
    if tokens[-1].text == ";":
        yield {len(tokens) - 1}


def _is_call(tokens: Sequence[Token], place: int) -> bool:
    """Whether the parenthesis at `place` holds arguments; that of a class without bases may go."""
    if place == 0 or (tokens[0].text == "class" and tokens[place + 1].text == ")"):
        return False
    before = tokens[place - 1]
    named = before.kind == NAME and not iskeyword(before.text)
    return named or before.kind == STRING or before.text in _CALLED


def _tree(tokens: Sequence[Token], source: str) -> str | None:
    """The tree of a logical line, dumped; None if it is no statement by itself."""
    text = spell(tokens, source)
    if tokens[0].text == "elif":
        text = text.removeprefix("el")
    if tokens[0].text == "@":
        text += "\ndef f(): pass"
    elif tokens[-1].text == ":":
        text += " pass"
    tree = parse(text)
    try:
        return None if tree is None else ast.dump(tree)
    except RecursionError:
        return None
