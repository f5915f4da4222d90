from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from spanwise.cli.judge import app
from spanwise.clients import KEY
from tests.completions import Stub, completion, serving
from tests.extras import needs
from tests.unit.adaptation.examples import store_generator
from tests.unit.tasks.compression.equivalence.writings import SHORTER, SOURCE, made_up

RUN = CliRunner()


def write_pairs(path: Path, *, shorten: bool = True) -> Path:
    rows = []
    for number in range(6):
        source, shorter = made_up(number)
        text = shorter if shorten else source.replace("never ", "")
        rows.append(
            {"id": f"p{number}", "domain": "nl", "kind": "letter", "original": source, "compressed": text}
        )
    rows.append({"id": "c", "domain": "code", "kind": "string", "original": "x = 1", "compressed": "x=1"})
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def write_texts(folder: Path, source: str, output: str) -> list[str]:
    for name, text in (("source.txt", source), ("output.txt", output)):
        (folder / name).write_text(text, encoding="utf-8")
    return [str(folder / "source.txt"), str(folder / "output.txt")]


def test_one_text_is_judged_with_reasons(tmp_path: Path) -> None:
    files = write_texts(tmp_path, SOURCE, SHORTER.replace("must not be", "must be"))
    done = RUN.invoke(app, ["text", *files, "--embedding", "lexical", "--rewritten"])
    assert done.exit_code == 1
    assert "negations: negation lost: 'not'" in done.output
    assert done.output.endswith("not accepted\n")


def test_a_good_text_is_accepted(tmp_path: Path) -> None:
    files = write_texts(tmp_path, SOURCE, SOURCE.replace("Please note that the ", ""))
    done = RUN.invoke(app, ["text", *files, "--embedding", "lexical"])
    assert (done.exit_code, done.output.splitlines()[-1]) == (0, "accepted")


def test_python_is_judged_by_its_tree(tmp_path: Path) -> None:
    good = write_texts(tmp_path, "# one\nx = 1  # more\ny = (x)\n", "x = 1\ny = x")
    assert RUN.invoke(app, ["text", *good, "--python"]).output == "accepted\n"
    done = RUN.invoke(app, ["text", *write_texts(tmp_path, "x = 1 + 2\n", "x = 3"), "--python"])
    assert (done.exit_code, "another tree" in done.output) == (1, True)


def test_a_pass_rate_stands_beside_the_errors_of_the_judge(tmp_path: Path) -> None:
    file = write_pairs(tmp_path / "pairs.jsonl")
    done = RUN.invoke(app, ["pairs", str(file), "--embedding", "lexical", "-o", str(tmp_path / "out.json")])
    assert done.exit_code == 0, done.output
    assert "of 6 (" in done.output
    assert "by a judge that accepts 95" in done.output
    figures = json.loads((tmp_path / "out.json").read_text())
    assert (figures["outputs"], set(figures["scores"])) == (6, {f"p{number}" for number in range(6)})
    assert figures["judge"]["parts"]["all"]["false_accept"] < 0.2


def test_two_compressors_are_compared_on_the_same_prompts(tmp_path: Path) -> None:
    one = write_pairs(tmp_path / "one.jsonl")
    other = write_pairs(tmp_path / "other.jsonl", shorten=False)
    done = RUN.invoke(app, ["compare", str(one), str(other), "--embedding", "lexical", "--rewritten"])
    assert done.exit_code == 0, done.output
    assert "gates_passed" in done.output
    assert "p = " in done.output


def test_other_originals_cannot_be_compared(tmp_path: Path) -> None:
    one = write_pairs(tmp_path / "one.jsonl")
    short = tmp_path / "short.jsonl"
    short.write_text("".join(one.read_text().splitlines(keepends=True)[:2]))
    done = RUN.invoke(app, ["compare", str(one), str(short), "--embedding", "lexical"])
    assert (done.exit_code, "other originals" in done.output) == (1, True)


def test_probes_are_written_with_their_kinds(tmp_path: Path) -> None:
    done = RUN.invoke(
        app, ["probes", str(write_pairs(tmp_path / "pairs.jsonl")), str(tmp_path / "probes.jsonl")]
    )
    assert done.exit_code == 0, done.output
    rows = [json.loads(line) for line in (tmp_path / "probes.jsonl").read_text().splitlines()]
    assert {"faithful", "negation lost", "opposite"} <= {row["kind"] for row in rows} | {"opposite"}
    assert f"negation lost: {sum(row['kind'] == 'negation lost' for row in rows)}" in done.output


def test_a_file_without_prose_is_told(tmp_path: Path) -> None:
    (tmp_path / "none.jsonl").write_text("")
    done = RUN.invoke(app, ["pairs", str(tmp_path / "none.jsonl"), "--embedding", "lexical"])
    assert (done.exit_code, "no pair of prose" in done.output) == (1, True)


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_minilm_embeds_clauses(tmp_path: Path) -> None:
    files = write_texts(tmp_path, SOURCE, SOURCE.replace("Please note that the ", ""))
    done = RUN.invoke(app, ["text", *files])
    assert (done.exit_code, done.output.splitlines()[-1]) == (0, "accepted"), done.output


def test_one_of_two_models_answers_both_prompts(tmp_path: Path) -> None:
    file = write_pairs(tmp_path / "pairs.jsonl")
    for told in ([], ["--url", "http://127.0.0.1:1/v1", "--generator", str(tmp_path)]):
        done = RUN.invoke(app, ["downstream", str(file), *told])
        assert done.exit_code == 1
        assert "one model answers" in done.output


@needs("openai")
def test_answers_of_a_server_are_compared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY, "made-up-key")
    stub = Stub(lambda asked: (200, completion(asked["messages"][0]["content"][:90])))
    file = write_pairs(tmp_path / "pairs.jsonl")
    with serving(stub) as url:
        told = ["downstream", str(file), "--url", url, "--rate", "0.6", "--embedding", "none"]
        done = RUN.invoke(
            app, [*told, "--limit", "5", "--instruction", "Repeat.", "-o", str(tmp_path / "o.json")]
        )
    assert done.exit_code == 0, done.output
    assert len(stub.asked) == 10
    assert done.output.startswith("5 prompts at ")
    assert "; of other prompts " in done.output
    found = json.loads((tmp_path / "o.json").read_text())
    assert set(found["agreements"]) == {"same", "chrf", "facts"}
    assert found["ratio"] < 0.7
    assert SOURCE[:20] not in json.dumps(found)


def test_a_generator_of_ours_answers_too(tmp_path: Path) -> None:
    folder = store_generator(tmp_path / "learner")
    file = write_pairs(tmp_path / "pairs.jsonl")
    told = ["downstream", str(file), "--generator", str(folder), "--max-tokens", "4", "--limit", "2"]
    done = RUN.invoke(app, told)
    assert done.exit_code == 0, done.output
    assert "similarity" in done.output
