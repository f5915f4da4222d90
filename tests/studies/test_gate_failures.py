"""The study of what compression loses of made-up prompts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from studies.gate_failures import lost, main
from studies.made_prompts import Made, made


def test_prompts_come_from_their_number_and_seed_alone() -> None:
    assert made(3, 13) == made(3, 13)
    assert len({made(number, 13).text for number in range(40)}) == 40
    assert made(3, 13) != made(3, 14)
    assert {made(number, 13).language for number in range(40)} == {"en", "fr"}


def test_what_is_planted_is_marked_by_its_place() -> None:
    for number in range(40):
        prompt = made(number, 13)
        assert "⟨" not in prompt.text
        assert prompt.planted
        pieces = [prompt.text[start:end] for start, end in prompt.planted]
        assert all(piece == piece.strip() and piece for piece in pieces)
    assert any("```" in prompt.text for prompt in (made(number, 13) for number in range(40)))


def test_a_piece_counts_as_lost_where_one_character_of_it_is() -> None:
    prompt = Made("do not open it", "en", ((3, 6), (7, 11)))
    assert lost(prompt, [(0, 14)]) == 0
    assert lost(prompt, [(0, 5), (7, 14)]) == 1
    assert lost(prompt, []) == 2


@pytest.mark.parametrize("workers", [1, 2])
def test_nothing_is_lost_of_the_first_prompts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], workers: int
) -> None:
    main(tmp_path / "figures.json", prompts=8, rate=0.62, tokenizer="words", workers=workers, seed=13)
    found = json.loads((tmp_path / "figures.json").read_text())
    assert found["at_fault"] == []
    assert found["all"]["gate_failures"] == found["all"]["planted_lost"] == 0
    assert found["all"]["prompts"] == sum(each["prompts"] for each in found["languages"].values()) == 8
    assert found["all"]["mean_ratio"] <= 0.62
    assert "8 prompts at rate 0.62" in capsys.readouterr().out
