"""`spanwise inventory`: a folder in, a page and JSON out, and no name on the terminal."""

from __future__ import annotations

from pathlib import Path

import typer
from typer.testing import CliRunner, Result

from spanwise.cli.inventory import inventory
from spanwise.io import read_json


def run(*words: object) -> Result:
    program = typer.Typer()
    program.command()(inventory)
    return CliRunner().invoke(program, list(map(str, words)))


def test_a_folder_becomes_a_page_and_json(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for name in ("ana torres.txt", "ana torres again.txt"):
        (tmp_path / "in" / name).write_text("Ana Torres, engineer of harbours")
    (tmp_path / "in" / "photo.pdf").write_bytes(b"\x89PNG")
    result = run(tmp_path / "in", "--output", tmp_path / "out", "--no-cross-check")
    assert result.exit_code == 0
    assert result.output.startswith(
        "3 documents: 2 read, 1 not; 1 exact copy, 0 near copies; 0 hidden or linked"
    )
    assert "ana" not in result.output.replace(str(tmp_path), "")
    assert len(read_json(tmp_path / "out" / "inventory.json")["documents"]) == 3
    assert (tmp_path / "out" / "inventory.html").is_file()


def test_an_empty_folder_is_an_error_without_traceback(tmp_path: Path) -> None:
    result = run(tmp_path)
    assert result.exit_code == 1
    assert "holds no document" in result.output
