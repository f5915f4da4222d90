"""Pairs that are fit, divided and written, as pairs or as conversations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from spanwise.cli.pairs.counting import counter, kept, tell, told
from spanwise.cli.pairs.options import Format
from spanwise.errors import UserError

if TYPE_CHECKING:
    from spanwise.pairs.records import Pair
    from spanwise.schema import Change


def finish(
    output: Path,
    pairs: Iterable[Pair | Change],
    left_out: Counter[str],
    *,
    format: Format,
    tokenizer: str | None,
    least: float,
    most: float,
    seed: int,
) -> None:
    """Leave out what is not fit, divide the rest 80/10/10, write it, and tell what was done.

    Args:
        output: The JSON lines to write.
        pairs: As teachers made them.
        left_out: Counts of what was left out so far, by reason; more are added.
        format: Of the output.
        tokenizer: What shares are counted by.
        least: The smallest share that may be left.
        most: The largest.
        seed: Of the division.

    Raises:
        UserError: If nothing is fit, or there are fewer files than sides.
    """
    from spanwise.pairs.division import divide_pairs
    from spanwise.pairs.preprocessing import screen

    screened = screen(kept(pairs, left_out), count=counter(tokenizer), least=least, most=most)
    fit = list(kept(screened, left_out))
    if not fit:
        raise UserError("nothing to learn from in these folders", hint=told(left_out))
    divided, warnings = divide_pairs(fit, seed=seed)
    written = write(output, divided, left_out, format)
    tell(written, left_out)
    for warning in warnings:
        typer.echo(f"  {warning}")
    typer.echo(f"Written to {output}.")


def write(output: Path, pairs: list[Pair], left_out: Counter[str], format: Format) -> list[Pair]:
    """Write pairs, or as conversations those that can be ones; what was written.

    Raises:
        UserError: If none can.
    """
    from spanwise.io import write_jsonl
    from spanwise.pairs.chat import converse, sanitise

    if format is Format.PAIRS:
        write_jsonl(output, pairs)
        return pairs
    conversations = list(kept(sanitise((pair.id, converse(pair)) for pair in pairs), left_out))
    if not conversations:
        raise UserError("no pair can be a conversation", hint=told(left_out))
    write_jsonl(output, conversations)
    names = {conversation.id for conversation in conversations}
    return [pair for pair in pairs if pair.id in names]
