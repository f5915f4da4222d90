from __future__ import annotations

import pytest

from spanwise.tasks.compression.rules import score_by_rules


def dropped(text: str) -> list[str]:
    [found] = score_by_rules([text])
    return [text[start:end] for (start, end), keep in zip(found.words, found.keep, strict=True) if keep < 0.5]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Please note that rain falls.", ["Please", "note", "that"]),
        ("We came in order to help.", ["in", "order", "to"]),
        ("rather than this one", ["this"]),
        ("Veuillez noter que vous partez.", ["Veuillez", "noter", "que"]),
        ("S\u2019il vous plaît, partez.", ["S", "\u2019", "il", "vous", "plaît"]),
        ("The cat.", ["The"]),
        ("so-called thenceforth", []),
        ("", []),
    ],
)
def test_fillers_and_articles_go_first(text: str, expected: list[str]) -> None:
    assert dropped(text) == expected


def test_texts_are_scored_in_their_order() -> None:
    assert [len(found.words) for found in score_by_rules(["a b", "", "c"])] == [2, 0, 1]
