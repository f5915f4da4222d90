"""Hard gates: each a pure function of source and output that gives its reasons, with places in the text."""

from __future__ import annotations

from collections.abc import Callable

from spanwise.tasks.compression.equivalence.gates.failure import Failure
from spanwise.tasks.compression.equivalence.gates.form import language, roles
from spanwise.tasks.compression.equivalence.gates.length import Count, count_words, length
from spanwise.tasks.compression.equivalence.gates.negations import negations
from spanwise.tasks.compression.equivalence.gates.novelty import novelty, subsequence
from spanwise.tasks.compression.equivalence.gates.numbers import numbers
from spanwise.tasks.compression.equivalence.gates.verbatim import verbatim

Gate = Callable[[str, str], list[Failure]]

GATES: dict[str, Gate] = {
    "numbers": numbers,
    "negations": negations,
    "verbatim": verbatim,
    "novelty": novelty,
    "roles": roles,
    "language": language,
}
"""What any shorter prose must pass, beside being shorter."""

__all__ = ["GATES", "Count", "Failure", "Gate", "check", "count_words"]


def check(source: str, output: str, *, count: Count = count_words, extractive: bool = True) -> list[Failure]:
    """All reasons for which `output` is not equivalent to `source`; none if every gate is passed.

    Args:
        source: The prompt.
        output: The shorter one.
        count: Tokens of a text, as whoever is paid counts them.
        extractive: Whether the output must be a subsequence of the source.

    Raises:
        UserError: If rapidfuzz or py3langid is not installed.
    """
    failures = length(source, output, count)
    if failures and failures[0].kind == "empty":
        return failures
    if extractive:
        failures += subsequence(source, output)
    for gate in GATES.values():
        failures += gate(source, output)
    return failures
