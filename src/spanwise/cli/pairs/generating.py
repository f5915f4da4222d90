"""`spanwise pairs generate`: passages that language models shorten, asked now or recorded before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

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
from spanwise.errors import UserError

if TYPE_CHECKING:
    from spanwise.pairs.generation.answers import Answer, Sampling
    from spanwise.pairs.generation.asking import Question
    from spanwise.pairs.generation.session import Limits, Model

MONEY = "in the currency of your choice"


@console.command
def generate(
    output: Output,
    *,
    python: Python = None,
    code: Code = None,
    markdown: Markdown = None,
    docstrings: Docstrings = None,
    limit: Annotated[int | None, typer.Option(min=1, help="The most passages; the first ones.")] = None,
    provider: Annotated[str | None, typer.Option(help="anthropic, gemini or openai.")] = None,
    model: Annotated[str | None, typer.Option(help="What the provider calls the model.")] = None,
    address: Annotated[
        str | None, typer.Option(help="Of another server that speaks the provider's protocol.")
    ] = None,
    input_price: Annotated[
        float | None, typer.Option(min=0, help=f"For a million tokens read, {MONEY}.")
    ] = None,
    output_price: Annotated[float | None, typer.Option(min=0, help="For a million tokens written.")] = None,
    budget: Annotated[
        float | None,
        typer.Option(min=0, help="What all that is in --cache may cost, earlier runs included."),
    ] = None,
    cache: Annotated[
        Path | None, typer.Option(help="A folder that keeps what was answered and what it cost.")
    ] = None,
    max_tokens: Annotated[int, typer.Option(min=1, help="The most that an answer may have.")] = 2048,
    temperature: Annotated[
        float | None, typer.Option(min=0, max=2, help="Of sampling.", show_default="the model's own")
    ] = None,
    requests_per_minute: Annotated[int | None, typer.Option(min=1, help="The most.")] = None,
    tokens_per_minute: Annotated[int | None, typer.Option(min=1, help="The most, in and out.")] = None,
    concurrency: Annotated[int, typer.Option(min=1, help="The most requests at once.")] = 8,
    attempts: Annotated[int, typer.Option(min=1, help="The most for one passage.")] = 6,
    timeout: Annotated[float, typer.Option(min=1, help="Seconds for one answer.")] = 120.0,
    recorded: Annotated[
        Path | None, typer.Option(help="Take answers from this file instead of a provider.")
    ] = None,
    record: Annotated[
        Path | None, typer.Option(help="A file for the answers, as --recorded takes it.")
    ] = None,
    format: As = Format.PAIRS,
    tokenizer: Tokens = None,
    least: Least = 0.2,
    most: Most = 0.95,
    seed: Seed = 42,
) -> None:
    """Have a language model shorten passages, and write those pairs that are fit, divided 80/10/10.

    The passages are sent to the provider whole. Its key is read from the environment: ANTHROPIC_API_KEY,
    GEMINI_API_KEY, OPENAI_API_KEY. A run that was stopped goes on when it is started again, and nothing that
    was answered is paid for again.
    """
    from spanwise.cli.pairs.counting import kept
    from spanwise.cli.pairs.passages import asked_for, passages
    from spanwise.cli.pairs.writing import finish
    from spanwise.pairs.generation.answers import Sampling
    from spanwise.pairs.generation.recording import read_recorded
    from spanwise.pairs.generation.session import Limits
    from spanwise.pairs.generation.teaching import by_model, by_recording, questions, replay, taught

    folders = asked_for(python=python, code=code, markdown=markdown, docstrings=docstrings)
    left_out: Counter[str] = Counter()
    asked = list(kept(questions(kept(passages(folders), left_out)), left_out))[:limit]
    wanted = [question for _, question in asked]
    answers: Sequence[Answer | str]
    if recorded is not None:
        if provider is not None or record is not None:
            raise typer.BadParameter("--recorded takes neither --provider nor --record")
        answers, teacher = replay(wanted, read_recorded(recorded)), by_recording(recorded.stem)
    else:
        asking = _model(provider, model, prices=(input_price, output_price), address=address, timeout=timeout)
        if cache is None or budget is None:
            raise typer.BadParameter("a provider takes --cache and --budget")
        limits = Limits(budget, requests_per_minute, tokens_per_minute, concurrency, attempts)
        sampling = Sampling(max_tokens=max_tokens, temperature=temperature)
        answers = _answers(wanted, asking, folder=cache, limits=limits, sampling=sampling, record=record)
        teacher = by_model(asking.provider, asking.name)
    finish(
        output,
        taught(asked, answers, teacher),
        left_out,
        format=format,
        tokenizer=tokenizer,
        least=least,
        most=most,
        seed=seed,
    )
    if unasked := sum(answer == "budget" for answer in answers):
        raise UserError(
            f"the budget of {budget:g} stops before {unasked:,} of {len(asked):,} passages",
            hint="Those before were written. With a larger --budget, the same command goes on.",
        )


def _model(
    provider: str | None,
    model: str | None,
    *,
    prices: tuple[float | None, float | None],
    address: str | None,
    timeout: float,
) -> Model:
    """Whom to ask.

    Raises:
        typer.BadParameter: If that is not said in full.
    """
    from spanwise.pairs.generation.asking import Price
    from spanwise.pairs.generation.session import Model

    if provider is None:
        raise typer.BadParameter("give --provider or --recorded")
    read, written = prices
    if model is None or read is None or written is None:
        raise typer.BadParameter("a provider takes --model, --input-price and --output-price")
    return Model(provider, model, Price(read, written), address, timeout)


def _answers(
    questions: Sequence[Question],
    model: Model,
    *,
    folder: Path,
    limits: Limits,
    sampling: Sampling,
    record: Path | None,
) -> Sequence[Answer | str]:
    """Ask, and tell what that took."""
    from spanwise.pairs.generation.session import ask_model, record_answers

    session = ask_model(questions, model, folder=folder, limits=limits, sampling=sampling)
    tally = session.tally
    typer.echo(
        f"{model.provider}, {model.name}: {tally.requests:,} requests, {tally.answers:,} answers, "
        f"{tally.from_disk:,} more from {folder}\n"
        f"  tokens: {tally.input_tokens:,} read, {tally.output_tokens:,} written; cost: {tally.cost:.6g}\n"
        f"  in all: {session.spent:.6g} of {limits.budget:.6g}"
        + (f", and at most {session.unsettled:.6g} for what was never heard of" if session.unsettled else "")
    )
    if record is not None:
        typer.echo(f"  {record_answers(record, questions, session.answers, model):,} answers in {record}")
    return session.answers
