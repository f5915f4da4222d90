"""stdlib-compression: how much of the standard library is left when shortened, and whether it is the same.

Each function and method is taken by itself, as a prompt would hold it; whether two trees are the same is
judged here by another route than in the library: both are written out by `ast.unparse` without docstrings.
"""

from __future__ import annotations

import ast
import hashlib
import statistics
import sysconfig
import time
import warnings
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from spanwise import console
from spanwise.errors import UserError
from spanwise.io import write_json

if TYPE_CHECKING:
    from spanwise.pairs.records import Passage
    from spanwise.tasks.compression.budget import Tokenizer


def main(
    figures: Annotated[Path, typer.Argument(help="The JSON to write.")],
    tokenizer: Annotated[
        list[str], typer.Option(help="A tokenizer.json, its folder, or package:MODULE/FOLDER. Repeatable.")
    ],
    folder: Annotated[
        Path | None, typer.Option(help="The Python to shorten.", show_default="the standard library")
    ] = None,
    most: Annotated[int | None, typer.Option(help="Functions to take.", show_default="all")] = None,
) -> None:
    """Shorten functions and methods at each level; write FIGURES: tokens saved, equal trees, milliseconds."""
    from spanwise.pairs.python import load_python
    from spanwise.pairs.records import Passage
    from spanwise.tasks.compression.budget import load_tokenizer
    from spanwise.tasks.compression.code import LEVELS

    warnings.simplefilter("ignore", SyntaxWarning)  # of the code that is shortened
    counted = [load_tokenizer(name) for name in tokenizer]
    place = folder or Path(sysconfig.get_paths()["stdlib"])
    found = [
        each
        for each in load_python(place)
        if isinstance(each, Passage) and each.kind in {"function", "method"}
    ]
    if not found:
        raise UserError("no function worth shortening", path=place)
    # A sample that does not change when a file is added: the smallest digests of the texts.
    found.sort(key=lambda each: hashlib.sha256(each.text.encode("utf-8", "replace")).digest())
    taken = found[:most]
    write_json(
        figures,
        {
            "python": sysconfig.get_python_version(),
            "functions": len(taken),
            "of": len(found),
            "levels": {level: measure(taken, level, counted) for level in LEVELS},
        },
    )


def measure(functions: Sequence[Passage], level: str, tokenizers: Sequence[Tokenizer]) -> dict[str, Any]:
    """What one level saves of all functions together, a share of each tokenizer's tokens; and at what cost.

    Args:
        functions: To shorten, each by itself.
        level: See `spanwise.tasks.compression.code.LEVELS`.
        tokenizers: What savings are counted by.
    """
    from spanwise.tasks.compression.code import compress_python

    results, seconds = [], []
    for each in functions:
        clock = time.perf_counter()
        results.append(compress_python(each.text, level=level))
        seconds.append(time.perf_counter() - clock)
    pairs = [(each.text, result.text) for each, result in zip(functions, results, strict=True)]
    return {
        "saved": {
            each.name: 1
            - sum(each.count(text) for _, text in pairs) / sum(each.count(text) for text, _ in pairs)
            for each in tokenizers
        },
        "characters_saved": 1 - sum(len(text) for _, text in pairs) / sum(len(text) for text, _ in pairs),
        "equal_trees": sum(bare(text) == bare(shorter) for text, shorter in pairs),
        "longer": sum(len(shorter) > len(text) for text, shorter in pairs),
        "left_as_they_are": dict(Counter(result.reason for result in results if result.reason)),
        "milliseconds": {
            "median": 1000 * statistics.median(seconds),
            "p95": 1000 * statistics.quantiles(seconds, n=20)[-1] if len(seconds) > 1 else None,
        },
    }


def bare(source: str) -> str:
    """A module as `ast.unparse` writes it, without docstrings; a block that is empty then holds `pass`.

    Raises:
        SyntaxError: If it does not parse.
    """
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Module):
            documented = ast.get_docstring(node, clean=False) is not None
            node.body = (node.body[1:] if documented else node.body) or [ast.Pass()]
    return ast.unparse(tree)


if __name__ == "__main__":
    console.run(main)
