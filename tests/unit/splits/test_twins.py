from __future__ import annotations

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from spanwise.schema import Example
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


def test_case_and_spacing_make_no_other_text_and_short_texts_count() -> None:
    assert components(
        document("a", "No  fever.\n"), document("b", "no fever."), document("c", "no fever!")
    ) == [0, 0, 1]


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
