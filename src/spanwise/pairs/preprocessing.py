"""Which pairs are fit to learn from, and why the others are not."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Literal

from spanwise.pairs.records import Pair
from spanwise.schema import Change
from spanwise.tasks.compression.code.docstrings import parse
from spanwise.tasks.compression.code.grammars import parse_code
from spanwise.tasks.compression.code.languages import LANGUAGES

Fault = Literal["empty", "artefact", "control_characters", "does_not_parse", "characters", "tokens", "copy"]

LEAST, MOST = 0.2, 0.95  # shares that may be left: below, facts are lost; above, there is nothing to learn

_ARTEFACT = re.compile(
    r"""</?(?:think(?:ing)?|reasoning|reflection|scratchpad|answer|output|response|compressed|result)>
    | <\|[\w-]+\|> | \[/?INST\] | <</?SYS>> | </?s>
    | \A\s*(?:sure|certainly|of\ course|okay)[,!.]
    | \A\s*here(?:'s|\u2019s|\ is)\ (?:the|a|an|your)\b[^\n:]*:
    | \A\s*(?:compressed|shortened)(?:\ (?:text|version|prompt|code))?\s*: | ```""",
    re.VERBOSE | re.IGNORECASE,
)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f\ufffd\ud800-\udfff]")
_PIECE = re.compile(r"\w+|[^\w\s]")


def count_pieces(text: str) -> int:
    """Words and signs: tokens where no tokenizer is named, the same however code is spaced."""
    return sum(1 for _ in _PIECE.finditer(text))


def screen(
    pairs: Iterable[Pair],
    *,
    count: Callable[[str], int] = count_pieces,
    least: float = LEAST,
    most: float = MOST,
) -> Iterator[Pair | Change]:
    """The pairs that are fit, and of each other one why it is left out.

    Args:
        pairs: In any order; of equal ones (`copy`: original and teacher) the first stays.
        count: The tokens of a text.
        least: The smallest share of the characters and of the tokens that may be left, 0 to 1.
        most: The largest.
    """
    seen: set[tuple[str, str | None]] = set()
    for pair in pairs:
        found = fault(pair, count=count, least=least, most=most)
        if found is None and (pair.original, pair.teacher) in seen:
            found = "copy"
        if found is not None:
            yield Change(kind="left_out", reason=found, document=pair.id)
        else:
            seen.add((pair.original, pair.teacher))
            yield pair


def fault(
    pair: Pair, *, count: Callable[[str], int] = count_pieces, least: float = LEAST, most: float = MOST
) -> Fault | None:
    """Why nothing should be learnt from a pair; None if it is fit.

    `empty`: nothing is left. `artefact`: what a model says around its answer, such as `<think>`, chat tokens
    or a fence, stands in the shortened form and not in the original. `control_characters`: in either.
    `does_not_parse`: shortened code is none, in Python or a language of `code.languages`. `characters`,
    `tokens`: the share left is out of bounds.

    Args:
        pair: The pair.
        count: The tokens of a text.
        least: The smallest share that may be left, 0 to 1.
        most: The largest.
    """
    if not pair.compressed.strip():
        return "empty"
    if any(found[0] not in pair.original for found in _ARTEFACT.finditer(pair.compressed)):
        return "artefact"
    if _CONTROL.search(pair.original) or _CONTROL.search(pair.compressed):
        return "control_characters"
    if pair.domain == "code" and _breaks(pair):
        return "does_not_parse"
    if not least <= len(pair.compressed) / len(pair.original) <= most:
        return "characters"
    tokens = count(pair.original)
    return None if least * tokens <= count(pair.compressed) <= most * tokens else "tokens"


def _breaks(pair: Pair) -> bool:
    """Whether the original parses and the shortened form does not."""
    if pair.language is not None and pair.language in LANGUAGES:
        original = parse_code(pair.original, pair.language)
        return original is not None and parse_code(pair.compressed, pair.language) is None
    return parse(pair.original) is not None and parse(pair.compressed) is None
