from __future__ import annotations

import unicodedata
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spanwise.schema import Example
from spanwise.splits.leak import find_leak
from spanwise.splits.twins import find_components, find_ties

LONG = "a woman of sixty was seen for pain in the right knee that had lasted for two years"


def document(name: str, text: str, group: str | None = None) -> Example:
    return Example(id=name, text=text, target=(), group=group or name)


def components(*documents: Example) -> list[int]:
    return find_components(find_ties(documents, ngram=5, overlap=0.3))


def test_strangers_stay_apart() -> None:
    assert components(document("a", "fever"), document("b", "cough"), document("c", LONG)) == [0, 1, 2]


def test_a_group_stays_together() -> None:
    assert components(
        document("a", "fever", "p"), document("b", "cough", "q"), document("c", "rash", "p")
    ) == [0, 1, 0]


def test_an_id_stays_together() -> None:
    assert components(document("a", "fever", "p"), document("a", "cough", "q")) == [0, 0]


def test_a_group_and_an_id_of_the_same_name_are_no_tie() -> None:
    assert components(document("1", "fever", "2"), document("2", "cough", "3")) == [0, 1]


def test_short_texts_of_the_same_words_are_copies() -> None:
    texts = ["Ovarian  cancer (B-cell).\n", "ovarian cancer ( B - cell ) .", "ovarian cancer"]
    assert components(*(document(str(n), text) for n, text in enumerate(texts))) == [0, 0, 1]


def test_texts_without_words_are_compared_as_they_stand() -> None:
    texts = ["...", " \u2026\n", "?", "", " "]
    assert components(*(document(str(n), text) for n, text in enumerate(texts))) == [0, 0, 1, 2, 2]


@pytest.mark.parametrize("form", ["NFC", "NFD", "NFKC", "NFKD"])
@pytest.mark.parametrize("text", ["Ménière", f"Ménière: {LONG}"], ids=["short", "long"])
def test_copies_in_another_form_of_unicode_stay_together(text: str, form: str) -> None:
    other = unicodedata.normalize(form, text)  # type: ignore[arg-type]
    assert components(document("a", text), document("b", other), document("c", "Meniere")) == [0, 0, 1]


pieces = st.sampled_from(
    ["é", "e\u0301", "ﬁ", "FI", "½", "²", "_", "-", ".", "\u2026", "...", " ", "\n", "\u00a0"]
)


@given(st.lists(pieces, max_size=6).map("".join), st.lists(pieces, max_size=6).map("".join))
def test_the_independent_check_calls_the_same_texts_copies(one: str, other: str) -> None:
    left, right = document("a", one), document("b", other)
    found = find_leak({"train": [left], "test": [right]}, ngram=5, overlap=0.3)
    assert (components(left, right) == [0, 0]) == (found.twins_across == 1)


def test_near_copies_of_a_copied_text_stay_together() -> None:
    near = LONG.replace("right", "left")
    assert components(document("a", LONG), document("b", LONG), document("c", near)) == [0, 0, 0]


def test_twins_of_twins_are_joined_but_have_no_common_tie() -> None:
    start, middle, end = LONG, f"{LONG} and {LONG[::-1]}", LONG[::-1]
    ties = find_ties(
        [document(name, text) for name, text in zip("abc", (start, middle, end), strict=True)],
        ngram=5,
        overlap=0.3,
    )
    assert find_components(ties) == [0, 0, 0]
    assert not ties[0] & ties[2]


@given(st.lists(st.frozensets(st.integers(0, 9), min_size=1, max_size=3), max_size=12))
def test_components_are_the_closure_of_common_ties(rows: list[frozenset[int]]) -> None:
    component = find_components([frozenset((tie,) for tie in row) for row in rows])
    reach = [{other for other, row in enumerate(rows) if row & own} for own in rows]
    for _ in rows:
        reach = [set().union(*(reach[other] for other in own)) for own in reach]
    for one, other in combinations(range(len(rows)), 2):
        assert (component[one] == component[other]) == (other in reach[one])
    assert list(dict.fromkeys(component)) == list(range(len(set(component))))
