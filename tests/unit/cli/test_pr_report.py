"""`spanwise pr-report` in git histories of its own."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from spanwise import console
from spanwise.cli.pr_report import pr_report
from tests.histories import History

pytestmark = pytest.mark.usefixtures("settings_of_its_own")

app = console.app("Report.")
app.command()(pr_report)


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A base, and a branch with a better and slower model."""
    history = History(tmp_path_factory.mktemp("history"))
    history.begin()
    history.results(found=8)
    history.commit()
    history.run("git", "checkout", "-q", "-b", "change")
    history.results(found=9, latency=150.0, settings={"train": {"rate": 0.2}})
    history.commit()
    return history.root


@pytest.fixture
def history(changed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> History:
    root = shutil.copytree(changed, tmp_path / "repository")
    monkeypatch.delenv("DVC_ROOT", raising=False)
    monkeypatch.chdir(root)
    return History(root)


def invoke(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


def test_the_body_is_printed(history: History) -> None:
    done = invoke()
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("## What this change does\n")
    assert "where it branched off from `main`" in done.stdout
    assert "3 figures are better: micro-F1, macro-F1 and F1, low tier" in done.stdout
    assert "latency by `torch`, ms | 100 | 150 |" in done.stdout
    assert "| `train.rate` | 0.1 | 0.2 | +0.1 |" in done.stdout
    assert done.stderr == ""


def test_the_body_and_its_plots_are_written(history: History) -> None:
    done = invoke(
        "main", "change", "-o", "out/body.md", "--plots", "out/plots", "--report-url", "https://e.org/1"
    )
    assert done.exit_code == 0, done.output
    body = (history.root / "out" / "body.md").read_text(encoding="utf-8")
    assert "![plots/score.csv](plots/plots-score-csv.png)" in body
    assert (history.root / "out" / "plots" / "plots-score-csv.png").is_file()
    assert "[The report of this change](https://e.org/1)." in body
    assert done.stdout.endswith("characters: out/body.md\n")


def test_changes_that_are_not_committed_are_named_and_left_out(history: History) -> None:
    history.write({"metrics/evaluate.json": "{}"})
    done = invoke()
    assert "There are uncommitted changes, which are not part of the report." in done.stderr
    assert "micro-F1" in done.stdout


def test_a_lock_that_is_not_up_to_date_is_the_first_thing_told(history: History) -> None:
    history.write({"stages/evaluate.py": "# otherwise\n"})
    history.commit()
    done = invoke()
    assert done.exit_code == 0
    assert "> - `evaluate`: `stages/evaluate.py modified`\n> - behind them: `confidence`" in done.stdout


def test_it_works_in_a_clone_without_data(
    history: History, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    history.run("git", "clone", "-q", "--branch", "change", str(history.root), str(tmp_path / "clone"))
    monkeypatch.chdir(tmp_path / "clone")
    done = invoke("origin/main")
    assert done.exit_code == 0, done.output
    assert "The lock is up to date" in done.stdout
    assert "Nothing is tested without the predictions of `base` and `change`: `dvc fetch" in done.stdout


def test_an_unknown_base_is_refused(history: History) -> None:
    done = invoke("nothing")
    assert done.exit_code == 1
    assert "nothing is neither a revision nor an experiment" in done.stderr


def test_settings_that_are_missing_are_told(history: History) -> None:
    done = invoke("--params", "other.yaml")
    assert done.exit_code == 1
    assert "other.yaml" in done.stderr


@pytest.mark.usefixtures("without_dvc")
def test_without_dvc_the_way_to_get_it_is_told(history: History) -> None:
    done = invoke()
    assert done.exit_code == 1
    assert "this takes DVC" in done.stderr
