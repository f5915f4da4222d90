"""Tokens: how many a text has for whom, how many may be left, and what the others cost."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from spanwise.errors import UserError, first_line

Count = Callable[[str], int]
Purpose = Literal["instruction", "question", "document", "memory", "examples"]

RATES: Mapping[Purpose, float] = {
    "instruction": 0.85,
    "question": 0.9,
    "document": 0.62,
    "memory": 0.5,
    "examples": 0.5,
}
"""The share of the tokens that stays, by what a text is for.

Instructions and questions are as the budget controller of LLMLingua has them (Jiang et al. 2023, section
3.1): they are short, and each word tells. A document is cut as far as the pairs of people are, 0.62; what
only gives context further.
"""

_FALLBACKS: Mapping[str, Count] = {"words": lambda text: len(text.split()), "characters": len}
_PACKAGE = re.compile(r"package:(?P<module>[\w.]+)/(?P<folder>.+)")


@dataclass(frozen=True)
class Tokenizer:
    """Counts tokens as one model does.

    Attributes:
        name: What it is asked for by.
        count: The tokens of a text, without special ones.
    """

    name: str
    count: Count


WORDS = Tokenizer("words", _FALLBACKS["words"])


def load_tokenizer(name: str) -> Tokenizer:
    """The tokenizer called `name`.

    Args:
        name: `words` (by white space) or `characters`, which need nothing; or the path of a `tokenizer.json`,
            or of a folder that holds one, or `package:MODULE/FOLDER` for such a folder in an installed
            package.

    Raises:
        UserError: If there is none, or it is damaged.
    """
    if name in _FALLBACKS:
        return Tokenizer(name, _FALLBACKS[name])
    path = _path(name)
    try:
        from tokenizers import Tokenizer as Stored
    except ImportError:
        raise UserError("counting tokens takes tokenizers", hint="pip install tokenizers") from None
    try:
        stored = Stored.from_file(str(path))
    except Exception as error:  # the class that tokenizers raises
        raise UserError(f"no tokenizer: {first_line(error)}", path=path) from error
    stored.no_truncation()
    stored.no_padding()
    # A lone surrogate is no text to a tokenizer.
    return Tokenizer(
        name,
        lambda text: len(stored.encode(text.encode("utf-8", "replace").decode(), add_special_tokens=False)),
    )


def _path(name: str) -> Path:
    """The `tokenizer.json` that is meant.

    Raises:
        UserError: If there is none.
    """
    path = Path(name)
    if found := _PACKAGE.fullmatch(name):
        from importlib.util import find_spec

        spec = find_spec(found["module"])
        if spec is None or spec.origin is None:
            raise UserError(f"no such package: {found['module']}")
        path = Path(spec.origin).parent / found["folder"]
    if path.is_dir():
        path /= "tokenizer.json"
    if not path.is_file():
        hint = "Give words, characters, a tokenizer.json, its folder or package:MODULE/FOLDER."
        raise UserError("no such tokenizer", path=path, hint=hint)
    return path


def most_tokens(
    text: str, count: Count, *, rate: float | None = None, max_tokens: int | None = None
) -> int | None:
    """The most tokens that may be left of `text`, the smaller of both targets; None without any.

    Args:
        text: The prompt.
        count: Its tokens.
        rate: The share of the tokens that may be left, above 0 and at most 1.
        max_tokens: Their number, 0 or more.

    Raises:
        UserError: If one of them is out of range.
    """
    if rate is not None and not 0 < rate <= 1:
        raise UserError(f"a rate of {rate}: expected above 0 and at most 1")
    if max_tokens is not None and max_tokens < 0:
        raise UserError(f"{max_tokens} tokens: expected 0 or more")
    targets = [] if max_tokens is None else [max_tokens]
    if rate is not None:
        targets.append(math.floor(rate * count(text)))
    return min(targets, default=None)


def saved(tokens: int, price: float) -> float:
    """What so many tokens cost.

    Args:
        tokens: That need not be sent.
        price: Of a million tokens, in any currency.
    """
    return tokens * price / 1_000_000
