"""Where the documents of further corpora lie beside those of the main one.

`prepare` writes `auxiliaries/NAME.jsonl` and `unlabelled.jsonl` beside `examples.jsonl`; `tier-split` writes
`auxiliaries/NAME/{train,validation,test}.jsonl` and `unlabelled.jsonl` beside the sides of the main corpus.
There are none where the settings name no such corpora.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from spanwise.io import read_jsonl, write_jsonl
from spanwise.schema import Example, SplitName

AUXILIARIES = "auxiliaries"
UNLABELLED = "unlabelled.jsonl"


def read_auxiliaries(prepared: Path) -> dict[str, list[Example]]:
    """The documents of each further corpus by its name, as `prepare` wrote them.

    Raises:
        UserError: If a line is malformed.
    """
    paths = sorted((prepared / AUXILIARIES).glob("*.jsonl"))
    return {path.name.removesuffix(".jsonl"): list(read_jsonl(path, Example)) for path in paths}


def read_unlabelled(folder: Path) -> list[Example]:
    """The documents without annotations in what `prepare` or `tier-split` wrote; empty where there are none.

    Raises:
        UserError: If a line is malformed.
    """
    path = folder / UNLABELLED
    return list(read_jsonl(path, Example)) if path.exists() else []


def write_sides(folder: Path, sides: Mapping[SplitName, Sequence[Example]]) -> None:
    """Write each side to a file of its name."""
    for side, examples in sides.items():
        write_jsonl(folder / f"{side}.jsonl", examples)
