"""The study of the judge, on made-up letters without a model."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from spanwise.tasks.compression.equivalence.judging import load_record
from studies.judge import main
from tests.unit.tasks.compression.equivalence.writings import made_up

CODE = {
    "id": "c",
    "domain": "code",
    "kind": "math",
    "original": "def f(x: int) -> int:\n    # Add one.\n    result = x + 1\n    return result\n",
    "compressed": "def f(x: int) -> int:\n    return x + 1\n",
    "tests": ["assert f(1) == 2"],
}


def test_the_study_measures_judge_cosine_and_authors(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [CODE]
    for number in range(12):
        source, shorter = made_up(number)
        rows.append(
            {"id": f"p{number}", "domain": "nl", "kind": "x", "original": source, "compressed": shorter}
        )
    (tmp_path / "pairs.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    main(
        tmp_path / "pairs.jsonl",
        tmp_path / "figures.json",
        judge=tmp_path / "judge.json",
        embedding="lexical",
        samples=10,
    )
    found = json.loads((tmp_path / "figures.json").read_text())
    assert found["judge"]["extractive"]["true_accept"] >= 0.95
    assert found["cosine"]["at_0.80"]["threshold"] == 0.8
    assert found["authors"]["anchored"]["passed"] >= found["authors"]["projected"]["passed"]
    assert (found["code"]["accepted"], found["code"]["mutants"]["operator changed"]["rejected"]) == (1, 1)
    assert load_record("lexical", tmp_path / "judge.json").quality["any"]
    assert "| faithful accepted |" in capsys.readouterr().out
