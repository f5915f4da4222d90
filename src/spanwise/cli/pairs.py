"""`spanwise pairs`: texts with shortened forms from what is installed and from one's own folders."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from spanwise import console
from spanwise.errors import UserError

if TYPE_CHECKING:
    from spanwise.pairs.records import Pair, Passage
    from spanwise.schema import Change

app = console.app("Make and check texts with shortened forms, which compressors learn from.")

R = TypeVar("R")

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


@app.command()
@console.command
def load(
    output: Annotated[Path, typer.Argument(help="The JSON lines to write.")],
    *,
    python: Annotated[
        list[Path] | None, typer.Option(help="A folder of Python: functions, methods, classes. Repeatable.")
    ] = None,
    markdown: Annotated[
        list[Path] | None, typer.Option(help="A folder of Markdown: paragraphs. Repeatable.")
    ] = None,
    docstrings: Annotated[
        list[Path] | None, typer.Option(help="A folder of Python: paragraphs of docstrings. Repeatable.")
    ] = None,
    level: Annotated[
        str, typer.Option(help="How far Python is shortened: comments, docstrings or layout.")
    ] = "layout",
    tokenizer: Tokens = None,
    least: Least = 0.2,
    most: Most = 0.95,
    seed: Annotated[int, typer.Option(help="Of the division into sides.")] = 42,
) -> None:
    """Load passages, have them shortened offline, and write those pairs that are fit, divided 80/10/10.

    Code is shortened by its syntax tree (teacher ast:LEVEL), prose by lists of words (teacher rules).
    """
    from spanwise.io import write_jsonl
    from spanwise.pairs.division import divide_pairs
    from spanwise.pairs.preprocessing import screen
    from spanwise.pairs.teachers import syntax_tree, teach, word_lists

    asked = {"python": python or [], "markdown": markdown or [], "docstrings": docstrings or []}
    folders = [folder for each in asked.values() for folder in each]
    if not folders:
        raise typer.BadParameter("give --python, --markdown or --docstrings")
    left_out: Counter[str] = Counter()
    passages = _kept(_passages(asked), left_out)
    pairs = _kept(teach(passages, [syntax_tree(level), word_lists()]), left_out)
    fit = list(_kept(screen(pairs, count=_count(tokenizer), least=least, most=most), left_out))
    if not fit:
        raise UserError("nothing to learn from in these folders", path=folders[0], hint=_told(left_out))
    divided, warnings = divide_pairs(fit, seed=seed)
    write_jsonl(output, divided)
    _tell(divided, left_out)
    for warning in warnings:
        typer.echo(f"  {warning}")
    typer.echo(f"Written to {output}.")


@app.command()
@console.command
def check(
    file: Annotated[Path, typer.Argument(help="Pairs as JSON lines, from wherever they come.")],
    *,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="A file for those that are fit.")
    ] = None,
    tokenizer: Tokens = None,
    least: Least = 0.2,
    most: Most = 0.95,
) -> None:
    """Say which pairs are not fit to learn from, by reason; without --output, any such is an error."""
    from spanwise.io import read_jsonl, write_jsonl
    from spanwise.pairs.preprocessing import screen
    from spanwise.pairs.records import Pair

    left_out: Counter[str] = Counter()
    screened = screen(read_jsonl(file, Pair), count=_count(tokenizer), least=least, most=most)
    fit = list(_kept(screened, left_out))
    _tell(fit, left_out)
    if output is not None:
        write_jsonl(output, fit)
        typer.echo(f"Written to {output}.")
    elif left_out:
        total = left_out.total()
        raise UserError(
            f"{total} of {total + len(fit)} pairs are not fit", path=file, hint="Take those that are with -o."
        )


def _passages(asked: Mapping[str, Iterable[Path]]) -> Iterator[Passage | Change]:
    """The passages of all folders, given by loader.

    Raises:
        UserError: If two folders of a kind have one name, which ids begin with.
    """
    from spanwise.pairs.docstrings import load_docstrings
    from spanwise.pairs.markdown import load_markdown
    from spanwise.pairs.python import load_python

    loaders = {"python": load_python, "markdown": load_markdown, "docstrings": load_docstrings}
    for kind, folders in asked.items():
        names: set[str] = set()
        for folder in folders:
            name = folder.resolve().name
            if name in names:
                raise UserError(f"a second folder called {name}", path=folder, hint="Load it by itself.")
            names.add(name)
            yield from loaders[kind](folder)


def _kept(found: Iterable[R | Change], left_out: Counter[str]) -> Iterator[R]:
    """What is no change; changes are counted by reason."""
    from spanwise.schema import Change

    for each in found:
        if isinstance(each, Change):
            left_out[each.reason] += 1
        else:
            yield each


def _count(tokenizer: str | None) -> Callable[[str], int]:
    from spanwise.pairs.preprocessing import count_pieces
    from spanwise.tasks.compression.budget import load_tokenizer

    return count_pieces if tokenizer is None else load_tokenizer(tokenizer).count


def _tell(pairs: list[Pair], left_out: Counter[str]) -> None:
    """Counts by domain, teacher and side, and what was left out."""
    typer.echo(f"pairs: {len(pairs):,}")
    for title, counts in (
        ("domain", Counter(pair.domain for pair in pairs)),
        ("teacher", Counter(pair.teacher or "unknown" for pair in pairs)),
        ("side", Counter(pair.split or "none" for pair in pairs)),
    ):
        shares = (f"{name} {count:,} ({count / len(pairs):.1%})" for name, count in sorted(counts.items()))
        typer.echo(f"  by {title}: {', '.join(shares) or 'none'}")
    typer.echo(f"  {_told(left_out)}")


def _told(left_out: Counter[str]) -> str:
    reasons = (f"{count:,} {reason.replace('_', ' ')}" for reason, count in sorted(left_out.items()))
    return f"left out: {', '.join(reasons) or 'nothing'}"
