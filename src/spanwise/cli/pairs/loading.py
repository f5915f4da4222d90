"""`spanwise pairs load`: passages that teachers shorten offline."""

from __future__ import annotations

from collections import Counter
from typing import Annotated

import typer

from spanwise import console
from spanwise.cli.pairs.options import (
    As,
    Code,
    Docstrings,
    Format,
    Least,
    Markdown,
    Most,
    Output,
    Python,
    Seed,
    Tokens,
)


@console.command
def load(
    output: Output,
    *,
    python: Python = None,
    code: Code = None,
    markdown: Markdown = None,
    docstrings: Docstrings = None,
    level: Annotated[
        str, typer.Option(help="How far Python is shortened: comments, docstrings or layout.")
    ] = "layout",
    format: As = Format.PAIRS,
    tokenizer: Tokens = None,
    least: Least = 0.2,
    most: Most = 0.95,
    seed: Seed = 42,
) -> None:
    """Load passages, have them shortened offline, and write those pairs that are fit, divided 80/10/10.

    Code is shortened by its syntax tree (teachers ast:LEVEL and tree-sitter:comments), prose by lists of
    words (teacher rules).
    """
    from spanwise.cli.pairs.counting import kept
    from spanwise.cli.pairs.passages import asked_for, passages
    from spanwise.cli.pairs.writing import finish
    from spanwise.pairs.teachers import grammars, syntax_tree, teach, word_lists

    folders = asked_for(python=python, code=code, markdown=markdown, docstrings=docstrings)
    left_out: Counter[str] = Counter()
    teachers = [syntax_tree(level), *grammars(), word_lists()]
    pairs = teach(kept(passages(folders), left_out), teachers)
    finish(output, pairs, left_out, format=format, tokenizer=tokenizer, least=least, most=most, seed=seed)
