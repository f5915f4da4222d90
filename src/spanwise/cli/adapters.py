"""`spanwise adapters`: adapters of generators by other programs than TRL, and as PEFT has them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from spanwise import console
from spanwise.errors import UserError

if TYPE_CHECKING:
    from spanwise.adaptation.course import Backend, Lora
    from spanwise.generator.rows import Row

app = console.app("Train adapters of generators by MLX or Tinker, and convert them. TRL's: `dvc repro`.")

TARGETS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]


@app.command()
@console.command
def train(
    corpus: Annotated[Path, typer.Argument(help="A folder of chat messages, as the format `chat` has them.")],
    folder: Annotated[Path, typer.Argument(help="Where adapters and backend.json go.")],
    *,
    backend: Annotated[Literal["mlx", "tinker"], typer.Option(help="What computes.")],
    model: Annotated[str, typer.Option(help="mlx: a folder; tinker: what the service calls it.")],
    tokenizer: Annotated[
        Path | None, typer.Option(help="Its folder.", show_default="that of the model")
    ] = None,
    url: Annotated[str | None, typer.Option(help="Of the service.", show_default="Tinker's own")] = None,
    epochs: Annotated[int, typer.Option(min=1)] = 3,
    batch_size: Annotated[int, typer.Option(min=1)] = 4,
    max_length: Annotated[int, typer.Option(min=2, help="Tokens of an example.")] = 1024,
    rank: Annotated[int, typer.Option(min=1)] = 16,
    alpha: Annotated[float, typer.Option(help="Over rank, it is what MLX calls scale.")] = 32.0,
    target: Annotated[
        list[str] | None, typer.Option(help="Layers that are adapted.", show_default="all linear ones")
    ] = None,
    learning_rate: Annotated[float, typer.Option()] = 5e-4,
    seed: Annotated[int, typer.Option(help="Of weights and order.")] = 13,
) -> None:
    """Train on the tokens of answers alone, the same that TRL learns from."""
    from spanwise.adaptation.course import Lora
    from spanwise.adaptation.course import train as course
    from spanwise.adaptation.masking import mask

    words = tokenizer or Path(model)
    if not words.is_dir():
        raise UserError("no such folder", path=words, hint="--tokenizer names that of the tokenizer.")
    rows = _rows(corpus, words, max_length)
    lora = Lora(rank, alpha, tuple(target or TARGETS), learning_rate, seed)
    report = course(
        _backend(backend, model, lora, folder.name, url),
        mask(rows),
        folder,
        epochs=epochs,
        batch_size=batch_size,
        seed=seed,
        log=lambda epoch, loss: typer.echo(f"epoch {epoch}: loss {loss:.4f}"),
    )
    typer.echo(
        f"{report.program} {report.version} on {report.device}{', a stub' if report.stub else ''}: "
        f"{report.examples} examples, {report.loss_tokens} tokens learnt from, {report.steps} steps; "
        f"{sum(row.cut > 0 for row in rows)} examples cut at {max_length} tokens"
    )


@app.command()
@console.command
def convert(
    source: Annotated[Path, typer.Argument(help="A folder that `mlx_lm.lora` wrote.")],
    folder: Annotated[Path, typer.Argument(help="Where PEFT's adapters go.")],
    *,
    base: Annotated[str, typer.Option(help="The model that was adapted, as PEFT should find it.")],
) -> None:
    """Convert adapters of mlx-lm to PEFT's form."""
    from spanwise.adaptation.conversion import convert as converted

    typer.echo(f"{converted(source, folder, base=base)} matrices converted to {folder}")


def _rows(corpus: Path, tokenizer: Path, max_length: int) -> list[Row]:
    from spanwise.generator.chat import Chat
    from spanwise.generator.rows import preflight, rows_of
    from spanwise.generator.sources import load_tokenizer
    from spanwise.readers import read
    from spanwise.readers.inventory import take_inventory

    stream = read(corpus, format="chat", discontinuous="error", overlapping="error")
    examples, _ = take_inventory(stream, keep_going=False)
    rows = rows_of(examples, Chat.of(load_tokenizer(str(tokenizer)), str(tokenizer)), max_length)
    preflight(rows, max_length)
    return rows


def _backend(name: str, model: str, lora: Lora, stored: str, url: str | None) -> Backend:
    if name == "tinker":
        from spanwise.adaptation.tinker import TinkerBackend

        return TinkerBackend(model, lora, name=stored, base_url=url)
    from spanwise.adaptation.mlx import MlxBackend

    if url is not None:
        raise UserError("--url is of a service: mlx computes here")
    return MlxBackend(Path(model), lora)
