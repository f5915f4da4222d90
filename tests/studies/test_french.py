"""The study of French texts, on the protocols that ship with the project."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from studies.french import main, read


def test_questions_and_answers_of_one_language_are_read(tmp_path: Path) -> None:
    rows = [
        {
            "id": "a",
            "lang": "fr",
            "text": "Il ne faut pas ouvrir la vanne avant la visite du médecin de garde.",
        },
        {"id": "b", "lang": "en", "text": "Do not open the valve."},
        {"id": "c", "lang": "fr", "text": "Non."},
        {
            "id": "d",
            "lang": "fr",
            "messages": [{"role": "system", "content": "x" * 80}, {"role": "user", "content": "y" * 80}],
        },
    ]
    (tmp_path / "texts.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    assert [name for name, _ in read(tmp_path / "texts.jsonl", "fr")] == ["a/0", "d/0"]


def test_figures_stand_by_corpus_and_language(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = (root / "data" / "corpora" / "protocols" / "protocols.jsonl").read_text("utf-8").splitlines()
    few = tmp_path / "few.jsonl"
    few.write_text("\n".join(lines[:4] + lines[-4:]) + "\n", encoding="utf-8")
    main([few, tmp_path / "figures.json"], tokenizer="words", embedding="lexical", samples=5, seed=13)
    found = json.loads((tmp_path / "figures.json").read_text())
    assert {"few/fr"} <= set(found) <= {"few/fr", "few/en"}
    for figures in found.values():
        assert figures["compressed"]["0.62"]["gate_failures"] == 0
        assert figures["judged"]["true_accept"] > 0.8
    assert "few/fr: " in capsys.readouterr().out
