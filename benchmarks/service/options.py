"""The options that the subcommands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Repository = Annotated[
    Path, typer.Option(help="Holds models/, params.yaml and data/splits/ of a trained tagger.")
]
Serve = Annotated[
    list[str] | None, typer.Argument(help="Options of spanwise serve, behind --.", metavar="[-- OPTION...]")
]
Json = Annotated[Path | None, typer.Option(help="Write the figures to this file, too.")]
HERE = Path()

UNCACHED = ("--cache", "0")
"""What is measured is computed: the cache of results is off."""
