"""What was made and what was left out, counted and told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, TypeVar

import typer

if TYPE_CHECKING:
    from spanwise.pairs.records import Pair
    from spanwise.schema import Change

R = TypeVar("R")


def kept(found: Iterable[R | Change], left_out: Counter[str]) -> Iterator[R]:
    """What is no change; changes are counted by reason."""
    from spanwise.schema import Change

    for each in found:
        if isinstance(each, Change):
            left_out[each.reason] += 1
        else:
            yield each


def counter(tokenizer: str | None) -> Callable[[str], int]:
    """What counts the tokens of a text: those of a tokenizer, or words and signs."""
    from spanwise.pairs.preprocessing import count_pieces
    from spanwise.tasks.compression.budget import load_tokenizer

    return count_pieces if tokenizer is None else load_tokenizer(tokenizer).count


def tell(pairs: Sequence[Pair], left_out: Counter[str]) -> None:
    """Counts by domain, teacher and side, and what was left out."""
    typer.echo(f"pairs: {len(pairs):,}")
    for title, counts in (
        ("domain", Counter(pair.domain for pair in pairs)),
        ("language", Counter(pair.language for pair in pairs if pair.language)),
        ("teacher", Counter(pair.teacher or "unknown" for pair in pairs)),
        ("side", Counter(pair.split or "none" for pair in pairs)),
    ):
        shares = (f"{name} {count:,} ({count / len(pairs):.1%})" for name, count in sorted(counts.items()))
        typer.echo(f"  by {title}: {', '.join(shares) or 'none'}")
    typer.echo(f"  {told(left_out)}")


def told(left_out: Counter[str]) -> str:
    """What was left out, by reason."""
    reasons = (f"{count:,} {reason.replace('_', ' ')}" for reason, count in sorted(left_out.items()))
    return f"left out: {', '.join(reasons) or 'nothing'}"
