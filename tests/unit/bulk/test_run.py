"""A run: whatever happens to it, the bytes are those of one that nothing happened to."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from spanwise.bulk import chunks
from spanwise.bulk import run as run_module
from spanwise.bulk.documents import Failure
from spanwise.bulk.formats import Format
from spanwise.bulk.journal import Files, Progress
from spanwise.bulk.run import Run, check_free, settings_of, to_file, to_stream
from spanwise.calibration import Calibration
from spanwise.errors import UserError
from tests.unit.bulk.made import write_lines

BAD = ["secret", '{"id": "n0", "text": "x"}']
RunOf = Callable[..., Run]


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "DOCUMENTS", 4)


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    return write_lines(tmp_path / "notes.jsonl", 10, BAD)


def finished(
    run: Run, output: Path, *, inputs: str | None = "i", restart: bool = False
) -> tuple[int, Progress]:
    return to_file(run, output, inputs=inputs, restart=restart, begun=lambda _: None)


class Killed(Exception):
    """Stands for a kill: nothing is done behind it."""


def killing(after: int) -> Callable[[int], None]:
    """Raises once so many chunks are on the disk."""
    done: list[int] = []

    def advance(items: int) -> None:
        done.append(items)
        if len(done) == after:
            raise Killed

    return advance


def content(output: Path) -> dict[str, bytes]:
    """All files of an output, by their names."""
    found = sorted(path for path in output.parent.rglob("*") if path.is_file())
    return {path.relative_to(output.parent).as_posix(): path.read_bytes() for path in found}


def test_a_stream_gets_each_chunk_and_failures_are_reported(run_of: RunOf, notes: Path) -> None:
    written: list[str] = []
    reported: list[Failure] = []
    advanced: list[int] = []
    progress = to_stream(run_of(notes, report=reported.append, advance=advanced.append), written.append)
    assert [len(lines.splitlines()) for lines in written] == [4, 4, 2]
    assert advanced == [4, 4, 4]
    assert [failure.place for failure in reported] == [f"{notes}:11", f"{notes}:12"]
    assert (progress.items, progress.failures, progress.entities > 0) == (12, 2, True)


@pytest.mark.parametrize("format", ["jsonl", "conll", "brat", "parquet"])
@pytest.mark.parametrize("after", [1, 2, 3])
def test_a_run_that_was_killed_and_goes_on_gives_the_same_bytes(
    format: Format, after: int, run_of: RunOf, notes: Path, tmp_path: Path
) -> None:
    run = run_of(notes, job=replace(run_of(notes).job, format=format))
    whole, resumed = tmp_path / "whole/out", tmp_path / "resumed/out"
    finished(run, whole)
    with pytest.raises(Killed):
        finished(replace(run, advance=killing(after)), resumed)
    assert not resumed.exists()
    with Files(resumed).part.open("ab") as file:
        file.write(b"what was being written")
    before, progress = finished(run, resumed)
    assert before == 4 * after
    assert (progress.items, progress.failures) == (12, 2)
    assert content(resumed) == content(whole)
    assert "out.errors.jsonl" in content(whole)
    assert not any(name.endswith((".part", ".journal", ".lock")) for name in content(whole))


def test_failures_are_listed_without_their_text(run_of: RunOf, notes: Path, tmp_path: Path) -> None:
    finished(run_of(notes), tmp_path / "out.jsonl")
    errors = (tmp_path / "out.jsonl.errors.jsonl").read_text()
    assert "secret" not in errors
    found = [json.loads(line) for line in errors.splitlines()]
    assert [(entry["id"], entry["place"]) for entry in found] == [
        (None, f"{notes}:11"),
        ("n0", f"{notes}:12"),
    ]
    assert all(entry["reason"] for entry in found)


def test_the_errors_of_an_earlier_run_do_not_stay(run_of: RunOf, notes: Path, tmp_path: Path) -> None:
    output = tmp_path / "out.jsonl"
    finished(run_of(notes), output)
    write_lines(notes, 3)
    finished(run_of(notes), output, restart=True)
    assert not Files(output).errors.exists()
    assert len(output.read_text().splitlines()) == 3


def test_a_strict_run_ends_at_the_first_failure(run_of: RunOf, notes: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"notes.jsonl:11: not valid JSON"):
        finished(run_of(notes, strict=True), tmp_path / "out.jsonl")
    assert not (tmp_path / "out.jsonl").exists()


@pytest.mark.parametrize("kept", [(".part", ".errors.part"), (".errors.part",), ()])
def test_a_kill_at_the_end_leaves_what_the_next_run_ends(
    kept: tuple[str, ...], run_of: RunOf, notes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lines are renamed, then the errors, then the journal goes: it may end before each of these."""
    whole, output = tmp_path / "whole/out.jsonl", tmp_path / "killed/out.jsonl"
    finished(run_of(notes), whole)

    def killed(format: str, part: Path, output: Path) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(run_module, "finish", killed)
        with pytest.raises(Killed):
            finished(run_of(notes), output)
    files = Files(output)
    if ".part" not in kept:
        files.part.replace(output)
    if ".errors.part" not in kept:
        files.errors_part.replace(files.errors)
    assert finished(run_of(notes), output)[0] == 12
    assert content(output) == content(whole)


