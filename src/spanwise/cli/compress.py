"""`spanwise compress`: a shorter prompt that says the same."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from spanwise.console import command
from spanwise.errors import UserError

if TYPE_CHECKING:
    from spanwise.tasks.compression.budget import Tokenizer
    from spanwise.tasks.compression.code import Level
    from spanwise.tasks.compression.compressor import Compressed, Compressor
    from spanwise.tasks.compression.generative import Rewriter

STDIN = "-"
LONGEST = 1024  # tokens that a generator may write
HOW_SHORT, WHO = "How short", "Who decides"  # where --help shows an option


@command
def compress(
    file: Annotated[str, typer.Argument(metavar="FILE|-", help="A prompt in UTF-8; - is standard input.")],
    *,
    rate: Annotated[
        float | None,
        typer.Option(help="The share of the tokens that may be left.", rich_help_panel=HOW_SHORT),
    ] = None,
    purpose: Annotated[
        Literal["instruction", "question", "document", "memory", "examples"] | None,
        typer.Option(help="What the text is for: a rate that suits it.", rich_help_panel=HOW_SHORT),
    ] = None,
    max_tokens: Annotated[
        int | None, typer.Option(help="The number of tokens that may be left.", rich_help_panel=HOW_SHORT)
    ] = None,
    tokenizer: Annotated[
        list[str] | None,
        typer.Option(
            help="words, characters, a tokenizer.json, its folder, or package:MODULE/FOLDER. The first one's "
            "tokens are the target's; more are counted too.",
            show_default="words",
            rich_help_panel=HOW_SHORT,
        ),
    ] = None,
    price: Annotated[
        float | None, typer.Option(help="Of a million tokens: says what is saved.", rich_help_panel=HOW_SHORT)
    ] = None,
    model: Annotated[
        Path | None,
        typer.Option(
            help="The folder of a tagger trained for compression.",
            show_default="lists of words",
            rich_help_panel=WHO,
        ),
    ] = None,
    generator: Annotated[
        Path | None,
        typer.Option(
            help="The folder of a generator that writes the shorter text. Where gates object, --model or "
            "lists of words answer.",
            rich_help_panel=WHO,
        ),
    ] = None,
    backend: Annotated[
        Literal["torch", "torch-bf16", "onnx", "onnx-int8"],
        typer.Option(help="What computes the model.", rich_help_panel=WHO),
    ] = "onnx-int8",
    code_level: Annotated[
        Literal["comments", "docstrings", "layout"] | None,
        typer.Option(
            help="How far a Python file is rewritten by its syntax tree.",
            show_default="not at all",
            rich_help_panel=WHO,
        ),
    ] = None,
    diff: Annotated[
        Path | None, typer.Option(help="An HTML page of both texts, dropped words struck through.")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="A file for the result.", show_default="standard output"),
    ] = None,
    format: Annotated[
        Literal["text", "json"],
        typer.Option("--format", "-f", help="json has counts and the kept places beside the text."),
    ] = "text",
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No summary.")] = False,
) -> None:
    """Shorten a prompt: less needed words go; numbers, negations, names of things, links and code stay.

    What is left of prose is made of the prompt's own words in their order. A target that cannot be met
    without what must stay is missed, and the summary says by how much.
    """
    from spanwise.io import write_text
    from spanwise.tasks.compression.budget import RATES, load_tokenizer
    from spanwise.tasks.compression.page import render

    if rate is not None and purpose is not None:
        raise UserError("--rate and --purpose are two answers to one question", hint="Give one of them.")
    counted = [load_tokenizer(name) for name in tokenizer or ["words"]]
    compressor: Compressor | Rewriter = _compressor(counted[0], model, backend, code_level)
    if generator is not None:
        compressor = _rewriter(generator, _compressor(counted[0], model, backend, code_level))
    found = compressor.compress(_text(file), rate=RATES[purpose] if purpose else rate, max_tokens=max_tokens)
    result = found.text if format == "text" else _json(found, counted, price)
    if output is None:
        sys.stdout.buffer.write(result.encode("utf-8", "surrogatepass"))
        sys.stdout.flush()
    else:
        write_text(output, result)
    if diff is not None:
        write_text(diff, render([(Path(file).name, found)]))
    if not quiet:
        _tell(found, counted, price)


def _text(file: str) -> str:
    from spanwise.io import read_text

    if file != STDIN:
        return read_text(Path(file))
    try:
        return sys.stdin.buffer.read().decode("utf-8")
    except UnicodeDecodeError as error:
        raise UserError(f"standard input is not UTF-8: byte {error.start} cannot be decoded") from None


def _compressor(
    tokenizer: Tokenizer, model: Path | None, backend: str, code_level: Level | None
) -> Compressor:
    from spanwise.tasks.compression.compressor import Compressor, gates

    if model is None:
        return Compressor(tokenizer=tokenizer, check=gates, code_level=code_level)
    from spanwise.runtime.predictor import Predictor
    from spanwise.tasks.compression.tagging import tagger_scorer

    if not model.is_dir():
        raise UserError("no such folder", path=model, hint="`dvc repro` or `dvc pull` brings the model.")
    # One thread: prompts are short, and two on busy cores are slower than one.
    scorer = tagger_scorer(Predictor.load(model, backend=backend, threads=1))
    return Compressor(scorer, f"{model.name} ({backend})", tokenizer, gates, code_level)


def _rewriter(folder: Path, fallback: Compressor) -> Rewriter:
    from spanwise.cli.generator_option import answering
    from spanwise.pairs.generation.prompts import load_prompt
    from spanwise.tasks.compression.generative import Rewriter

    # As `spanwise pairs ... --format chat` tells a model that learns to shorten.
    told = load_prompt("prose").instructions
    write = answering(folder, max_tokens=LONGEST, seed=0, system=told, ended=True)
    return Rewriter(write, folder.name, fallback)


def _json(found: Compressed, counted: list[Tokenizer], price: float | None) -> str:
    import json

    values = {
        "text": found.text,
        "kept": found.kept,
        "domain": found.domain,
        "scorer": found.scorer,
        "target": found.target,
        "shortfall": found.shortfall,
        "mended": found.mended,
        "tokens": {each.name: _counts(found, each, price) for each in counted},
    }
    return json.dumps(values, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def _counts(found: Compressed, tokenizer: Tokenizer, price: float | None) -> dict[str, Any]:
    from spanwise.tasks.compression.budget import saved

    before, after = tokenizer.count(found.original), tokenizer.count(found.text)
    counts: dict[str, Any] = {"before": before, "after": after}
    return counts if price is None else {**counts, "saved": saved(before - after, price)}


def _tell(found: Compressed, counted: list[Tokenizer], price: float | None) -> None:
    from spanwise.tasks.compression.page import told

    typer.echo(told(found), err=True)
    for tokenizer in counted:
        counts = _counts(found, tokenizer, price)
        money = f", saves {counts['saved']:.6f} a call" if price is not None else ""
        typer.echo(f"  {tokenizer.name}: {counts['before']:,} to {counts['after']:,}{money}", err=True)
