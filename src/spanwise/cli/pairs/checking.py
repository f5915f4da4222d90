"""`spanwise pairs check`: what is fit to learn from in a file from elsewhere."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from spanwise import console
from spanwise.cli.pairs.options import As, Format, Least, Most, Tokens
from spanwise.errors import UserError

_NOUNS = {Format.PAIRS: "pairs", Format.CHAT: "conversations"}


@console.command
def check(
    file: Annotated[Path, typer.Argument(help="Pairs or conversations as JSON lines, from anywhere.")],
    *,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="A file for those that are fit.")
    ] = None,
    format: As = Format.PAIRS,
    tokenizer: Tokens = None,
    least: Least = 0.2,
    most: Most = 0.95,
) -> None:
    """Say which lines are not fit to learn from, by reason; without --output, any such is an error."""
    from spanwise.cli.pairs.counting import counter, kept, tell, told
    from spanwise.io import read_jsonl, write_jsonl
    from spanwise.pairs.chat import Conversation, sanitise
    from spanwise.pairs.preprocessing import screen
    from spanwise.pairs.records import Pair

    left_out: Counter[str] = Counter()
    fit: list[Pair] | list[Conversation]
    if format is Format.CHAT:
        fit = list(kept(sanitise(_rows(file)), left_out))
        typer.echo(f"conversations: {len(fit):,}\n  {told(left_out)}")
    else:
        screened = screen(read_jsonl(file, Pair), count=counter(tokenizer), least=least, most=most)
        pairs = list(kept(screened, left_out))
        tell(pairs, left_out)
        fit = pairs
    if output is not None:
        write_jsonl(output, fit)
        typer.echo(f"Written to {output}.")
    elif left_out:
        total = left_out.total()
        raise UserError(
            f"{total} of {total + len(fit)} {_NOUNS[format]} are not fit",
            path=file,
            hint="Take those that are with -o.",
        )


def _rows(file: Path) -> Iterator[tuple[str, Any]]:
    """The JSON values of a file, with their places; what is no JSON is None."""
    from spanwise.io import read_text

    for number, line in enumerate(read_text(file).split("\n"), start=1):
        if line.strip():
            try:
                yield f"{file}:{number}", json.loads(line)
            except ValueError:
                yield f"{file}:{number}", None
