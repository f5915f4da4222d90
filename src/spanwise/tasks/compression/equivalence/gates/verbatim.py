"""What machines read must stay letter for letter: fences, JSON, placeholders, URLs, identifiers."""

from __future__ import annotations

import json
import re
from collections import Counter

from spanwise.tasks.compression.equivalence.gates.failure import Failure

_FENCE = re.compile(r"^(?P<fence>`{3,}|~{3,})[^\n]*\n.*?^(?P=fence)[ \t]*$", re.MULTILINE | re.DOTALL)
_PATTERNS = {
    "inline code": re.compile(r"(?<!`)`[^`\n]+`(?!`)"),
    "URL": re.compile(r"\b(?:https?|ftp|file|s3)://[^\s<>\"'`]+[^\s<>\"'`.,;:!?)\]]|\bwww\.[^\s<>\"']+[\w/]"),
    "address": re.compile(r"\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b"),
    "placeholder": re.compile(
        r"\{\{[^{}\n]*\}\}|\$\{[^{}\n]*\}|\{[A-Za-z_][\w.]*\}|<[A-Z][A-Z0-9_]*>|\[[A-Z][A-Z0-9_]+\]|%\([a-z_]+\)[sd]"
    ),
    "identifier": re.compile(
        r"(?<![\w@])(?:[A-Za-z]\w*_\w+|_\w+|[a-z]+[A-Z]\w*|[A-Z][a-z]+[A-Z]\w*"
        r"|(?=[\w-]*\d)(?=[\w-]*[A-Za-z])\w+(?:-\w+)+|(?=\w*\d)(?=\w*[A-Z])[A-Za-z]\w*|[A-Za-z]\w*\(\)"
        r"|/[\w.-]+(?:/[\w.-]+)+|--?[a-z][\w-]+(?![\w-])|[A-Za-z_][\w-]*\.[A-Za-z]\w{0,9}(?:\.\w+)*(?=\W|$))"
    ),
}


def verbatim(source: str, output: str) -> list[Failure]:
    """Code fences and JSON as often and in order; URLs, placeholders, identifiers and such at least once."""
    failures = []
    position = 0
    for kind, start, end in blocks(source):
        found = output.find(source[start:end], position)
        if found < 0:
            failures.append(Failure("verbatim", f"{kind} changed", "source", start, end))
        else:
            position = found + end - start
    return failures + _missing(source, output)


def _missing(source: str, output: str) -> list[Failure]:
    inside = [(start, end) for _, start, end in blocks(source)]
    failures = []
    for kind, pattern in _PATTERNS.items():
        there = Counter(found.group() for found in pattern.finditer(output))
        told = set()
        for found in pattern.finditer(source):
            known = any(start <= found.start() < end for start, end in inside) or found.group() in told
            if not known and not there[found.group()]:
                told.add(found.group())
                failures.append(Failure("verbatim", f"{kind} lost", "source", found.start(), found.end()))
    return failures


def blocks(text: str) -> list[tuple[str, int, int]]:
    """The code fences, and the JSON objects and lists outside of them: kind, start, end."""
    fences = [("fence", found.start(), found.end()) for found in _FENCE.finditer(text)]
    decoder = json.JSONDecoder()
    found, position = list(fences), 0
    while (opening := _opening(text, position)) is not None:
        fence = next((end for _, start, end in fences if start <= opening < end), None)
        if fence is not None:
            position = fence
            continue
        try:
            value, position = decoder.raw_decode(text, opening)
        except (ValueError, RecursionError):
            position = opening + 1
            continue
        if value and isinstance(value, dict | list):
            found.append(("JSON", opening, position))
    return sorted(found, key=lambda block: block[1])


def _opening(text: str, position: int) -> int | None:
    found = re.compile(r"[{\[]").search(text, position)
    return found.start() if found else None
