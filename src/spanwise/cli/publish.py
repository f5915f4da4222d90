"""`spanwise publish`: a registered model, with its card, on the Hugging Face Hub."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from spanwise import console


@console.command
def publish(
    name: Annotated[str, typer.Argument(help="Of the model, as it is registered.")],
    *,
    version: Annotated[str, typer.Option(help="Such as v1.2.0.")],
    repo: Annotated[str, typer.Option(metavar="ORG/NAME", help="On the hub.")],
    push: Annotated[
        bool, typer.Option("--push", help="Upload it; without, it is only told what would be.")
    ] = False,
    public: Annotated[
        bool, typer.Option("--public", help="Let a repository that has to be made be public.")
    ] = False,
    params: console.ParamsFile = Path("params.yaml"),
) -> None:
    """Publish a registered version and its card. The token comes from the environment: HF_TOKEN.

    No document and no prediction is part of it.
    """
    from spanwise.registry import publishing
    from spanwise.registry.fetching import fetch

    publishing.check_repository(repo)
    token = publishing.read_token() if push else ""
    with TemporaryDirectory(prefix="spanwise-") as scratch:
        folder = Path(scratch) / "package"
        fetch(params.resolve().parent, name, folder, version=version)
        files = publishing.uploads(folder)
        for each in files:
            typer.echo(f"{each.size:>12,}  {each.digest[:16]}  {each.path}")
        total = f"{len(files)} files, {sum(each.size for each in files):,} bytes"
        if not push:
            typer.echo(f"{total}: would go to {repo} as {version}; --push uploads them")
            return
        address = publishing.publish(
            folder,
            files,
            repo,
            version=version,
            message=f"{name} {version}",
            token=token,
            private=not public,
        )
    typer.echo(f"{total}: {address}")
