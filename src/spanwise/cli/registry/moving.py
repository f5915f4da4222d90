"""Commands that make tags: register, promote, rollback, deprecate."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from spanwise import console
from spanwise.cli.registry.deploying import deploy_to
from spanwise.cli.registry.options import Deploy, Keep, Name, Push, Remote, Where, root_of
from spanwise.config import Bootstrap, Registry, StageParams, load_params

if TYPE_CHECKING:
    from spanwise.registry.figures import Drawing
    from spanwise.registry.gates import Gates
    from spanwise.registry.rollback import Move

SAMPLES = 10_000
"""Of the paired bootstrap, as `spanwise compare` draws."""


class RegistryParams(StageParams):
    """What `registry` may read."""

    seed: int
    bootstrap: Bootstrap
    registry: Registry


@console.command
def register(
    name: Name,
    revision: Annotated[str, typer.Argument(help="A branch, tag, commit or DVC experiment.")] = "HEAD",
    *,
    version: Annotated[
        str | None, typer.Option(help="Such as v1.2.0.", show_default="the suggested one")
    ] = None,
    bump: Annotated[
        Literal["major", "minor", "patch"] | None,
        typer.Option(help="Which number to raise.", show_default="the suggested one"),
    ] = None,
    message: Annotated[str | None, typer.Option("--message", "-m", help="Of the tag.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check and suggest; make no tag.")] = False,
    deep: Annotated[
        bool, typer.Option("--deep", help="Read the bytes in the remote, and compare their digests.")
    ] = False,
    remote: Remote = None,
    push: Push = False,
    params: console.ParamsFile = Path("params.yaml"),
) -> None:
    """Give a commit a version: the commit must hold the model, up to date, and the remote its bytes."""
    from spanwise.experiments import find
    from spanwise.pull_request.staleness import out_of_date
    from spanwise.registry import registering
    from spanwise.registry.artefacts import check_name

    if version and bump:
        raise typer.BadParameter("give --version or --bump", param_hint="--bump")
    root, (drawing, _) = root_of(params), _settings(params)
    check_name(name)
    proposal = registering.propose(
        root,
        name,
        revision,
        drawing,
        version=version,
        bump=bump,
        stale=out_of_date(root, find(root, revision)).reasons,
        remote=remote,
        deep=deep,
    )
    if proposal.suggestion is not None:
        typer.echo(
            f"suggested after {proposal.after}: {proposal.suggestion.bump}, {proposal.suggestion.reason}"
        )
    if dry_run:
        typer.echo(f"{name} {proposal.version} would be commit {proposal.revision.commit[:7]}")
        return
    tag = registering.register(root, proposal, message, push=push)
    typer.echo(
        f"{name} {proposal.version}: commit {proposal.revision.commit[:7]}, tag {tag}{_pushed(tag, push)}"
    )


@console.command
def promote(
    name: Name,
    version: Annotated[
        str | None, typer.Argument(help="Such as v1.2.0.", show_default="the highest that is not deprecated")
    ] = None,
    *,
    stage: Where,
    force: Annotated[
        str | None,
        typer.Option(
            metavar="REASON",
            help="Promote it although its figures do not suffice; the tag tells the reason. It is no answer "
            "to bytes, a calibration or a leak check that lack.",
        ),
    ] = None,
    message: Annotated[str | None, typer.Option("--message", "-m", help="Of the tag.")] = None,
    deploy: Deploy = None,
    keep: Keep = 1,
    remote: Remote = None,
    push: Push = False,
    params: console.ParamsFile = Path("params.yaml"),
) -> None:
    """Put a version into a stage, if it shows what the section `registry` of the settings asks for."""
    from spanwise.registry import promotion

    root, (drawing, gates) = root_of(params), _settings(params)
    move = promotion.promote(
        root,
        name,
        version,
        stage,
        gates=gates,
        drawing=drawing,
        force=force,
        message=message,
        remote=remote,
        push=push,
    )
    for each in move.passages:
        typer.echo(f"{'open' if each.passed else 'FORCED'}: {each.gate}: {each.reason}")
    _tell(move, push)
    deploy_to(root, deploy, name, keep)


@console.command
def rollback(
    name: Name,
    *,
    stage: Where,
    to: Annotated[
        str | None, typer.Option(help="A version that stood there.", show_default="the one before")
    ] = None,
    reason: Annotated[str | None, typer.Option(help="Why, for the tag.")] = None,
    deploy: Deploy = None,
    keep: Keep = 1,
    push: Push = False,
    params: console.ParamsFile = Path("params.yaml"),
) -> None:
    """Put the version before back into a stage. It asks no gate."""
    from spanwise.registry.rollback import roll_back

    root = root_of(params)
    move = roll_back(root, name, stage, to=to, reason=reason, push=push)
    _tell(move, push)
    deploy_to(root, deploy, name, keep)


@console.command
def deprecate(
    name: Name,
    version: Annotated[str, typer.Argument(help="Such as v1.2.0.")],
    *,
    reason: Annotated[str, typer.Option(help="Why, for the tag.")],
    push: Push = False,
    params: console.ParamsFile = Path("params.yaml"),
) -> None:
    """Say of a version that it must not be put anywhere any more; its tags stay."""
    from spanwise.registry import rollback as going_back

    tag = going_back.deprecate(root_of(params), name, version, reason, push=push)
    typer.echo(f"{name} {version} is deprecated: tag {tag}{_pushed(tag, push)}")


def _settings(params: Path) -> tuple[Drawing, Gates]:
    from spanwise.registry.figures import Drawing
    from spanwise.registry.gates import Gates

    settings = load_params(params, RegistryParams)
    asked: dict[str, Any] = settings.registry.model_dump()
    return Drawing(SAMPLES, settings.bootstrap.level, settings.seed), Gates(**asked)


def _pushed(tag: str, push: bool) -> str:
    return "" if push else f"; `git push origin {tag!r}` shares it"


def _tell(move: Move, push: bool) -> None:
    if move.tag is None:
        typer.echo(f"{move.name} {move.version} stands in {move.stage} already")
        return
    instead = f" in the place of {move.before}" if move.before else ""
    typer.echo(f"{move.stage}: {move.name} {move.version}{instead}, tag {move.tag}{_pushed(move.tag, push)}")
