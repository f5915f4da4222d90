"""`spanwise corpus`: bring corpora into place, pin new ones, verify what is there."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, TypedDict

import typer

from spanwise import console
from spanwise.errors import UserError, UserErrors

if TYPE_CHECKING:
    from spanwise.corpora import Origin, Source
    from spanwise.readers.inventory import Inventory

app = console.app("Bring corpora into place, pin new ones, verify what is there.")

Corpora = Annotated[Path, typer.Option(help="The folder of all corpora.")]
Format = Literal["brat", "iob", "jsonl"]


class _Description(TypedDict):
    """What a pin says for people."""

    title: str
    licence: str
    citation: str


@app.command()
@console.command
def add(
    name: Annotated[str, typer.Argument(help="The corpus: a pinned one, or the name of a new one.")],
    *,
    given: Annotated[
        Path | None, typer.Option("--from", metavar="PATH", help="A folder or zip archive that holds it.")
    ] = None,
    url: Annotated[str | None, typer.Option(help="New corpus: the address of a zip archive.")] = None,
    hub: Annotated[
        str | None,
        typer.Option(
            metavar="DATASET",
            help="New corpus: a Hugging Face token-classification data set, name or folder.",
        ),
    ] = None,
    revision: Annotated[str | None, typer.Option(help="With --hub: its commit, branch or tag.")] = None,
    format: Annotated[Format | None, typer.Option(help="New corpus: what reads it.")] = None,
    title: Annotated[str | None, typer.Option(help="New corpus: its full name.")] = None,
    licence: Annotated[str, typer.Option(help="New corpus: under what terms it may be used.")] = "unknown",
    citation: Annotated[str, typer.Option(help="New corpus: what to cite.")] = "",
    track: Annotated[bool, typer.Option("--track", help="Also `dvc add` it, for your DVC remote.")] = False,
    corpora: Corpora = Path("data/corpora"),
    conf: Annotated[Path, typer.Option(help="The folder of settings.")] = Path("conf"),
) -> None:
    """Bring a pinned corpus into place, or pin a new one and write a task for it."""
    from spanwise.corpora import Web, load_source, source_path

    path = source_path(name, corpora)
    if path.exists():
        if url or hub or format:
            hint = f"Leave out --url, --hub and --format, or remove {path} to pin it anew."
            raise UserError(f"{name} is pinned already", path=path, hint=hint)
        _restore(load_source(path), corpora, given)
    else:
        places = [place for place in (given, url, hub) if place is not None]
        if len(places) != 1:
            hint = (
                f"Give its place: `spanwise corpus add {name} --from PATH --format FORMAT` (or --url, --hub)."
            )
            raise UserError("no such pinned corpus", path=path, hint=hint)
        described = _Description(title=title or name, licence=licence, citation=citation)
        if hub is not None:
            source, inventory = _pin_dataset(name, hub, revision, corpora, described)
        else:
            place = given if given is not None else Web(url=url or "")
            source, inventory = _pin_files(name, place, format, corpora, described)
        _tell(source, inventory)
        _write_task(source, inventory, conf, path)
    if track:
        _track(corpora / name)


def _restore(source: Source, corpora: Path, given: Path | None) -> None:
    from spanwise.acquisition import restore

    folder = restore(source, corpora, given=given)
    typer.echo(f"{source.name}: {len(source.files)} files in {folder}, as pinned. Licence: {source.licence}.")
    if source.citation:
        typer.echo(f"Cite: {source.citation}")


def _pin_files(
    name: str, place: Path | Origin, format: Format | None, corpora: Path, described: _Description
) -> tuple[Source, Inventory]:
    from spanwise.acquisition import pin

    if format is None:
        raise UserError("a new corpus needs --format", hint="One of brat, iob, jsonl.")
    return pin(name, place, corpora, format=format, **described)


def _pin_dataset(
    name: str, dataset: str, revision: str | None, corpora: Path, described: _Description
) -> tuple[Source, Inventory]:
    """Pin a Hugging Face data set as JSON lines; one of the hub at the commit it stands at now."""
    from spanwise.acquisition import convert, pin
    from spanwise.corpora import Hub
    from spanwise.readers.hub import current_revision

    origin = None
    if not Path(dataset).exists():
        origin = Hub(dataset=dataset, revision=current_revision(dataset, revision))
    with tempfile.TemporaryDirectory(prefix="spanwise-") as scratch:
        commit = origin.revision if origin else None
        changes = convert(dataset, commit, Path(scratch) / "examples.jsonl")
        if changes:
            typer.echo(
                f"{len(changes)} chunks had tags that their scheme forbids, and were read as conlleval does."
            )
        return pin(name, Path(scratch), corpora, origin=origin, format="jsonl", **described)


def _tell(source: Source, inventory: Inventory) -> None:
    typer.echo(
        f"{source.name}: documents: {inventory.documents:,}, spans: {inventory.spans:,}, "
        f"labels: {len(inventory.labels)}, files: {len(source.files)}"
    )
    for verb, counts in (("repaired", inventory.repaired), ("left out", inventory.left_out)):
        for reason, count in counts.items():
            typer.echo(f"  spans {verb}: {count:,} ({reason.replace('_', ' ')})")


def _write_task(source: Source, inventory: Inventory, conf: Path, pinned: Path) -> None:
    """Write the task of a new corpus, unless there is one, and say what comes next."""
    from spanwise.cli.task_option import task_option
    from spanwise.io import write_text

    option = conf / "task" / f"{source.name}.yaml"
    if option.exists():
        typer.echo(f"{option} exists and stays as it is.")
    else:
        write_text(option, task_option(source, inventory))
        typer.echo(f"Pinned in {pinned}; a task for it is in {option}.")
    typer.echo("Next:")
    typer.echo(f"  git add {pinned} {option}")
    typer.echo(f"  dvc exp run -S task={source.name}")
    typer.echo(
        f"Git ignores {pinned.parent / source.name}/: keep the files safe, or track them with --track."
    )


def _track(folder: Path) -> None:
    """Let DVC track the corpus.

    Raises:
        UserError: If DVC is missing or refuses.
    """
    if find_spec("dvc") is None:
        raise UserError("--track takes DVC", hint="pip install 'spanwise[pipeline]'")
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-m", "dvc", "add", str(folder)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        lines = done.stderr.strip().splitlines() or ["no message"]
        raise UserError(f"`dvc add` failed: {lines[-1]}", path=folder)
    typer.echo(f"DVC tracks it: git add {folder}.dvc, then `dvc push`.")


@app.command("list")
@console.command
def list_(corpora: Corpora = Path("data/corpora")) -> None:
    """List the pinned corpora and whether their files are here."""
    from rich.console import Console
    from rich.table import Table

    from spanwise.corpora import list_sources, source_path

    table = Table("name", "title", "format", "files", "licence", "here?")
    for source in list_sources(corpora):
        here = _presence(source, source_path(source.name, corpora))
        table.add_row(source.name, source.title, source.format, str(len(source.files)), source.licence, here)
    Console().print(table)


def _presence(source: Source, path: Path) -> str:
    from spanwise.corpora import locate, missing_files

    try:
        missing = missing_files(source, locate(path))
    except UserError:
        return "no"
    return f"{missing} missing" if missing else "yes"


@app.command()
@console.command
def verify(
    name: Annotated[str | None, typer.Argument(help="One corpus; all that are here by default.")] = None,
    corpora: Corpora = Path("data/corpora"),
) -> None:
    """Compare corpora with their pins, byte by byte."""
    from spanwise.corpora import list_sources, load_source, locate, source_path
    from spanwise.corpora import verify as verify_files

    sources = list_sources(corpora) if name is None else [load_source(source_path(name, corpora))]
    errors = []
    for source in sources:
        path = source_path(source.name, corpora)
        if name is None and _presence(source, path) == "no":
            typer.echo(f"{source.name}: not here")
            continue
        try:
            verify_files(source, locate(path))
        except UserError as error:
            errors.append(error)
        else:
            typer.echo(f"{source.name}: {len(source.files)} files as pinned")
    if errors:
        raise errors[0] if len(errors) == 1 else UserErrors(errors)
