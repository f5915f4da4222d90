from __future__ import annotations

from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from spanwise.tasks.resume.alignment import Key, align, folded, resemblance, similarity

NOVA = Key("Nova Ltd", "Engineer", "2019-03")
ORBI = Key("Orbi GmbH", "Accountant", "2015")
ALTA = Key("Alta S.A.", "Nurse", "2010-01")


def pairs(truth: list[Key], found: list[Key]) -> list[tuple[Key | None, Key | None]]:
    return align(truth, found, lambda key: key)


def test_items_find_their_partners_in_any_order() -> None:
    for order in permutations([NOVA, ORBI, ALTA]):
        assert pairs([NOVA, ORBI, ALTA], list(order)) == [(NOVA, NOVA), (ORBI, ORBI), (ALTA, ALTA)]


def test_a_lost_item_and_a_made_up_one_stand_alone() -> None:
    other = Key("Zeta", "Cook", None)
    assert pairs([NOVA, ORBI], [ORBI, other]) == [(NOVA, None), (ORBI, ORBI), (None, other)]


def test_items_without_anything_in_common_are_no_pair() -> None:
    assert pairs([NOVA], [Key("Zzz", "Qqq", "1999")]) == [(NOVA, None), (None, Key("Zzz", "Qqq", "1999"))]
    assert pairs([], []) == []


def test_the_best_assignment_is_taken_as_a_whole() -> None:
    one, other = Key("Nova", "Engineer", "2019"), Key("Nova", "Engineer", "2015")
    # The first of them would be content with either.
    assert pairs([Key("Nova", "Engineer", None), one], [one, other])[1] == (one, one)


def test_the_year_alone_counts_half() -> None:
    assert resemblance(NOVA, NOVA) == 3
    assert resemblance(NOVA, NOVA._replace(start="2019-07")) == 2.5
    assert resemblance(NOVA, NOVA._replace(start=None)) == 2


def test_case_spaces_and_marks_at_the_ends_do_not_matter() -> None:
    assert folded("  NOVA\n Ltd., ") == "nova ltd"
    assert similarity("NOVA  Ltd.", "nova ltd") == 1
    assert similarity("Nova", None) == similarity("", "Nova") == 0


@given(st.lists(st.builds(Key, *[st.none() | st.text(max_size=5)] * 3), max_size=5))
def test_every_item_is_in_one_pair(keys: list[Key]) -> None:
    found = list(reversed(keys))
    made = pairs(keys, found)
    assert [one for one, _ in made if one is not None] == keys
    assert sorted(map(str, (other for _, other in made if other is not None))) == sorted(map(str, found))
