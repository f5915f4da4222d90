"""`spanwise pairs generate` asks, pays and writes; what it wrote down does without a provider afterwards."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from spanwise.cli.pairs import app
from spanwise.readers.document import Document
from spanwise.readers.pairs import read_pairs
from tests.extras import needs
from tests.unit.cli.test_pairs import prose
from tests.unit.pairs.generation.protocols import OPENAI, Asked, Reply, Server, half, serving

pytestmark = needs("anthropic", "diskcache", "google.genai", "openai", "tenacity")


def run(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    with serving(OPENAI, monkeypatch) as made:
        yield made


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = tmp_path / "sources"
    found.mkdir()
    for number in range(10):
        (found / f"m{number}.md").write_text(f"{prose(number)}\n", encoding="utf-8")
    return found


def options(server: Server, folder: Path, *more: object, budget: float = 1.0) -> list[object]:
    return [
        *("generate", folder.parent / "corpus/out.jsonl", "--markdown", folder),
        *("--provider", "openai", "--model", "m-1", "--address", server.address),
        *("--input-price", 2, "--output-price", 10, "--budget", budget),
        *("--cache", folder.parent / "answers", "--max-tokens", 100, *more),
    ]


def test_answers_become_pairs_and_the_cost_is_told(server: Server, folder: Path) -> None:
    record = folder.parent / "gold.jsonl"
    done = run(*options(server, folder, "--record", record, "--temperature", 0, "--concurrency", 2))
    assert done.exit_code == 0, done.output
    assert "openai, m-1: 10 requests, 10 answers, 0 more from" in done.output
    assert "tokens: 3,000 read, 200 written; cost: 0.008" in done.output
    assert "by teacher: llm:openai/m-1@prose-1 10 (100.0%)" in done.output
    output = folder.parent / "corpus/out.jsonl"
    rows = [json.loads(line) for line in output.read_text().splitlines()]
    assert all(row["compressed"] == half(row["original"]) for row in rows)
    assert len([each for each in read_pairs(output.parent) if isinstance(each, Document)]) == 10

    again = run(*options(server, folder, "--temperature", 0, "--format", "chat"))
    assert "0 requests, 0 answers, 10 more from" in again.output
    assert len(server.asked) == 10
    assert json.loads(output.read_text().splitlines()[0])["messages"][0]["role"] == "system"

    offline = folder.parent / "offline.jsonl"
    done = run("generate", offline, "--markdown", folder, "--recorded", record)
    assert done.exit_code == 0, done.output
    assert "by teacher: recorded:gold 10 (100.0%)" in done.output
    assert len(server.asked) == 10


def test_the_budget_stops_and_what_was_paid_is_written(server: Server, folder: Path) -> None:
    done = run(*options(server, folder, budget=0.0085))
    assert done.exit_code == 1
    written = len((folder.parent / "corpus/out.jsonl").read_text().splitlines())
    assert 0 < written == len(server.asked) < 10
    assert f"the budget of 0.0085 stops before {10 - written} of 10 passages" in done.output
    assert f"{10 - written} budget" in done.output
    assert run(*options(server, folder)).exit_code == 0
    assert len(server.asked) == 10


def test_what_fails_is_told_without_text(server: Server, folder: Path) -> None:
    server.reply = lambda asked: server.fail(401)
    done = run(*options(server, folder, "--limit", 1))
    assert done.exit_code == 1
    assert "openai, m-1: AuthenticationError, status 401" in done.output
    assert server.asked[0].user not in done.output
    assert len(server.asked) == 1


def test_answers_that_are_not_fit_are_left_out_by_reason(server: Server, folder: Path) -> None:
    endings = iter(["refused", "truncated"])

    def reply(asked: Asked) -> Reply:
        return server.ended(half(asked.user), next(endings, "whole"))

    server.reply = reply
    done = run(*options(server, folder, "--concurrency", 1))
    assert done.exit_code == 0, done.output
    assert "pairs: 8" in done.output
    assert "1 refused, 1 truncated" in done.output


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "give --provider or --recorded"),
        (("--provider", "openai"), "takes --model, --input-price"),
        (
            ("--provider", "openai", "--model", "m", "--input-price", "1", "--output-price", "1"),
            "takes --cache and --budget",
        ),
        (("--recorded", "a.jsonl", "--provider", "openai"), "neither --provider nor"),
        (("--recorded", "a.jsonl"), "no such file"),
    ],
)
def test_what_is_not_said_in_full_is_an_error(folder: Path, words: tuple[str, ...], message: str) -> None:
    done = run("generate", folder.parent / "out.jsonl", "--markdown", folder, *words)
    assert done.exit_code != 0
    assert message in " ".join(done.output.replace("│", " ").split())
