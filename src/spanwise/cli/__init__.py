"""The `spanwise` command: what surrounds the pipeline. The pipeline itself is run by DVC."""

from __future__ import annotations

from spanwise import console
from spanwise.cli import ablation, corpus
from spanwise.cli.bench import bench
from spanwise.cli.compare import compare
from spanwise.cli.compose import compose
from spanwise.cli.doctor import doctor
from spanwise.cli.folds import folds
from spanwise.cli.label_noise import label_noise
from spanwise.cli.package import package
from spanwise.cli.pr_report import pr_report
from spanwise.cli.predict import predict
from spanwise.cli.sweep import sweep
from spanwise.cli.sync import sync
from spanwise.cli.track_log import track_log
from spanwise.cli.tune import tune

program = console.app("From documents to an extraction model that can be trusted. The pipeline: `dvc repro`.")
program.add_typer(corpus.app, name="corpus")
program.add_typer(ablation.app, name="ablation")
program.command()(bench)
program.command()(compare)
program.command()(compose)
program.command()(doctor)
program.command()(folds)
program.command()(label_noise)
program.command()(package)
program.command()(pr_report)
program.command()(predict)
program.command()(sweep)
program.command()(sync)
program.command()(track_log)
program.command()(tune)


def main() -> None:
    """Run the command line."""
    program()
