"""How training examples spread over tasks and languages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from math import log
from typing import Any

from spanwise.schema import Example


def balance(examples: Sequence[Example]) -> dict[str, Any]:
    """The share of each category, language and stratum, by examples and by what is learnt of them.

    Args:
        examples: Those of one side, of all corpora.

    Returns:
        Under `categories`, `languages` and `strata`: `parts.<name>` with `examples`, `share` of the examples
        and `learnt`, the share of the answers' characters; and `evenness`, Pielou's: the entropy of the
        shares over that of equal ones, 0 to 1, None of a single part.
    """
    return {name: _spread(examples, part) for name, part in _PARTS.items()}


_PARTS: Mapping[str, Callable[[Example], str]] = {
    "categories": lambda example: str((example.attributes or {}).get("category", "unknown")),
    "languages": lambda example: str((example.attributes or {}).get("language", "unknown")),
    "strata": lambda example: example.stratum or "unknown",
}


def _spread(examples: Sequence[Example], part: Callable[[Example], str]) -> dict[str, Any]:
    counts = Counter(part(example) for example in examples)
    characters: Counter[str] = Counter()
    for example in examples:
        characters[part(example)] += len(example.target) if isinstance(example.target, str) else 0
    shares = {name: number / len(examples) for name, number in sorted(counts.items())}
    entropy = -sum(share * log(share) for share in shares.values())
    return {
        "parts": {
            name: {
                "examples": counts[name],
                "share": share,
                "learnt": characters[name] / characters.total() if characters.total() else None,
            }
            for name, share in shares.items()
        },
        "evenness": entropy / log(len(shares)) if len(shares) > 1 else None,
    }
