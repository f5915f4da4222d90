"""Deployments to serve: versions of one model, each of which says in its answers which it is."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import yaml

from spanwise import __version__
from spanwise.deployment import Deployment, Registered, Version, version_folder, write_deployment
from spanwise.io import write_json
from spanwise.package import CALIBRATION, MANIFEST, Manifest, digests

TASK = "casenotes"
LEFT_OUT = shutil.ignore_patterns("model.safetensors", "model.onnx")  # the int8 graph alone is served


def threshold_of(number: int) -> float:
    """What the answers of a version give as their threshold: no two versions have the same."""
    return round(0.8 + number / 1000, 3)


def package(repository: Path, folder: Path, number: int) -> Version:
    """A package of the model of a repository, as `spanwise package` lays it out, with the int8 graph alone.

    Args:
        repository: Holds `models/learner`, `models/calibration.json` and `params.yaml`.
        folder: Where to.
        number: Of the version; see `threshold_of`.
    """
    shutil.copytree(repository / "models" / "learner", folder, ignore=LEFT_OUT)
    shutil.copyfile(repository / "models" / CALIBRATION, folder / CALIBRATION)
    shutil.copyfile(repository / "params.yaml", folder / "params.yaml")
    write_json(
        folder / "metrics" / "confidence.json", {"test": {"automation": {"threshold": threshold_of(number)}}}
    )
    settings = yaml.safe_load((folder / "params.yaml").read_text(encoding="utf-8"))
    manifest = Manifest(
        spanwise=__version__,
        task=TASK,
        model=str(settings["model"]["name"]),
        commit=f"{number:040x}",
        dirty=False,
        files=digests(folder),
    )
    write_json(folder / MANIFEST, manifest.model_dump())
    return Version(
        task=TASK,
        kind="ner",
        model=manifest.model,
        commit=manifest.commit,
        registered=datetime(2026, 1, 1, tzinfo=UTC),
        files=digests(folder),
    )


def deploy(repository: Path, folder: Path, versions: int = 1) -> None:
    """Versions v1.0.0, v1.1.0 and so on of the model of a repository; the first is in production."""
    made = {
        f"v1.{number}.0": package(repository, version_folder(folder, TASK, f"v1.{number}.0"), number)
        for number in range(versions)
    }
    write_deployment(folder, Deployment(models={TASK: Registered(versions=made, stages={"prod": "v1.0.0"})}))


def promote(folder: Path, deployment: Deployment, version: str) -> None:
    """Put a version into production, as a promotion or a rollback does: one file is replaced."""
    stages = {**deployment.models[TASK].stages, "prod": version}
    model = deployment.models[TASK].model_copy(update={"stages": stages})
    write_deployment(folder, deployment.model_copy(update={"models": {TASK: model}}))
