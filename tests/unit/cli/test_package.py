"""`spanwise package`: what the command hands on, and what it says; see tests/unit/test_package.py."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from spanwise.cli.package import package
from spanwise.config import Params, load_params

ROOT = Path(__file__).parents[3]
PARTS = (
    "models/learner/config.json",
    "models/calibration.json",
    "reports/model_card.md",
    "data/predictions/a.jsonl",
)
PIPELINE = """
stages:
  all:
    cmd: python all.py
    outs: [models/learner, models/calibration.json, reports/model_card.md, data/predictions]
"""


def run(*words: str) -> None:
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A committed repository with this project's settings, in which all is up to date."""
    root = tmp_path_factory.mktemp("template")
    with pytest.MonkeyPatch.context() as patch:
        for kind in ("GLOBAL", "SYSTEM"):
            patch.setenv(f"DVC_{kind}_CONFIG_DIR", str(tmp_path_factory.mktemp("config")))
        patch.chdir(root)
        for name in PARTS:
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text("{}")
        (root / "dvc.yaml").write_text(PIPELINE)
        shutil.copy(ROOT / "params.yaml", root)
        (root / ".gitignore").write_text("/data\n/models\n/reports\n")
        run("git", "init", "-q", "-b", "main")
        run("git", "config", "user.name", "test")
        run("git", "config", "user.email", "test@example.org")
        run(sys.executable, "-m", "dvc", "init", "-q")
        run(sys.executable, "-m", "dvc", "commit", "-q", "--force")
        run("git", "add", "-A")
        run("git", "commit", "-q", "-m", "reproduced")
        yield root


@pytest.fixture
def repository(template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it, which is the working directory."""
    monkeypatch.chdir(shutil.copytree(template, tmp_path / "repository"))
    return tmp_path / "repository"


def invoke(*arguments: str) -> tuple[int, str]:
    program = typer.Typer()
    program.command()(package)
    result = CliRunner().invoke(program, arguments)
    return result.exit_code, result.output


def test_the_settings_name_task_and_model(repository: Path) -> None:
    code, output = invoke("packages/one")
    assert code == 0, output
    manifest = json.loads(Path("packages/one/package.json").read_text())
    settings = load_params(ROOT / "params.yaml", Params)
    assert (manifest["task"], manifest["model"]) == (settings.task.name, settings.model.name)
    assert output.strip() == f"packages/one: 6 files, from commit {manifest['commit'][:7]}"
    assert not Path("packages/one/predictions").exists()


def test_predictions_are_an_option_that_says_what_they_hold(repository: Path) -> None:
    assert invoke("package", "--with-predictions")[0] == 0
    assert Path("package/predictions/a.jsonl").is_file()
    assert "the documents' text" in " ".join(invoke("--help")[1].replace("│", " ").split())


def test_uncommitted_changes_are_told(repository: Path) -> None:
    (repository / ".gitignore").write_text("/data\n/models\n/reports\n/package\n")
    code, output = invoke("package")
    assert code == 0
    assert "changes that are not committed" in output
    assert json.loads(Path("package/package.json").read_text())["dirty"] is True


def test_what_is_out_of_date_is_an_error(repository: Path) -> None:
    (repository / "models" / "calibration.json").write_text("[]")
    code, output = invoke("package")
    assert code == 1
    assert "error: what would be packaged is out of date: all (models/calibration.json)" in output
    assert not Path("package").exists()
