from __future__ import annotations

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from spanwise.cli.anonymise import anonymise
from spanwise.io import read_json

RESUME = """Ada Byrne
12 Baker Street, London NW1 6XE
ada.byrne@post.example
Skills
Python
"""
KEY = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two résumés, one of them broken."""
    (tmp_path / "in" / "sub").mkdir(parents=True)
    (tmp_path / "in" / "CV Ada Byrne.txt").write_text(RESUME)
    (tmp_path / "in" / "sub" / "broken.pdf").write_bytes(b"%PDF-1.7")
    (tmp_path / "in" / "notes.csv").write_text("Ada Byrne")
    return tmp_path


def _run(*arguments: object, key: str = KEY) -> Result:
    app = typer.Typer()
    app.command()(anonymise)
    return CliRunner().invoke(app, [str(each) for each in arguments], env={"SPANWISE_PII_KEY": key})


def test_a_folder_becomes_a_folder_without_names(folder: Path) -> None:
    result = _run(folder / "in", "-o", folder / "out")
    assert result.exit_code == 0, result.output
    assert sorted(path.name for path in (folder / "out").iterdir()) == ["anonymise.json", "document-0001.txt"]
    assert (
        (folder / "out" / "document-0001.txt")
        .read_text()
        .startswith("[PERSON_1]\n[STREET_ADDRESS_1], London")
    )


def test_a_bad_file_is_reported_and_counted(folder: Path) -> None:
    result = _run(folder / "in", "-o", folder / "out")
    assert "left out" in result.output
    assert "1 documents masked at basic, 4 mentions; 1 left out." in result.output
    report = read_json(folder / "out" / "anonymise.json")
    assert sum(report["left_out"].values()) == 1
    assert "Byrne" not in str(report)


def test_nothing_but_bad_files_is_an_error(folder: Path) -> None:
    assert _run(folder / "in" / "sub", "-o", folder / "out").exit_code == 1


@pytest.mark.parametrize("format", ["json", "docx", "pdf"])
def test_the_format_is_chosen(folder: Path, format: str) -> None:
    assert _run(folder / "in" / "CV Ada Byrne.txt", "-o", folder / "out", "-f", format).exit_code == 0
    assert (folder / "out" / f"document-0001.{format}").is_file()


def test_html_is_a_page_with_the_originals_and_says_so(folder: Path) -> None:
    result = _run(folder / "in", "-o", folder / "out", "-f", "html")
    assert result.exit_code == 0, result.output
    assert "shows 1 originals" in result.output
    assert "Ada Byrne" in (folder / "out" / "before_after.html").read_text()


def test_html_of_bad_files_alone_is_an_error(folder: Path) -> None:
    assert _run(folder / "in" / "sub", "-o", folder / "out", "-f", "html").exit_code == 1


@pytest.mark.parametrize("level", ["basic", "moderate"])
def test_a_vault_brings_the_originals_back(folder: Path, level: str) -> None:
    vault = folder / "vault.json"
    masked = _run(folder / "in", "-o", folder / "out", "--level", level, "--vault", vault)
    assert masked.exit_code == 0, masked.output
    result = _run(folder / "out", "-o", folder / "back", "--restore", "--vault", vault)
    assert result.exit_code == 0, result.output
    assert (folder / "back" / "document-0001-CV Ada Byrne.txt").read_text() == RESUME


def test_a_changed_output_is_not_restored(folder: Path) -> None:
    vault = folder / "vault.json"
    _run(folder / "in", "-o", folder / "out", "--vault", vault)
    (folder / "out" / "document-0001.txt").write_text("other")
    result = _run(folder / "out", "-o", folder / "back", "--restore", "--vault", vault)
    assert result.exit_code == 1
    assert "was changed" in result.output


def test_files_that_the_vault_does_not_know_are_refused(folder: Path) -> None:
    vault = folder / "vault.json"
    _run(folder / "in", "-o", folder / "out", "--vault", vault)
    assert _run(folder / "in", "-o", folder / "back", "--restore", "--vault", vault).exit_code == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--level", "moderate"), "need a key"),
        (("--vault", "vault.json"), "need a key"),
        (("--restore",), "needs the vault"),
    ],
)
def test_without_a_key_nothing_that_needs_one_is_done(
    folder: Path, arguments: tuple[str, ...], message: str
) -> None:
    result = _run(folder / "in", "-o", folder / "out", *arguments, key="")
    assert result.exit_code == 1
    assert message in result.output


def test_thorough_keeps_no_vault(folder: Path) -> None:
    result = _run(folder / "in", "-o", folder / "out", "--level", "thorough", "--vault", folder / "v.json")
    assert result.exit_code == 1
    assert not (folder / "v.json").exists()


def test_a_vault_is_not_put_into_the_output(folder: Path) -> None:
    result = _run(folder / "in", "-o", folder / "out", "--vault", folder / "out" / "v.json")
    assert "handed out" in result.output


def test_the_same_person_has_one_stand_in_in_a_run_if_wanted(folder: Path) -> None:
    (folder / "in" / "second.txt").write_text(RESUME + "Java\n")
    _run(folder / "in", "-o", folder / "out", "--level", "moderate", "--scope", "run")
    names = {path.read_text().split("\n")[0] for path in (folder / "out").glob("*.txt")}
    assert len(names) == 1
    _run(folder / "in", "-o", folder / "apart", "--level", "moderate")
    assert len({path.read_text().split("\n")[0] for path in (folder / "apart").glob("*.txt")}) == 2


def test_the_same_run_gives_the_same_bytes(folder: Path) -> None:
    for name in ("one", "two"):
        _run(folder / "in", "-o", folder / name, "--level", "moderate", "-f", "pdf")
    first, second = ((folder / name / "document-0001.pdf").read_bytes() for name in ("one", "two"))
    assert first == second


@pytest.mark.parametrize("name", ["missing", "empty"])
def test_nothing_to_read_is_an_error(folder: Path, name: str) -> None:
    (folder / "empty").mkdir()
    assert _run(folder / name, "-o", folder / "out").exit_code == 1


def test_a_folder_without_a_model_is_an_error(folder: Path) -> None:
    result = _run(folder / "in", "-o", folder / "out", "--model", folder)
    assert "holds no model" in result.output
