"""`spanwise corpus`: bring corpora into place, pin new ones, verify what is there."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, TypedDict, get_args

import typer

from spanwise import console
from spanwise.errors import UserError, UserErrors
from spanwise.schema import SPLITS

if TYPE_CHECKING:
    from spanwise.acquisition import Pinned
    from spanwise.corpora import Origin, Source
    from spanwise.readers.inventory import Inventory

app = console.app("Bring corpora into place, pin new ones, verify what is there.")

Pins = Annotated[Path, typer.Option(help="The folder of all pins; corpora/ lies beside it.")]
Format = Literal[
    "brat", "chat", "frenchmedmcqa", "iob", "jsonl", "medquad", "pairs", "presidio", "quaero", "txt", "xml"
]


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
    config: Annotated[str | None, typer.Option(help="With --hub: one of its configurations.")] = None,
    revision: Annotated[str | None, typer.Option(help="With --hub: its commit, branch or tag.")] = None,
    format: Annotated[Format | None, typer.Option(help="New corpus: what reads it.")] = None,
    title: Annotated[str | None, typer.Option(help="New corpus: its full name.")] = None,
    licence: Annotated[
        str | None, typer.Option(help="New corpus: under what terms it may be used.", show_default="unknown")
    ] = None,
    citation: Annotated[str | None, typer.Option(help="New corpus: what to cite.")] = None,
    repin: Annotated[
        bool, typer.Option("--repin", help="Pinned corpus: pin its files anew as they are now.")
    ] = False,
    track: Annotated[bool, typer.Option("--track", help="Also `dvc add` it, for your DVC remote.")] = False,
    pins: Pins = Path("data/pins"),
    conf: Annotated[Path, typer.Option(help="The folder of settings.")] = Path("conf"),
) -> None:
    """Bring a pinned corpus into place, or pin a new one and write a task for it.

    Bare texts (--format txt) are pinned too; they are for corpus.unlabelled, and no task is written.
    """
    from spanwise.corpora import Web, corpus_path, load_source, source_path

    if not conf.is_dir():
        raise UserError("no such folder", path=conf, hint="Run this in the repository's root.")
    path = source_path(name, pins)
    of_new = {"--url": url, "--hub": hub, "--config": config, "--revision": revision, "--format": format}
    of_new |= {"--title": title, "--licence": licence, "--citation": citation}
    if path.exists():
        _refuse(of_new, f"is for a new corpus; {name} is pinned already, in {path}")
        if repin:
            _refuse({"--from": given}, "does not go with --repin, which takes the files where they are")
            _repin(load_source(path), pins)
        else:
            _restore(load_source(path), pins, given)
    else:
        if repin:
            raise typer.BadParameter(f"--repin is for a pinned corpus; there is no {path}")
        described = _Description(title=title or name, licence=licence or "unknown", citation=citation or "")
        places = [place for place in (given, url, hub) if place is not None]
        if len(places) != 1:
            hint = (
                f"Give its place: `spanwise corpus add {name} --from PATH --format FORMAT` (or --url, --hub)."
            )
            raise UserError("no such pinned corpus", path=path, hint=hint)
        if hub is not None:
            _refuse({"--format": format}, "does not go with --hub")
            source, inventory, others = _pin_dataset(
                name, hub, pins, described, config=config, revision=revision
            )
        else:
            _refuse({"--config": config, "--revision": revision}, "goes with --hub alone")
            place = given if given is not None else Web(url=url or "")
            source, inventory, others = _pin_files(name, place, format, pins, described)
        _tell(source, inventory)
        _advise(source, corpus_path(name, pins), others)
        _tell_next(source, inventory, conf, pins)
    if track:
        _track(corpus_path(name, pins))


def _refuse(options: Mapping[str, object], reason: str) -> None:
    """Raise a usage error for the first of these options that was given."""
    for option, value in options.items():
        if value is not None:
            raise typer.BadParameter(f"{option} {reason}")


def _repin(source: Source, pins: Path) -> None:
    from spanwise.acquisition import repin

    _tell(*repin(source, pins))


def _restore(source: Source, pins: Path, given: Path | None) -> None:
    from spanwise.acquisition import restore

    folder = restore(source, pins, given=given)
    typer.echo(f"{source.name}: {len(source.files)} files in {folder}, as pinned. Licence: {source.licence}.")
    if source.citation:
        typer.echo(f"Cite: {source.citation}")


def _pin_files(
    name: str, place: Path | Origin, format: Format | None, pins: Path, described: _Description
) -> Pinned:
    from spanwise.acquisition import pin

    if format is None:
        raise UserError("a new corpus needs --format", hint=f"One of {', '.join(get_args(Format))}.")
    return pin(name, place, pins, format=format, **described)


def _pin_dataset(
    name: str,
    dataset: str,
    pins: Path,
    described: _Description,
    *,
    config: str | None,
    revision: str | None,
) -> Pinned:
    """Pin a Hugging Face data set as JSON lines; one of the hub at the commit it stands at now."""
    from spanwise.acquisition import convert, pin
    from spanwise.corpora import Hub
    from spanwise.readers.hub import current_revision

    origin = None
    if not Path(dataset).exists():
        commit = current_revision(dataset, revision)
        origin = Hub(dataset=dataset, config=config, revision=commit)
    with tempfile.TemporaryDirectory(prefix="spanwise-") as scratch:
        convert(dataset, config, origin.revision if origin else None, Path(scratch))
        return pin(name, Path(scratch), pins, origin=origin, format="jsonl", **described)


def _tell(source: Source, inventory: Inventory) -> None:
    typer.echo(
        f"{source.name}: documents: {inventory.documents:,}, spans: {inventory.spans:,}, "
        f"labels: {len(inventory.labels)}, files: {len(source.files)}"
    )
    for verb, counts in (("repaired", inventory.repaired), ("left out", inventory.left_out)):
        for reason, count in counts.items():
            typer.echo(f"  spans {verb}: {count:,} ({reason.replace('_', ' ')})")
    sides = ", ".join(
        f"{side} {inventory.published[side]:,}" for side in SPLITS if side in inventory.published
    )
    typer.echo(f"  sides of a split that it publishes: {sides or 'none'}")


def _advise(source: Source, folder: Path, others: Sequence[str]) -> None:
    """Say what the user may not expect: documents that stand alone, and files that were not read."""
    from spanwise.readers.files import published_split
    from spanwise.readers.iob import marks_documents

    inner = {part for name in source.files for part in Path(name).parts[:-1]}
    if source.format in ("brat", "iob") and any(published_split(Path(part, "-")) is None for part in inner):
        typer.echo(
            "Its files lie in folders, but each document is a group of its own. If a folder is, say, a "
            "patient, set `corpus.group: '^[^/]+'` (the outermost one) in the task: else it may stand on "
            "both sides of a split."
        )
    if source.format == "iob" and not marks_documents(folder):
        typer.echo(
            "It has no -DOCSTART- lines: each sentence is a document, and those of one text may stand on "
            "both sides of a split."
        )
    if others:
        names = ", ".join(others[:3]) + (", ..." if len(others) > 3 else "")
        typer.echo(
            f"Files passed over, as their names do not end as those of {source.format} do: "
            f"{len(others)} ({names})"
        )


def _tell_next(source: Source, inventory: Inventory, conf: Path, pins: Path) -> None:
    """Say what comes next for a new corpus; one with annotations gets a task."""
    from spanwise.corpora import corpus_path, source_path

    pinned = source_path(source.name, pins)
    if source.format == "txt":
        typer.echo(f"Pinned in {pinned}; pretraining and distillation, where switched on, use its texts.")
        typer.echo("Next:")
        typer.echo(f"  git add {pinned}")
        typer.echo(f"  dvc exp run -S 'corpus.unlabelled=[{source.name}]' -S train.pretraining.epochs=3")
    else:
        option = _write_task(source, inventory, conf, pinned)
        typer.echo("Next:")
        typer.echo(f"  git add {pinned} {option}")
        typer.echo(f"  dvc exp run -S task={source.name}")
    folder = corpus_path(source.name, pins)
    typer.echo(f"Git ignores {folder}/: keep the files safe, or track them with --track.")


def _write_task(source: Source, inventory: Inventory, conf: Path, pinned: Path) -> Path:
    """Write the task of a new corpus, unless there is one; its file."""
    from spanwise.cli.task_option import task_option
    from spanwise.io import write_text

    option = conf / "task" / f"{source.name}.yaml"
    if option.exists():
        typer.echo(f"{option} exists and stays as it is.")
    else:
        write_text(option, task_option(source, inventory))
        typer.echo(f"Pinned in {pinned}; a task for it is in {option}.")
    return option


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
def list_(pins: Pins = Path("data/pins")) -> None:
    """List the pinned corpora and whether their files are here."""
    from rich.console import Console
    from rich.table import Table

    from spanwise.corpora import list_sources, source_path

    table = Table("name", "title", "format", "files", "licence", "here?")
    for source in list_sources(pins):
        here = _presence(source, source_path(source.name, pins))
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
    pins: Pins = Path("data/pins"),
) -> None:
    """Compare corpora with their pins, byte by byte."""
    from spanwise.corpora import list_sources, load_source, locate, source_path
    from spanwise.corpora import verify as verify_files

    sources = list_sources(pins) if name is None else [load_source(source_path(name, pins))]
    errors = []
    for source in sources:
        path = source_path(source.name, pins)
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
