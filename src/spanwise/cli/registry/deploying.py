"""Commands that bring models elsewhere: get, export, verify."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from spanwise import console
from spanwise.cli.registry.options import Keep, Name, Where, root_of
from spanwise.deployment import Stage
from spanwise.errors import UserError

if TYPE_CHECKING:
    from spanwise.deployment import Deployment
    from spanwise.registry.exporting import Exported

KEY = "SPANWISE_API_KEY"
PAUSE = 0.2
"""Seconds between two questions to a service that is on its way."""


@console.command
def get(
    name: Name,
    *,
    version: Annotated[str | None, typer.Option(help="Such as v1.2.0.")] = None,
    stage: Annotated[Stage | None, typer.Option("--stage", help="What stands there.")] = None,
    output: Annotated[Path, typer.Option("--output", "-o", help="The folder to make.")],
    params: console.ParamsFile = Path("params.yaml"),
) -> None:
    """Fetch a version as the folder that `spanwise package` would make of its commit."""
    from spanwise.registry.fetching import fetch

    manifest, event = fetch(root_of(params), name, output, version=version, stage=stage)
    typer.echo(
        f"{output}: {name} {event.version}, {len(manifest.files) + 1} files, commit {event.commit[:7]}"
    )


@console.command
def export(
    folder: Annotated[Path, typer.Argument(help="Of the deployment.")],
    *,
    name: Annotated[
        list[str] | None, typer.Option(help="A model; repeat it for several.", show_default="all")
    ] = None,
    keep: Keep = 1,
    prune: Annotated[bool, typer.Option("--prune", help="Delete folders of versions that are gone.")] = False,
    deep: Annotated[
        bool, typer.Option("--deep", help="Read what is there, and make anew what is damaged.")
    ] = False,
    params: console.ParamsFile = Path("params.yaml"),
) -> None:
    """Write what a server without git needs: a folder of each deployed version, and registry.json."""
    _tell_export(folder, _export(root_of(params), folder, name or (), keep, prune=prune, deep=deep))


@console.command
def verify(
    url: Annotated[str, typer.Argument(help="Of the service, such as http://127.0.0.1:8000.")],
    *,
    deployed: Annotated[Path, typer.Option(help="The folder of the deployment that it should run.")],
    name: Annotated[
        list[str] | None, typer.Option(help="A model; repeat it for several.", show_default="all")
    ] = None,
    stage: Where = "prod",
    wait: Annotated[
        float, typer.Option(min=0, metavar="SECONDS", help="How long the service may take to come to it.")
    ] = 0.0,
    params: console.ParamsFile = Path("params.yaml"),
) -> None:
    """Ask a running service for its version, the digest of its files and a known answer."""
    from spanwise.deployment import read_deployment
    from spanwise.registry import verification

    deployment = read_deployment(deployed)
    names = name or [each for each, found in deployment.models.items() if stage in found.stages]
    if not names:
        raise UserError(f"nothing is deployed in {stage}", path=deployed)
    _compare_with_tags(root_of(params), deployment)
    until = time.monotonic() + wait
    while differences := [
        each
        for one in names
        for each in verification.verify(url, deployment, one, stage, key=os.environ.get(KEY))
    ]:
        if time.monotonic() >= until:
            raise UserError(f"{url} does not run what it should: {'; '.join(differences)}")
        time.sleep(PAUSE)
    for each in names:
        typer.echo(f"{url} runs {each} {deployment.models[each].stages[stage]}")


def _compare_with_tags(root: Path, deployment: Deployment) -> None:
    """Refuse a deployment that the tags have moved on from, where there are tags to ask."""
    from spanwise.registry.ledger import read_ledger
    from spanwise.registry.verification import behind

    try:
        ledger = read_ledger(root)
    except UserError as error:
        typer.echo(f"not compared with the tags: {error.reason}", err=True)
        return
    if differences := list(behind(ledger, deployment)):
        hint = "`spanwise registry export` brings the deployment to them."
        raise UserError(f"the deployment is behind: {'; '.join(differences)}", hint=hint)


def deploy_to(root: Path, folder: Path | None, name: str, keep: int) -> None:
    """Bring a deployment, if there is one to bring, to what the tags say of a model."""
    if folder is not None:
        _tell_export(folder, _export(root, folder, [name], keep, spare=False))


def _export(
    root: Path,
    folder: Path,
    names: Sequence[str],
    keep: int,
    *,
    prune: bool = False,
    deep: bool = False,
    spare: bool = True,
) -> Exported:
    from spanwise.registry import exporting

    return exporting.export(
        root, folder, names=names, keep=keep, prune=prune, deep=deep, spare=spare, answer=_answers
    )


def _tell_export(folder: Path, exported: Exported) -> None:
    for each in exported.fetched:
        typer.echo(f"fetched {each}")
    for each in exported.unasked:
        typer.echo(f"no known answer of {each}", err=True)
    for each in exported.removed:
        typer.echo(f"deleted {each}")
    what = "replaced" if exported.changed else "says so already"
    typer.echo(f"{folder / 'registry.json'}: {what}")


def _answers(folder: Path, texts: Sequence[str]) -> list[list[dict[str, Any]]]:
    """What a packaged tagger finds in texts, by each backend that a server may take."""
    from spanwise.artifact import ONNX
    from spanwise.calibration.record import Calibration
    from spanwise.io import read_record
    from spanwise.package import CALIBRATION
    from spanwise.runtime.predictor import Predictor
    from spanwise.schema import Example

    admitted = read_record(folder / CALIBRATION, Calibration).admitted
    held = [name for name, graph in ONNX.items() if name in admitted and (folder / graph).is_file()]
    examples = [Example(id=str(i), text=text, target=(), group=str(i)) for i, text in enumerate(texts)]
    found = []
    for backend in held or ["torch"]:
        predictions = Predictor.load(folder, backend=backend, threads=1)(examples)
        keys = {"start", "end", "label"}
        found.append(
            [{"entities": [span.model_dump(include=keys) for span in each.predicted]} for each in predictions]
        )
    return found
