"""What a prompt is made of: prose, code, and what has a structure of its own (JSON, YAML, tables)."""

from __future__ import annotations

import ast
import json
import re
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

Domain = Literal["prose", "code", "mixed", "structured"]
Kind = Literal["prose", "code", "structured"]

PURE = 0.95  # of the characters: the share from which on a text counts as of one kind
CODE_LINES = 0.5  # of the lines of a paragraph: the share from which on it counts as code

_FENCE = re.compile(r"[ \t]*(`{3,}|~{3,})")
_CODE = re.compile(
    r"""^\s*(?:
      (?:async\s+)?(?:def|class|function|func|fn)\s+\w+\s*[(:<{]
      | (?:from\s+[\w.]+\s+)?import\s+[\w.*{,\s]+[;\w})*]$
      | (?:if|for|while|elif|else|try|except|finally|with|switch|catch)\b.*[:{]\s*$
      | return\b[^.]*$ | raise\s+\w+
      | [\w.\[\]]+\s*(?::\s*[\w\[\], |.]+)?\s*(?:[-+*/|&]|//|\*\*)?=[^=].*
      | [\w.]+\(.*\)\s*;?$ | @\w[\w.]*(?:\(.*\))?$ | [})\]]+[;,]?$ | .*\{\s*$
      | (?!(?:[-*\u2022]|\d+[.)])\s)(?=.*;\s*$)(?:.*[=()\[\]<>+&|]|\w+;|(?:break|continue|return|goto)\b)
      | (?:const|let|var|public|private|static)\s.* | (?:\#include|//|/\*|\*/).*
      | (?:SELECT|INSERT|UPDATE|DELETE|CREATE)\s.* | \$\s+\w.* | \"\"\".* | \'\'\'.*
    )""",
    re.VERBOSE,
)
_FIELD = re.compile(r"""^\s*(?:-\s+)?(?:"[^"\n]+"|[\w.-]+)\s*:(?:\s+(?![^"'\n]*[.!?]\s)\S.{0,60})?,?\s*$""")
_BRACKETS = re.compile(r"""^\s*(?:[{}\[\]]+,?|"[^"\n]*",?|-?[\d.]+,?|(?:true|false|null),?)\s*$""")
_ROW = re.compile(
    r"^\s*\|.*\|\s*$|^[^|\n]+(?:\|[^|\n]*){2,}$|^[^\t\n]*(?:\t[^\t\n]*){2,}$|^\s*[+|:=-]{5,}\s*$"
)


@dataclass(frozen=True)
class Segment:
    """A piece of a text, `text[start:end]`: whole lines, with the empty ones behind it."""

    start: int
    end: int
    kind: Kind


def segments(text: str) -> list[Segment]:
    """Cut `text` into pieces of one kind each; together they are the text, and neighbours differ in kind."""
    found: list[Segment] = []
    for start, end in paragraphs(text):
        kind = _kind(text[start:end])
        if found and found[-1].kind == kind:
            found[-1] = Segment(found[-1].start, end, kind)
        else:
            found.append(Segment(start, end, kind))
    return found


def domain(text: str) -> Domain:
    """What `text` is as a whole; `mixed` if no kind makes up nearly all of it."""
    if is_python(text):
        return "code"
    if _is_json(text):
        return "structured"
    sizes: Counter[Kind] = Counter()
    for segment in segments(text):
        sizes[segment.kind] += sum(not char.isspace() for char in text[segment.start : segment.end])
    if not sizes.total():
        return "prose"
    kind, most = sizes.most_common(1)[0]
    return kind if most >= PURE * sizes.total() else "mixed"


def is_python(text: str) -> bool:
    """Whether `text` is a Python module: it parses, and holds a statement that no prose could be."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)  # of the code that is looked at
            tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    telling = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom, ast.Assign)
    telling += (ast.For, ast.While, ast.If, ast.With, ast.Try)  # type: ignore[assignment]
    return any(isinstance(node, telling) for node in tree.body)


def paragraphs(text: str) -> Iterator[tuple[int, int]]:
    """Where the paragraphs of `text` are, with the empty lines behind each; a fence is one paragraph.

    A fence that is never closed goes on to the end of the text.
    """
    start = place = 0
    fence, blank = "", False
    for line in text.splitlines(keepends=True):
        opening = _FENCE.match(line)
        if fence:
            place += len(line)
            if opening and opening[1].startswith(fence) and not line.strip().strip(fence[0]):
                fence = ""
                yield start, place
                start = place
            continue
        empty = not line.strip()
        if place > start and (opening or (blank and not empty)):
            yield start, place
            start = place
        if opening:
            fence = opening[1]
        blank = empty
        place += len(line)
    if start < len(text):
        yield start, len(text)


def _kind(paragraph: str) -> Kind:
    lines = [line for line in paragraph.splitlines() if line.strip()]
    if not lines:
        return "prose"
    if _FENCE.match(lines[0]):
        return "code"
    if _is_json(paragraph) or _is_structured(lines):
        return "structured"
    if sum(_CODE.match(line) is not None for line in lines) >= CODE_LINES * len(lines):
        return "code"
    return "prose"


def _is_structured(lines: Sequence[str]) -> bool:
    """Whether these are rows of a table, or all of them fields of YAML or JSON."""
    if len(lines) >= 2 and all(_ROW.match(line) for line in lines):
        return True
    fields = sum(_FIELD.match(line) is not None for line in lines)
    others = sum(_BRACKETS.match(line) is not None or line.strip() == "---" for line in lines)
    return fields >= 2 and fields + others == len(lines)


def _is_json(text: str) -> bool:
    """Whether `text` is an object or a list; no one value, which a word or number in prose may be too."""
    if not text.lstrip().startswith(("{", "[")):
        return False
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
