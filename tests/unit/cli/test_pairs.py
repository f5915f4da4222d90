"""`spanwise pairs` writes what the reader of pairs takes, and says what it left out."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from spanwise.cli.pairs import app
from spanwise.readers.chat import read_chat
from spanwise.readers.document import Document
from spanwise.readers.pairs import read_pairs
from tests.extras import needs


def prose(seed: int) -> str:
    """A paragraph that is no near-copy of another one."""
    draw = random.Random(seed)
    nonsense = ["".join(draw.choices("abcdefghij", k=4)) for _ in range(20)]
    filler = "It was really very simple, and of course the settings are in the file."
    return f"Please note that it is {' '.join(nonsense)}. {filler}"


def run(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    folder = tmp_path / "sources"
    folder.mkdir()
    for number in range(10):
        sum_, each = f"sum{number}", f"value{number}"
        loop = f"    for {each} in values:\n        {sum_} += {each} * {sum_}\n"
        code = f"    # From {number}.\n    {sum_} = {number}\n{loop}    return ({sum_})\n"
        (folder / f"m{number}.py").write_text(
            f'def f{number}(values):\n    """{prose(number)}"""\n{code}', encoding="utf-8"
        )
        (folder / f"m{number}.md").write_text(f"# Title\n\n{prose(number + 10)}\n", encoding="utf-8")
    return folder


def test_pairs_are_loaded_divided_and_read_back(sources: Path, tmp_path: Path) -> None:
    output = tmp_path / "corpus" / "pairs.jsonl"
    options = ["--python", sources, "--markdown", sources, "--docstrings", sources]
    done = run("load", output, *options)
    assert done.exit_code == 0, done.output
    assert "by domain: code 10 (33.3%), prose 20 (66.7%)" in done.output
    assert "by teacher: ast:layout 10 (33.3%), rules 20 (66.7%)" in done.output
    assert "10 heading" in done.output
    rows = [json.loads(line) for line in output.read_text().splitlines()]
    assert {row["split"] for row in rows} == {"train", "validation", "test"}
    documents = [each for each in read_pairs(output.parent) if isinstance(each, Document)]
    assert len(documents) == 30
    again = tmp_path / "again.jsonl"
    run("load", again, *options)
    assert again.read_bytes() == output.read_bytes()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ((), "give --python, --code"),
        (("--python", "none"), "no such folder"),
        (("--markdown", "sources", "--level", "most", "--python", "sources"), "no level 'most'"),
        (("--python", "sources", "--python", "sources"), "a second folder called sources"),
        (("--python", "empty"), "nothing to learn from"),
    ],
)
def test_what_cannot_be_loaded_is_an_error(
    sources: Path, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...], message: str
) -> None:
    monkeypatch.chdir(sources.parent)
    Path("empty").mkdir()
    done = run("load", "out.jsonl", *options)
    assert done.exit_code != 0
    assert message in " ".join(done.output.split())
    assert not Path("out.jsonl").exists()


def test_unfit_pairs_are_an_error_or_left_out(tmp_path: Path) -> None:
    path, output = tmp_path / "pairs.jsonl", tmp_path / "fit.jsonl"
    text = prose(1)
    rows = [
        {"id": "a", "domain": "nl", "kind": "k", "original": text, "compressed": text[:90]},
        {"id": "b", "domain": "nl", "kind": "k", "original": text, "compressed": "<think>" + text[:90]},
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    done = run("check", path)
    assert done.exit_code == 1
    assert "left out: 1 artefact" in done.output
    assert "1 of 2 pairs are not fit" in done.output
    done = run("check", path, "-o", output)
    assert done.exit_code == 0, done.output
    assert [json.loads(line)["id"] for line in output.read_text().splitlines()] == ["a"]
    assert run("check", output, "--tokenizer", "words").exit_code == 0


@needs("tree_sitter", "tree_sitter_javascript")
def test_other_languages_are_loaded_by_their_grammars(sources: Path, tmp_path: Path) -> None:
    loop = "  for (const each of values) {\n    total += each * each; // squared, as %d\n  }\n"
    for number in range(10):
        body = f"  let total = {number};\n{loop % number}  return total + x{number};\n"
        (sources / f"m{number}.js").write_text(f"function f{number}(values) {{\n{body}}}\n")
    output = tmp_path / "code.jsonl"
    done = run("load", output, "--code", sources)
    assert done.exit_code == 0, done.output
    assert "by language: javascript 10" in done.output
    assert "by teacher: tree-sitter:comments 10" in done.output
    assert "squared" not in json.loads(output.read_text().splitlines()[0])["compressed"]


@needs("py3langid")
def test_pairs_are_written_as_conversations_and_checked_as_such(sources: Path, tmp_path: Path) -> None:
    output = tmp_path / "chat" / "chat.jsonl"
    done = run("load", output, "--markdown", sources, "--format", "chat", "--python", sources)
    assert done.exit_code == 0, done.output
    rows = [json.loads(line) for line in output.read_text().splitlines()]
    assert {tuple(turn["role"] for turn in row["messages"]) for row in rows} == {
        ("system", "user", "assistant")
    }
    assert len([each for each in read_chat(output.parent) if isinstance(each, Document)]) == len(rows)
    assert f"pairs: {len(rows)}" in done.output
    assert run("check", output, "--format", "chat").exit_code == 0
    output.write_text(output.read_text() + "{no JSON\n")
    done = run("check", output, "--format", "chat")
    assert done.exit_code == 1
    assert f"1 of {len(rows) + 1} conversations are not fit" in done.output
    assert "1 structure" in done.output
