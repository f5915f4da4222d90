from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from spanwise.tasks.compression.equivalence.coverage import Rarity, Vectors, coverage, lexical
from spanwise.tasks.compression.equivalence.embedding import Remembered
from spanwise.tasks.compression.equivalence.words import words

SOURCE = "Open the lid of the kettle. Fill in two litres of water."


def test_a_clause_that_went_is_the_least_covered() -> None:
    first, second = coverage(SOURCE, "Open the lid of the kettle.", rarity=Rarity(), embed=lexical)
    assert first.covered == pytest.approx(1)
    assert first.lost == 0
    assert second.covered < 0.5
    assert SOURCE[second.start : second.end] == "Fill in two litres of water."


def test_nothing_covers_where_nothing_is_left() -> None:
    assert [part.covered for part in coverage(SOURCE, "", rarity=Rarity(), embed=lexical)] == [0, 0]
    assert coverage("", "", rarity=Rarity(), embed=lexical) == []


def test_rare_words_weigh_more_than_common_ones() -> None:
    rarity = Rarity.of(["the lid", "the kettle", "the tap"])
    the, lid, stop = words("the lid.")
    assert rarity.weight(lid) > rarity.weight(the) > rarity.weight(stop) == 0
    assert rarity.frequencies == {"the": 3}


def test_vectors_have_length_one_and_like_spelling_is_near() -> None:
    vectors = lexical(["kettle", "kettles", "umbrella"])
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1, 1, 1])
    assert vectors[0] @ vectors[1] > 0.7
    assert vectors[0] @ vectors[2] < 0.1


def test_each_text_is_embedded_once() -> None:
    asked: list[str] = []

    def embed(texts: Sequence[str]) -> Vectors:
        asked.extend(texts)
        return lexical(texts)

    remembered = Remembered(embed)
    assert np.array_equal(remembered(["a b", "c", "a b"]), lexical(["a b", "c", "a b"]))
    remembered(["c"])
    assert asked == ["a b", "c"]
