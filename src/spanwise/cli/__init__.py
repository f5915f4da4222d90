"""The `spanwise` command: what surrounds the pipeline. The pipeline itself is run by DVC."""

from __future__ import annotations

from spanwise import console
from spanwise.cli import ablation, corpus
from spanwise.cli.compare import compare
from spanwise.cli.compose import compose
from spanwise.cli.folds import folds
from spanwise.cli.label_noise import label_noise
from spanwise.cli.package import package
from spanwise.cli.predict import predict

program = console.app("From documents to an extraction model that can be trusted. The pipeline: `dvc repro`.")
program.add_typer(corpus.app, name="corpus")
program.add_typer(ablation.app, name="ablation")
program.command()(compare)
program.command()(compose)
program.command()(folds)
program.command()(label_noise)
program.command()(package)
program.command()(predict)


def main() -> None:
    """Run the command line."""
    program()