def test_a_run_with_other_settings_does_not_go_on_but_can_begin_anew(
    run_of: RunOf, notes: Path, tmp_path: Path
) -> None:
    output = tmp_path / "out.jsonl"
    with pytest.raises(Killed):
        finished(run_of(notes, advance=killing(2)), output)
    other = run_of(notes, job=replace(run_of(notes).job, with_text=True))
    with pytest.raises(UserError, match=r"was begun with with_text False \(now True\)"):
        finished(other, output)
    before, _ = finished(other, output, restart=True)
    assert before == 0
    assert all("text" in json.loads(line) for line in output.read_text().splitlines())


def test_inputs_that_cannot_be_read_again_begin_anew(run_of: RunOf, notes: Path, tmp_path: Path) -> None:
    output = tmp_path / "out.jsonl"
    with pytest.raises(Killed):
        finished(run_of(notes, advance=killing(2)), output, inputs=None)
    assert finished(run_of(notes), output, inputs=None)[0] == 0


def test_what_is_there_already_is_not_overwritten(run_of: RunOf, notes: Path, tmp_path: Path) -> None:
    output = tmp_path / "out.jsonl"
    output.write_text("precious")
    with pytest.raises(UserError, match="is there already"):
        finished(run_of(notes), output)
    assert output.read_text() == "precious"
    finished(run_of(notes), output, restart=True)
    assert len(output.read_text().splitlines()) == 10


def test_a_folder_is_free_for_brat_alone_and_while_it_is_empty(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    check_free(tmp_path / "out", "brat", restart=False)
    with pytest.raises(UserError, match="is a folder"):
        check_free(tmp_path / "out", "jsonl", restart=True)
    (tmp_path / "out/a.ann").touch()
    with pytest.raises(UserError, match="is there already"):
        check_free(tmp_path / "out", "brat", restart=False)


def test_the_engine_does_not_change_the_run_but_the_calibration_does(run_of: RunOf, notes: Path) -> None:
    run = run_of(notes)
    assert settings_of(run) == settings_of(replace(run, engine="process", workers=4))
    even = Calibration(method="platt", feature="minimum", slope=0.0, intercept=0.0, spans=9)
    assert settings_of(run) != settings_of(replace(run, job=replace(run.job, calibration=even)))


def test_ray_does_not_read_standard_input(run_of: RunOf) -> None:
    with pytest.raises(UserError, match="reads files alone"):
        run_of("-", engine="ray")


def test_no_documents_give_an_empty_file(run_of: RunOf, tmp_path: Path) -> None:
    empty = tmp_path / "in.jsonl"
    empty.touch()
    assert finished(run_of(empty), tmp_path / "out.jsonl") == (0, Progress(complete=True))
    assert (tmp_path / "out.jsonl").read_bytes() == b""
