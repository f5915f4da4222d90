"""`spanwise predict` on a stored model."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from spanwise.cli import program
from spanwise.learners.tagger import Tagger
from spanwise.schema import Labels
from tests.tiny import TINY

TEXT = "Patient 1 had dry cough\nand took [bold]aspirin[/bold] dailé."


@pytest.fixture(scope="module")
def model(labels: Labels, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models") / "learner"
    Tagger.pretrained(labels, **TINY, seed=2).save(folder)
    calibration = {"method": "platt", "feature": "minimum", "slope": 0.0, "intercept": 0.0, "spans": 9}
    (folder.parent / "calibration.json").write_text(json.dumps(calibration))
    return folder


@pytest.fixture
def notes(tmp_path: Path) -> list[str]:
    for name in ("a", "b"):
        (tmp_path / f"{name}.txt").write_text(f"{name} {TEXT}", newline="")
    return [str(tmp_path / "a.txt"), str(tmp_path / "b.txt")]


def run(model: Path, *arguments: str, input: str | bytes | None = None, raw: bool = False) -> tuple[int, str]:
    confidence = ["--raw"] if raw else ["--calibration", str(model.parent / "calibration.json")]
    backend = ["--backend", "torch", "--threads", "1"]
    result = CliRunner().invoke(
        program, ["predict", "--model", str(model), *backend, *confidence, *arguments], input=input
    )
    return result.exit_code, result.stdout if result.exit_code == 0 else result.output


def test_json_lines_hold_offsets_into_the_original_text(model: Path, notes: list[str]) -> None:
    code, output = run(model, "-f", "jsonl", *notes)
    assert code == 0
    documents = [json.loads(line) for line in output.splitlines()]
    assert [document["id"] for document in documents] == notes
    assert documents[0]["entities"]
    for document, note in zip(documents, notes, strict=True):
        text = Path(note).read_text()
        for entity in document["entities"]:
            assert entity["text"] == text[entity["start"] : entity["end"]]
            assert entity["confidence"] == 0.5  # a calibration of slope 0 makes everything even


def test_a_missing_model_is_told_before_its_calibration(notes: list[str], tmp_path: Path) -> None:
    result = CliRunner().invoke(program, ["predict", "--model", str(tmp_path / "no-model"), notes[0]])
    assert result.exit_code == 1
    assert "no-model: no such folder" in result.output


def test_raw_confidence_needs_no_calibration(model: Path, notes: list[str]) -> None:
    code, output = run(model, "-f", "jsonl", notes[0], raw=True)
    assert code == 0
    assert any(entity["confidence"] != 0.5 for entity in json.loads(output)["entities"])


def test_standard_input_as_a_table_keeps_brackets(model: Path) -> None:
    code, output = run(model, "-", input=TEXT)
    assert code == 0
    assert "stdin" in output
    assert "confidence" in output


def test_brat_to_standard_output(model: Path, notes: list[str]) -> None:
    code, output = run(model, "-f", "brat", notes[0])
    assert code == 0
    assert output.startswith("T1\t")


def test_brat_to_a_folder_can_be_read_as_a_corpus(model: Path, notes: list[str], tmp_path: Path) -> None:
    from spanwise import readers

    code, _ = run(model, "-f", "brat", "-o", str(tmp_path / "out"), *notes)
    assert code == 0
    documents = list(
        readers.read(tmp_path / "out", format="brat", discontinuous="error", overlapping="error")
    )
    assert [getattr(document, "id", document) for document in documents] == ["a", "b"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-f", "brat", "{0}", "{1}"], "need a folder"),
        (["-f", "brat", "../"], "need a folder"),
        (["-f", "parquet", "{0}"], "Parquet needs a file"),
        (["-f", "table", "-o", "out", "{0}"], "a table is for the terminal"),
        (["-f", "conll", "--with-text", "{0}"], "--with-text is for jsonl and parquet"),
        (["-o", "out", "{0}"], "out: its suffix tells no format"),
        (["--engine", "ray", "-"], "the engine ray reads files alone"),
        (["--workers", "2", "{0}"], "the engine local has one worker"),
        (["{0}", "missing.txt"], "missing.txt: no such file"),
    ],
)
def test_what_cannot_be_done_is_said(
    arguments: list[str], message: str, model: Path, notes: list[str], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    code, output = run(model, *(argument.format(*notes) for argument in arguments))
    assert code == 1
    assert message in output
    assert not (tmp_path / "out").exists()


def test_input_that_is_no_text_is_an_error(model: Path) -> None:
    code, output = run(model, "-", input=b"\xff\xfe")
    assert code == 1
    assert "standard input: not UTF-8" in output


def test_a_missing_calibration_names_the_stage_that_makes_it(model: Path, notes: list[str]) -> None:
    result = CliRunner().invoke(
        program, ["predict", "--model", str(model), "--calibration", "nowhere.json", notes[0]]
    )
    assert result.exit_code == 1
    assert "dvc repro confidence" in result.output


def test_a_calibration_is_found_in_the_folder_of_the_model_or_beside_it(
    model: Path, notes: list[str], tmp_path: Path
) -> None:
    def confidences(folder: Path) -> set[float]:
        result = CliRunner().invoke(program, ["predict", "--model", str(folder), "-f", "jsonl", notes[0]])
        assert result.exit_code == 0, result.output
        return {entity["confidence"] for entity in json.loads(result.stdout)["entities"]}

    assert confidences(model) == {0.5}
    package = shutil.copytree(model, tmp_path / "package")
    calibration = json.loads((model.parent / "calibration.json").read_text())
    (package / "calibration.json").write_text(json.dumps(calibration | {"intercept": 50.0}))
    assert confidences(package) == {1.0}
    (tmp_path / "calibration.json").write_text(json.dumps(calibration))
    assert confidences(package) == {1.0}


def test_a_model_without_a_calibration_says_where_one_belongs(
    model: Path, notes: list[str], tmp_path: Path
) -> None:
    alone = shutil.copytree(model, tmp_path / "alone" / "learner")
    result = CliRunner().invoke(program, ["predict", "--model", str(alone), notes[0]])
    assert result.exit_code == 1
    assert f"{alone.parent / 'calibration.json'}: no such calibration" in result.output


def test_annotations_that_are_there_already_are_not_overwritten(
    model: Path, notes: list[str], tmp_path: Path
) -> None:
    gold = tmp_path / "a.ann"
    gold.write_text("T1\tDrug 0 1\ta\n")
    code, output = run(model, "-f", "brat", "-o", str(tmp_path), notes[0])
    assert code == 1
    assert "is there already" in output
    assert gold.read_text() == "T1\tDrug 0 1\ta\n"


def test_a_taken_name_is_told_before_the_model_is_loaded(notes: list[str], tmp_path: Path) -> None:
    arguments = ["-f", "brat", "-o", str(tmp_path), "--raw", "--model", str(tmp_path / "no-model")]
    result = CliRunner().invoke(program, ["predict", *arguments, notes[0]])
    assert result.exit_code == 1
    assert "is there already" in result.output


def test_a_folder_of_texts_becomes_lines_of_json(model: Path, notes: list[str], tmp_path: Path) -> None:
    code, output = run(model, str(tmp_path))
    assert code == 0
    assert [json.loads(line)["id"] for line in output.splitlines()] == notes


def test_lines_of_json_come_from_standard_input(model: Path) -> None:
    lines = json.dumps({"note": 5, "body": TEXT}) + "\n"
    fields = ["--input-format", "jsonl", "--id-field", "note", "--text-field", "body", "--with-text"]
    code, output = run(model, "-", *fields, input=lines)
    assert code == 0
    [document] = map(json.loads, output.splitlines())
    assert (document["id"], document["text"]) == ("5", TEXT)


@pytest.mark.parametrize("name", ["out.jsonl", "out.conll", "out.parquet"])
def test_the_suffix_of_the_output_tells_its_format(
    name: str, model: Path, notes: list[str], tmp_path: Path
) -> None:
    output = tmp_path / name
    assert run(model, "-o", str(output), *notes) == (0, "")
    if name.endswith("parquet"):
        assert pq.read_table(output)["id"].to_pylist() == notes
    else:
        assert output.read_text().startswith({"out.jsonl": '{"id":', "out.conll": "# id = "}[name])
    code, message = run(model, "-o", str(output), *notes)
    assert (code, "is there already" in message) == (1, True)
    assert run(model, "-o", str(output), "--restart", *notes)[0] == 0


def test_a_bad_document_is_reported_and_the_others_are_predicted(
    model: Path, notes: list[str], tmp_path: Path
) -> None:
    bad = tmp_path / "bad.txt"
    bad.write_bytes(b"\xff")
    output = tmp_path / "out.jsonl"
    arguments = ["predict", "--model", str(model), "--raw", "--backend", "torch", "--threads", "1"]
    arguments += ["-o", str(output), notes[0], str(bad), notes[1]]
    result = CliRunner().invoke(program, arguments)
    assert result.exit_code == 0
    first, last = result.stderr.splitlines()
    assert first == f"left out: {bad}: not UTF-8: byte 0 cannot be decoded"
    assert last.startswith("2 documents, ")
    assert ", 1 failures: " in last
    assert [json.loads(line)["id"] for line in output.read_text().splitlines()] == notes
    [error] = map(json.loads, (tmp_path / "out.jsonl.errors.jsonl").read_text().splitlines())
    assert error == {"id": str(bad), "place": str(bad), "reason": "not UTF-8: byte 0 cannot be decoded"}

    result = CliRunner().invoke(program, [*arguments, "--restart", "--strict"])
    assert result.exit_code == 1
    assert f"error: {bad}: not UTF-8" in result.stderr
    assert CliRunner().invoke(program, [*arguments, "--restart", "--quiet"]).stderr == first + "\n"


def test_nothing_but_failures_is_an_error(model: Path, notes: list[str]) -> None:
    code, output = run(model, "--max-characters", "5", *notes)
    assert code == 1
    assert output.count("longer than 5 characters") == 2
    assert "error: no document could be read and predicted" in output


def test_a_document_that_was_named_twice_is_predicted_once(model: Path, notes: list[str]) -> None:
    code, output = run(model, "-f", "jsonl", notes[0], notes[0])
    assert code == 0
    assert len(output.splitlines()) == 1


def test_a_cache_changes_nothing(model: Path, notes: list[str], tmp_path: Path) -> None:
    plain = run(model, "-f", "jsonl", *notes)
    for _ in range(2):
        assert run(model, "-f", "jsonl", "--cache", str(tmp_path / "cache"), *notes) == plain
    assert (tmp_path / "cache").is_dir()


def test_a_backend_that_is_not_calibrated_is_refused(model: Path, notes: list[str]) -> None:
    code, output = run(model, "--backend", "onnx-int8", *notes)
    assert code == 1
    assert "confidence is not calibrated for the backend onnx-int8" in output
