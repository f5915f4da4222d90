"""Role and language stay: a prompt's turns, and the tongue that it is in."""

from __future__ import annotations

import functools
import re

from spanwise.metrics.language import identify
from spanwise.tasks.compression.equivalence.gates.failure import Failure
from spanwise.tasks.compression.equivalence.gates.verbatim import blocks
from spanwise.tasks.compression.equivalence.words import RECENT

_ROLE = re.compile(
    r"<\|im_start\|>\s*(?P<a>\w+)|<\|(?P<b>system|user|assistant|tool)\|>|\[/?(?P<c>INST)\]|<</?(?P<d>SYS)>>"
    r"|^[ \t]*(?:#+[ \t]*)?\**(?P<e>system|user|human|assistant)\**[ \t]*:",
    re.IGNORECASE | re.MULTILINE,
)


def roles(source: str, output: str) -> list[Failure]:
    """The same turns by the same roles in the same order."""
    first, second = list(_ROLE.finditer(source)), list(_ROLE.finditer(output))
    if [_name(each) for each in first] == [_name(each) for each in second]:
        return []
    for one, other in zip(first, second, strict=False):
        if _name(one) != _name(other):
            return [Failure("roles", "role changed", "output", other.start(), other.end())]
    if len(first) > len(second):
        lost = first[len(second)]
        return [Failure("roles", "role lost", "source", lost.start(), lost.end())]
    new = second[len(first)]
    return [Failure("roles", "role added", "output", new.start(), new.end())]


def language(source: str, output: str) -> list[Failure]:
    """The output is in the language of the source, as far as the prose of both is long enough to tell.

    Raises:
        UserError: If py3langid is not installed.
    """
    first, second = _identified(source), _identified(output)
    if first is None or second is None or first == second:
        return []
    return [Failure("language", "language changed", "output", 0, len(output))]


@functools.lru_cache(maxsize=RECENT)
def _identified(text: str) -> str | None:
    prose, end = "", 0
    for _, start, behind in blocks(text):  # JSON and code look like English
        prose += text[end:start]
        end = max(end, behind)
    return identify(prose + text[end:])


def _name(found: re.Match[str]) -> str:
    return next(group for group in found.groups() if group).casefold()
