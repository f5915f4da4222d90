from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from spanwise.reporting.answers.examples import Piece, choose, cut


def test_terms_are_cut_out() -> None:
    assert cut("Give aspirin now.", [((5, 12), "aspirin"), (None, "dose")]) == (
        Piece("Give "),
        Piece("aspirin", ("aspirin",)),
        Piece(" now."),
    )


def test_terms_that_overlap_are_one_piece() -> None:
    assert cut("sterile gloves", [((0, 14), "sterile gloves"), ((8, 14), "gloves")]) == (
        Piece("sterile gloves", ("sterile gloves", "gloves")),
    )


def test_a_place_behind_the_end_is_none() -> None:
    assert cut("ab", [((1, 3), "bc")]) == (Piece("ab"),)


@given(
    text=st.text(max_size=40),
    places=st.lists(st.tuples(st.integers(0, 40), st.integers(1, 10)), max_size=5),
)
def test_pieces_are_the_text(text: str, places: list[tuple[int, int]]) -> None:
    pieces = cut(text, [((start, start + size), "term") for start, size in places])
    assert "".join(piece.text for piece in pieces) == text
    assert all(piece.text for piece in pieces)


def test_all_are_shown_where_there_are_few() -> None:
    assert choose([], 3) == []
