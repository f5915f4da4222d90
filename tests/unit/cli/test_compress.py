"""`spanwise compress` on small prompts."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from spanwise import console
from spanwise.cli.compress import compress
from spanwise.schema import Labels
from tests.tiny import MINILM, TINY
from tests.unit.adaptation.examples import store_generator

app = console.app("Compress.")
app.command()(compress)

PROMPT = "Please note that the meeting on 3 May will not be moved to another day.\n"


def run(*words: object, given: bytes | None = None) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words], input=given)


@pytest.fixture
def prompt(tmp_path: Path) -> Path:
    path = tmp_path / "prompt.txt"
    path.write_text(PROMPT, encoding="utf-8")
    return path


def test_the_shorter_prompt_goes_to_standard_output(prompt: Path) -> None:
    done = run(prompt, "--rate", 0.6)
    assert done.exit_code == 0, done.output
    assert "3 May will not" in done.stdout
    assert len(done.stdout.split()) <= 0.6 * len(PROMPT.split())
    assert "by rules" in done.stderr


def test_a_prompt_may_come_from_standard_input(prompt: Path) -> None:
    assert run("-", "-q", given=PROMPT.encode()).stdout == run(prompt, "-q").stdout


def test_quiet_is_quiet(prompt: Path) -> None:
    assert run(prompt, "-q").stderr == ""


def test_json_has_counts_by_tokenizer_and_money(prompt: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    words = ("--max-tokens", 20, "--tokenizer", MINILM, "--tokenizer", "characters", "--price", 2)
    done = run(prompt, *words, "-f", "json", "-o", out)
    assert done.exit_code == 0, done.output
    found = json.loads(out.read_text(encoding="utf-8"))
    assert list(found["tokens"]) == ["characters", MINILM]
    counts = found["tokens"]["characters"]
    assert counts == {
        "before": len(PROMPT),
        "after": len(found["text"]),
        "saved": (len(PROMPT) - len(found["text"])) * 2 / 1e6,
    }
    assert "".join(PROMPT[start:end] for start, end in found["kept"]) == found["text"]
    assert "saves" in done.stderr


def test_a_purpose_is_a_rate(prompt: Path) -> None:
    counts = [
        len(run(prompt, "--purpose", name, "-q").stdout.split())
        for name in ("question", "document", "memory")
    ]
    assert counts == sorted(counts, reverse=True)
    assert counts[0] > counts[2]


def test_a_page_shows_both(prompt: Path, tmp_path: Path) -> None:
    assert run(prompt, "--diff", tmp_path / "diff.html", "-q").exit_code == 0
    assert "<del>Please note that the </del>" in (tmp_path / "diff.html").read_text(encoding="utf-8")


def test_a_model_decides_instead(prompt: Path, tmp_path: Path) -> None:
    from spanwise.learners.tagger import Tagger

    labels = Labels(id2tag=("O", "B-DROP", "I-DROP"), tiers={"DROP": "all"})
    Tagger.pretrained(labels, **TINY, seed=13).save(tmp_path / "learner")
    done = run(prompt, "--model", tmp_path / "learner", "--backend", "torch", "--rate", 0.6)
    assert done.exit_code == 0, done.output
    assert "by learner (torch)" in done.stderr


def test_where_a_generator_writes_nonsense_words_are_dropped_instead(prompt: Path, tmp_path: Path) -> None:
    folder = store_generator(tmp_path / "learner")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sys.modules["spanwise.cli.compress"], "LONGEST", 8)
        done = run(prompt, "--generator", folder, "--rate", 0.6)
    assert done.exit_code == 0, done.output
    assert "by rules" in done.stderr
    assert done.stdout == run(prompt, "--rate", 0.6).stdout


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["nowhere.txt"], "no such file"),
        (["-", "--rate", "0.5", "--purpose", "memory"], "--purpose"),
        (["-", "--rate", "2"], "rate"),
        (["-", "--tokenizer", "nowhere.json"], "tokenizer"),
        (["-", "--model", "nowhere"], "no such folder"),
    ],
)
def test_what_cannot_be_done_is_an_error(words: list[str], message: str) -> None:
    done = run(*words, given=PROMPT.encode())
    assert done.exit_code == 1
    assert message in done.stderr


def test_standard_input_must_be_text() -> None:
    done = run("-", given=b"\xff\xfe")
    assert done.exit_code == 1
    assert "UTF-8" in done.stderr
