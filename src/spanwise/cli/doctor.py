"""`spanwise doctor`: what is wrong with a clone, and the command that mends it."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from spanwise import console
from spanwise.config import PrepareParams, load_params
from spanwise.errors import UserError, first_line

if TYPE_CHECKING:
    from spanwise.doctor.finding import Finding

SETTINGS = "settings"


@console.command
def doctor(
    *,
    deep: Annotated[
        bool, typer.Option("--deep", help="Read every object of cache and remote and compare its digest.")
    ] = False,
    remote: Annotated[
        str | None, typer.Option("--remote", "-r", help="The DVC remote.", show_default="the default one")
    ] = None,
    repair_remote: Annotated[
        bool,
        typer.Option(
            "--repair-remote",
            help="First send the remote what it lacks or holds damaged, of what this cache has intact.",
        ),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON instead of lines.")] = False,
    params: console.ParamsFile = Path("params.yaml"),
    conf: Annotated[Path, typer.Option(help="The folder of settings.")] = Path("conf"),
) -> None:
    """Check this clone and say what to do: 0 if nothing is broken, 1 otherwise.

    Looked at: packages, corpora, settings, dvc.lock, every object in cache and remote, git's tags, and what
    processes left behind that were killed.
    """
    from spanwise.doctor import stores

    if repair_remote:
        sent = stores.repair_remote(Path.cwd(), remote)
        typer.echo(f"objects sent to the remote: {sent}", err=True)
    findings = []
    for finding in _findings(params, conf, remote, deep=deep):
        findings.append(finding)
        if not as_json:
            typer.echo(_line(finding))
    broken = sum(finding.level == "error" for finding in findings)
    if as_json:
        listing = [asdict(finding) for finding in findings]
        typer.echo(json.dumps({"broken": broken, "findings": listing}, indent=2, ensure_ascii=False))
    if broken:
        raise typer.Exit(1)


def _findings(params: Path, conf: Path, remote: str | None, *, deep: bool) -> Iterator[Finding]:
    from spanwise.doctor.examination import examine
    from spanwise.doctor.finding import Finding

    names: list[str] = []
    try:
        corpus = load_params(params, PrepareParams).corpus
        names = [corpus.name, *corpus.auxiliaries, *corpus.unlabelled]
        yield _settings(params, conf)
    except UserError as error:
        yield Finding(SETTINGS, "error", first_line(error), error.hint)
    yield from examine(Path.cwd(), corpora=names, remote=remote, deep=deep)


def _settings(params: Path, conf: Path) -> Finding:
    """Whether the composed settings are those of `conf/`."""
    from spanwise.cli.compose import write_params
    from spanwise.doctor.finding import Finding

    with tempfile.TemporaryDirectory(prefix="spanwise-") as folder:
        composed = Path(folder) / "params.yaml"
        write_params(conf, [], composed)
        if composed.read_bytes() == params.read_bytes():
            return Finding(SETTINGS, "ok", f"{params} is what {conf}/ composes to")
    message = f"{params} is not what {conf}/ composes to: `dvc repro` takes it, `dvc exp run` overwrites it"
    hint = f"`spanwise compose` writes it anew; to keep it, make it a preset in {conf}/experiment/."
    return Finding(SETTINGS, "warning", message, hint)


def _line(finding: Finding) -> str:
    hint = f"  -> {finding.hint}" if finding.hint else ""
    return f"{finding.level:<7}  {finding.check:<11}  {finding.message}{hint}"
