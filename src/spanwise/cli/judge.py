"""`spanwise judge`: whether a shorter text says what its source says, and how often that verdict is wrong."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from spanwise import console
from spanwise.errors import UserError

if TYPE_CHECKING:
    from spanwise.tasks.compression.equivalence.coverage import Embed
    from spanwise.tasks.compression.equivalence.judging import Judge
    from spanwise.tasks.compression.equivalence.pairs import Pair

app = console.app("Judge whether shorter texts say what their sources say.")

Pairs = Annotated[Path, typer.Argument(help="JSON lines with id, domain, kind, original and compressed.")]
By = Annotated[Literal["minilm", "lexical"], typer.Option(help="What clauses are compared by.")]
Fitted = Annotated[
    Path | None,
    typer.Option("--judge", help="A judge that studies/judge.py fitted.", show_default="the one shipped"),
]
Rewritten = Annotated[
    bool, typer.Option("--rewritten", help="Outputs need not be made of words of their sources.")
]
SAMPLES, LEVEL = 10_000, 0.95


@app.command()
@console.command
def text(
    source: Annotated[Path, typer.Argument(help="The prompt, a file in UTF-8.")],
    output: Annotated[Path, typer.Argument(help="The shorter one.")],
    *,
    embedding: By = "minilm",
    judge: Fitted = None,
    rewritten: Rewritten = False,
    python: Annotated[
        bool, typer.Option("--python", help="Both are Python: the same tree but for docstrings.")
    ] = False,
) -> None:
    """Judge one output, with reasons; the exit code is 1 where it is not accepted."""
    from spanwise.io import read_text

    before, after = read_text(source), read_text(output)
    if python:
        from spanwise.tasks.compression.equivalence.gates.code import code

        failures, accepted = code(before, after), None
    else:
        said = _judge(embedding, judge, rewritten=rewritten)(before, after)
        failures, accepted = list(said.failures), said.accepted
        typer.echo(f"score {said.score:.3f}")
    for failure in failures:
        typer.echo(failure.told(before, after))
    if failures or accepted is False:
        typer.echo("not accepted")
        raise typer.Exit(1)
    typer.echo("accepted")


@app.command()
@console.command
def pairs(
    file: Pairs,
    *,
    embedding: By = "minilm",
    judge: Fitted = None,
    rewritten: Rewritten = False,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="A file for all figures, as JSON.")
    ] = None,
) -> None:
    """Judge many outputs; the pass rate stands beside the judge's own errors."""
    from collections import Counter

    from spanwise.io import write_json
    from spanwise.tasks.compression.equivalence.quality import told

    chosen = _prose(file)
    decide = _judge(embedding, judge, rewritten=rewritten)
    said = [decide(pair.original, pair.compressed) for pair in chosen]
    passed = sum(each.accepted for each in said)
    reasons = Counter(f"{failure.gate}: {failure.kind}" for each in said for failure in each.failures)
    typer.echo(told(passed, len(said), decide.quality))
    for reason, number in sorted(reasons.items()):
        typer.echo(f"  {reason}: {number}")
    if output is not None:
        write_json(
            output,
            {
                "outputs": len(said),
                "accepted": passed,
                "gates_passed": sum(not each.failures for each in said),
                "reasons": dict(sorted(reasons.items())),
                "scores": {pair.id: each.score for pair, each in zip(chosen, said, strict=True)},
                "judge": decide.quality,
            },
        )


@app.command()
@console.command
def compare(
    first: Pairs,
    second: Annotated[Path, typer.Argument(help="The same originals, shortened by another compressor.")],
    *,
    embedding: By = "minilm",
    judge: Fitted = None,
    rewritten: Rewritten = False,
    seed: Annotated[int, typer.Option(help="Of the drawing.")] = 0,
) -> None:
    """Compare two compressors on the same prompts: paired intervals and a permutation test."""
    from spanwise.tasks.compression.equivalence.comparison import FIGURES, Prompt, outcomes, paired
    from spanwise.tasks.compression.equivalence.gates import count_words
    from spanwise.tasks.compression.equivalence.quality import told

    one, other = _prose(first), _prose(second)
    if [(pair.id, pair.original) for pair in one] != [(pair.id, pair.original) for pair in other]:
        raise UserError(
            "other originals, or another order", path=second, hint=f"They must be those of {first}."
        )
    decide = _judge(embedding, judge, rewritten=rewritten)
    prompts = [Prompt(pair.original, pair.id) for pair in one]
    before, after = (
        outcomes(prompts, [pair.compressed for pair in each], judge=decide, count=count_words)
        for each in (one, other)
    )
    found = paired(before, after, [pair.id for pair in one], samples=SAMPLES, level=LEVEL, seed=seed)
    for name, each in zip(FIGURES, found, strict=True):
        bounds = "" if each.low is None else f" [{each.low:+.3f}, {each.high:+.3f}], p = {each.p_value:.4f}"
        typer.echo(f"{name:13} {each.first:.3f} -> {each.second:.3f}: {each.difference:+.3f}{bounds}")
    accepted = FIGURES.index("accepted")
    for path, figures in ((first, before), (second, after)):
        typer.echo(f"{path}: {told(int(figures[:, accepted].sum()), len(prompts), decide.quality)}")


