"""The `spanwise` command: what surrounds the pipeline. The pipeline itself is run by DVC."""

from __future__ import annotations

from spanwise import console
from spanwise.cli import ablation, adapters, corpus, feedback, judge, pairs, registry, resumes
from spanwise.cli.anonymise import anonymise
from spanwise.cli.anonymise_score import anonymise_score
from spanwise.cli.bench import bench
from spanwise.cli.compare import compare
from spanwise.cli.compose import compose
from spanwise.cli.compress import compress
from spanwise.cli.doctor import doctor
from spanwise.cli.drift import drift, drift_reference
from spanwise.cli.estimate import estimate
from spanwise.cli.folds import folds
from spanwise.cli.inventory import inventory
from spanwise.cli.label_noise import label_noise
from spanwise.cli.package import package
from spanwise.cli.parse import parse
from spanwise.cli.pr_report import pr_report
from spanwise.cli.predict import predict
from spanwise.cli.publish import publish
from spanwise.cli.serve import serve
from spanwise.cli.sweep import sweep
from spanwise.cli.sync import sync
from spanwise.cli.track_log import track_log
from spanwise.cli.tune import tune

program = console.app("From documents to an extraction model that can be trusted. The pipeline: `dvc repro`.")
program.add_typer(adapters.app, name="adapters")
program.add_typer(corpus.app, name="corpus")
program.add_typer(ablation.app, name="ablation")
program.add_typer(feedback.app, name="feedback")
program.add_typer(judge.app, name="judge")
program.add_typer(pairs.app, name="pairs")
program.add_typer(registry.app, name="registry")
program.add_typer(resumes.app, name="resumes")
program.command()(anonymise)
program.command()(anonymise_score)
program.command()(bench)
program.command()(compare)
program.command()(compose)
program.command()(compress)
program.command()(doctor)
program.command()(drift)
program.command()(drift_reference)
program.command()(estimate)
program.command()(folds)
program.command()(inventory)
program.command()(label_noise)
program.command()(package)
program.command()(parse)
program.command()(pr_report)
program.command()(predict)
program.command()(publish)
program.command()(serve)
program.command()(sweep)
program.command()(sync)
program.command()(track_log)
program.command()(tune)


def main() -> None:
    """Run the command line."""
    console.share_cores()
    program()
