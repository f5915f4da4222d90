from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from spanwise.doctor.pipeline import examine_corpora, examine_pipeline
from tests.unit.doctor.clones import dvc

CORPUS = "casenotes"


@pytest.fixture
def pinned(root: Path, tmp_path: Path) -> Path:
    """A repository with the embedded corpus alone."""
    (tmp_path / "data" / "pins").mkdir(parents=True)
    shutil.copy(root / "data" / "pins" / f"{CORPUS}.source.json", tmp_path / "data" / "pins")
    shutil.copytree(root / "data" / "corpora" / CORPUS, tmp_path / "data" / "corpora" / CORPUS)
    return tmp_path


def test_a_corpus_as_pinned_is_in_order(pinned: Path) -> None:
    [finding] = examine_corpora(pinned, [CORPUS])
    assert finding.level == "ok"


def test_an_altered_corpus_is_an_error_that_names_its_files(pinned: Path) -> None:
    folder = pinned / "data" / "corpora" / CORPUS
    note = min(path for path in folder.rglob("*.txt") if path.is_file())
    note.write_text("something else")
    [finding] = examine_corpora(pinned, [])
    assert finding.level == "error"
    assert f"{note.relative_to(folder).as_posix()} (altered)" in finding.message


@pytest.mark.parametrize(("needed", "levels"), [([CORPUS], ["warning"]), ([], [])])
def test_a_corpus_that_is_not_here_matters_where_the_settings_name_it(
    pinned: Path, needed: list[str], levels: list[str]
) -> None:
    shutil.rmtree(pinned / "data" / "corpora" / CORPUS)
    assert [finding.level for finding in examine_corpora(pinned, needed)] == levels


def test_a_corpus_that_is_not_pinned_is_an_error(pinned: Path) -> None:
    findings = [each for each in examine_corpora(pinned, ["other"]) if each.level != "ok"]
    assert [each.message for each in findings] == ["the settings name other, which is not pinned"]


def test_a_pipeline_that_has_run_is_in_order(template: Path) -> None:
    assert [finding.level for finding in examine_pipeline(template)] == ["ok"]


def test_changed_code_makes_the_pipeline_out_of_date(clone: Path) -> None:
    with (clone / "train.py").open("a") as file:
        file.write("# more\n")
    [finding] = examine_pipeline(clone)
    assert (finding.level, finding.message) == ("error", "out of date: train (train.py)")
    dvc(clone, "repro", "-q")
    assert [finding.level for finding in examine_pipeline(clone)] == ["ok"]
