"""What the commands of the registry have in common."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from spanwise.deployment import Stage

Name = Annotated[str, typer.Argument(help="Of the model, as `artifacts:` in dvc.yaml declares it.")]
Where = Annotated[Stage, typer.Option("--stage", help="staging or prod.")]
Push = Annotated[bool, typer.Option("--push", help="Give origin the tag, and with it the commit.")]
Remote = Annotated[
    str | None, typer.Option("--remote", help="Where the bytes must be.", show_default="the default remote")
]
Deploy = Annotated[
    Path | None, typer.Option("--deploy", help="Bring the deployment in this folder to it, as `export` does.")
]
Json = Annotated[bool, typer.Option("--json", help="As JSON.")]
Keep = Annotated[int, typer.Option(min=0, help="How many of the last versions are deployed anyway.")]


def root_of(params: Path) -> Path:
    """The repository: the folder that the settings lie in."""
    return params.resolve().parent