@app.command()
@console.command
def probes(
    file: Pairs,
    output: Annotated[Path, typer.Argument(help="The JSON lines to write.")],
    *,
    seed: Annotated[int, typer.Option(help="Another one spoils other places.")] = 13,
) -> None:
    """Write faithful compressions of authored pairs, and the same spoilt, each with its kind of mistake."""
    import json
    from collections import Counter
    from dataclasses import asdict

    from spanwise.io import write_text
    from spanwise.tasks.compression.equivalence.corruption import probes as planted

    found = [
        probe
        for pair in _prose(file)
        for probe in planted(pair.id, pair.original, pair.compressed, seed=seed)
    ]
    lines = (json.dumps(asdict(probe), ensure_ascii=False, sort_keys=True) for probe in found)
    write_text(output, "".join(f"{line}\n" for line in lines))
    for kind, number in sorted(Counter(probe.kind for probe in found).items()):
        typer.echo(f"{kind}: {number}")


@app.command()
@console.command
def downstream(
    file: Pairs,
    *,
    url: Annotated[
        str | None, typer.Option(help="An OpenAI-compatible server, as in http://127.0.0.1:8000/v1.")
    ] = None,
    model: Annotated[str, typer.Option(help="What the server calls the model.")] = "default",
    generator: Annotated[
        Path | None, typer.Option(help="In place of a server: the folder of a generator of ours.")
    ] = None,
    rate: Annotated[
        float | None,
        typer.Option(help="Shorten the originals by lists of words, and leave the file's forms alone."),
    ] = None,
    instruction: Annotated[
        str, typer.Option(help="What stands before each text, and is not shortened.")
    ] = "Summarise the following text in three sentences.",
    max_tokens: Annotated[int, typer.Option(min=1, help="The longest answer.")] = 128,
    embedding: Annotated[
        Literal["minilm", "none"], typer.Option(help="What answers are compared by besides.")
    ] = "minilm",
    limit: Annotated[int | None, typer.Option(min=2, help="Only the first pairs.")] = None,
    seed: Annotated[int, typer.Option(help="Of the drawing, and told to the model.")] = 13,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="A file for all figures, as JSON; it holds no text."),
    ] = None,
) -> None:
    """Let one model answer originals and shortened forms, and compare its answers."""
    from dataclasses import asdict

    from spanwise.io import write_json
    from spanwise.tasks.compression.compressor import Compressor, gates
    from spanwise.tasks.compression.equivalence.downstream import downstream as compared
    from spanwise.tasks.compression.equivalence.gates import count_words

    if (url is None) == (generator is None):
        raise UserError("one model answers: give --url or --generator")
    chosen = _prose(file)[:limit]
    originals, shorter = [pair.original for pair in chosen], [pair.compressed for pair in chosen]
    if rate is not None:
        shorter = [found.text for found in Compressor(check=gates).many(originals, rate=rate)]
    found = compared(
        originals,
        shorter,
        [pair.id for pair in chosen],
        ask=_answers(url, model, generator, max_tokens=max_tokens, seed=seed),
        instruction=instruction,
        embed=None if embedding == "none" else _embedding(),
        samples=SAMPLES // 10,
        level=LEVEL,
        seed=seed,
    )
    ratio = sum(map(count_words, shorter)) / sum(map(count_words, originals))
    typer.echo(
        f"{found.prompts} prompts at {100 * ratio:.1f} % of their words, {found.empty} without an answer"
    )
    for name, each in found.agreements.items():
        bounds = "" if each.low is None else f" [{each.low:.3f}, {each.high:.3f}]"
        typer.echo(f"{name:10} {each.both:.3f}{bounds}; of other prompts {each.others:.3f}")
    if output is not None:
        figures = {name: value for name, value in asdict(found).items() if name != "answers"}
        figures["agreements"] = {name: each._asdict() for name, each in found.agreements.items()}
        write_json(output, figures | {"ratio": ratio, "instruction": instruction, "max_tokens": max_tokens})


def _prose(file: Path) -> list[Pair]:
    from spanwise.io import read_jsonl
    from spanwise.tasks.compression.equivalence.pairs import Pair

    found = [pair for pair in read_jsonl(file, Pair) if pair.domain == "nl"]
    if not found:
        raise UserError("no pair of prose", path=file)
    return found


def _answers(
    url: str | None, model: str, generator: Path | None, *, max_tokens: int, seed: int
) -> Callable[[Sequence[str]], Sequence[str]]:
    if generator is None:
        from spanwise.tasks.compression.equivalence.server import Server

        return Server(str(url), model, max_tokens=max_tokens, seed=seed)
    from spanwise.cli.generator_option import answering

    return answering(generator, max_tokens=max_tokens, seed=seed)


def _embedding() -> Embed:
    from spanwise.learners.embeddings import load_embedding

    return load_embedding()


def _judge(embedding: Literal["minilm", "lexical"], record: Path | None, *, rewritten: bool) -> Judge:
    from spanwise.tasks.compression.equivalence.coverage import lexical
    from spanwise.tasks.compression.equivalence.embedding import Remembered
    from spanwise.tasks.compression.equivalence.judging import Judge, load_record

    fitted = load_record(embedding, record)
    embed = _embedding() if embedding == "minilm" else lexical
    return Judge(fitted, Remembered(embed), extractive=not rewritten)
