"""Options that the commands share."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

Output = Annotated[Path, typer.Argument(help="The JSON lines to write.")]
Python = Annotated[
    list[Path] | None, typer.Option(help="A folder of Python: functions, methods, classes. Repeatable.")
]
Code = Annotated[
    list[Path] | None,
    typer.Option(help="A folder of JavaScript, TypeScript, Java or Go. Repeatable."),
]
Markdown = Annotated[list[Path] | None, typer.Option(help="A folder of Markdown: paragraphs. Repeatable.")]
Docstrings = Annotated[
    list[Path] | None, typer.Option(help="A folder of Python: paragraphs of docstrings. Repeatable.")
]
Tokens = Annotated[
    str | None,
    typer.Option(
        "--tokenizer",
        help="What shares are counted by: a tokenizer.json, its folder, or package:MODULE/FOLDER.",
        show_default="words and signs",
    ),
]
Least = Annotated[float, typer.Option(min=0, max=1, help="The smallest share that may be left.")]
Most = Annotated[float, typer.Option(min=0, max=1, help="The largest share that may be left.")]
Seed = Annotated[int, typer.Option(help="Of the division into sides.")]


class Format(StrEnum):
    """What a line of the output is."""

    PAIRS = "pairs"
    CHAT = "chat"


As = Annotated[
    Format,
    typer.Option("--format", help="pairs: original and compressed; chat: messages."),
]
