from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from spanwise.calibration import Calibration
from spanwise.reporting.marking import choose, mark
from spanwise.schema import Prediction
from tests.unit.reporting.conftest import prediction

PLAIN = Calibration(method="identity", feature="minimum", spans=0)


def test_right_wrong_and_missed() -> None:
    document = mark(
        prediction(
            "dry cough, fever, rash",
            gold=[(0, 9, "Sign"), (11, 16, "Sign"), (18, 22, "Sign")],
            found=[(0, 9, "Sign"), (11, 16, "Drug")],
        ),
        PLAIN,
    )
    assert {(each.start, each.label, each.outcome) for each in document.marks} == {
        (0, "Sign", "right"),
        (11, "Drug", "wrong"),
        (11, "Sign", "missed"),
        (18, "Sign", "missed"),
    }
    assert [document.number(outcome) for outcome in ("right", "wrong", "missed")] == [1, 1, 2]


def test_spans_that_overlap_share_a_piece_and_end_where_they_end() -> None:
    document = mark(prediction("left atrial mass", [(0, 16, "Sign")], [(0, 11, "Place")]), PLAIN)
    assert [(piece.text, piece.outcomes) for piece in document.pieces] == [
        ("left atrial", ["missed", "wrong"]),
        (" mass", ["missed"]),
    ]
    assert [[each.label for each in piece.ending] for piece in document.pieces] == [["Place"], ["Sign"]]


def test_pieces_of_one_span_are_joined_and_the_innermost_ends_first() -> None:
    document = mark(
        prediction("left atrial mass.", [(0, 16, "Sign"), (12, 16, "Lesion"), (16, 17, "Dot")], []), PLAIN
    )
    assert [(piece.text, piece.begun, piece.goes_on) for piece in document.pieces] == [
        ("left atrial ", False, True),
        ("mass", True, False),
        (".", False, False),
    ]
    assert [each.label for each in document.pieces[1].ending] == ["Lesion", "Sign"]


def test_confidence_is_calibrated() -> None:
    steep = Calibration(method="platt", feature="mean", slope=0.0, intercept=0.0, spans=9)
    found = prediction("fever", [], [(0, 5, "Sign")])
    assert [each.confidence for each in mark(found, steep).marks] == [0.5]
    assert [each.confidence for each in mark(found, PLAIN).marks] == [0.75]


def test_a_missed_span_has_no_confidence() -> None:
    assert [each.confidence for each in mark(prediction("fever", [(0, 5, "Sign")], []), PLAIN).marks] == [
        None
    ]


def test_an_empty_document_has_no_pieces() -> None:
    assert mark(prediction("", [], []), PLAIN).pieces == ()


edges = st.tuples(st.integers(0, 20), st.integers(0, 20)).map(sorted).filter(lambda ends: ends[0] < ends[1])
spans = st.lists(st.tuples(edges, st.sampled_from("AB")).map(lambda span: (*span[0], span[1])), max_size=6)


@given(text=st.text(min_size=20, max_size=20), gold=spans, found=spans)
def test_pieces_are_the_text_and_every_span_ends_once(
    text: str, gold: list[tuple[int, int, str]], found: list[tuple[int, int, str]]
) -> None:
    document = mark(prediction(text, gold, found), PLAIN)
    assert "".join(piece.text for piece in document.pieces) == text
    assert sorted(
        (each.start, each.end, each.label, each.outcome) for piece in document.pieces for each in piece.ending
    ) == sorted((each.start, each.end, each.label, each.outcome) for each in document.marks)


def test_documents_are_chosen_by_name_at_even_distances() -> None:
    predictions = [Prediction(id=f"note-{number:02}", text="", group="g") for number in reversed(range(10))]
    assert [each.id for each in choose(predictions, 4)] == ["note-00", "note-03", "note-06", "note-09"]
    assert [each.id for each in choose(predictions, 1)] == ["note-00"]
    assert [each.id for each in choose(predictions[:2], 4)] == ["note-08", "note-09"]
    assert choose([], 4) == []
