from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spanwise.readers import alignment
from spanwise.readers.alignment import align

TEXTS = st.lists(
    st.sampled_from(["the", "The", "cat", "sat", "on", "a", "mat", ",", ".", "5", "mg", "not", "5mg", "é"]),
    max_size=25,
)


def kept(original: str, compressed: str) -> list[str]:
    found = align(original, compressed)
    return [original[start:end] for (start, end), keep in zip(found.words, found.kept, strict=True) if keep]


def dropped(original: str, compressed: str) -> list[str]:
    return [original[start:end] for start, end in align(original, compressed).dropped()]


def test_what_is_dropped_comes_in_maximal_runs_of_words() -> None:
    assert dropped("Please note that the cat, as ever, sat down.", "cat sat.") == [
        "Please note that the",
        ", as ever,",
        "down",
    ]


def test_of_equal_words_the_one_beside_other_kept_ones_is_taken() -> None:
    found = align("the dog ran and the cat sat", "the cat sat")
    assert found.kept.tolist() == [False, False, False, False, True, True, True]


def test_case_is_no_difference() -> None:
    assert kept("After that the Cat sat.", "the cat sat.") == ["the", "Cat", "sat", "."]


def test_words_count_before_punctuation() -> None:
    assert kept("a, b", "b, a") in (["a"], ["b"]) or kept("a, b", "b, a") == ["a", ",", "b"]
    assert kept("one , two", "one two ,")[:2] == ["one", "two"] or "two" in kept("one , two", "one two ,")


def test_new_words_are_variation_and_too_many_a_fault() -> None:
    found = align("The patient was given two tablets.", "Patient got two pills.")
    assert found.variation == pytest.approx(0.5)
    assert found.fault == "variation"


def test_a_moved_part_is_found_greedily() -> None:
    original = "On Monday the team met in the old hall near the river to plan the spring fair."
    found = align(original, "To plan the spring fair the team met in the old hall on Monday.")
    assert found.method == "greedy"
    assert found.fault is None
    assert {"plan", "fair", "hall", "Monday"} <= set(
        kept(original, "To plan the spring fair the team met in the old hall on Monday.")
    )


def test_words_in_order_need_no_greedy_search() -> None:
    assert align("a b c d e f", "a c f").method == "lcs"


def test_what_was_moved_too_far_is_a_gap() -> None:
    filler = " ".join(f"w{number}" for number in range(2 * alignment.WINDOW))
    found = align(f"alpha beta gamma {filler} omega", "omega alpha beta gamma")
    assert found.method == "greedy"
    assert found.fault == "alignment_gap"


def test_texts_too_long_for_the_table_are_searched_greedily(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alignment, "CELLS", 3)
    found = align("the old cat sat", "cat sat")
    assert (found.method, found.kept.tolist()) == ("greedy", [False, False, True, True])


@pytest.mark.parametrize(("original", "compressed"), [("", ""), ("", "a"), ("a", ""), ("...", "")])
def test_nothing_aligns_with_nothing(original: str, compressed: str) -> None:
    assert not align(original, compressed).kept.any()


@given(TEXTS, st.data())
def test_a_text_with_words_left_out_aligns_without_fault(words: list[str], data: st.DataObject) -> None:
    mask = data.draw(st.lists(st.booleans(), min_size=len(words), max_size=len(words)))
    rest = [word for word, keep in zip(words, mask, strict=True) if keep]
    found = align(" ".join(words), " ".join(rest))
    assert (found.variation, found.gap, found.method) == (0.0, 0.0, "lcs")
    assert [word.casefold() for word in kept(" ".join(words), " ".join(rest))] == [
        piece for word in rest for piece in [word.casefold()]
    ]


@given(TEXTS, TEXTS)
def test_dropped_runs_are_the_words_that_are_not_kept(left: list[str], right: list[str]) -> None:
    text = " ".join(left)
    found = align(text, " ".join(right))
    inside = [
        any(low <= start and end <= high for low, high in found.dropped()) for start, end in found.words
    ]
    assert inside == [not keep for keep in found.kept]
    assert 0 <= found.variation <= 1
    assert -1e-9 <= found.gap <= 1
