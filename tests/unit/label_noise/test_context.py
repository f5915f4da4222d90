from __future__ import annotations

from spanwise.label_noise.context import AROUND, show
from spanwise.label_noise.disagreements import find_disagreements
from spanwise.label_noise.ranking import Candidate, rank
from tests.unit.label_noise.conftest import Judged, Noted


def candidate(documents: object, judged: Judged) -> Candidate:
    found = judged(documents)
    [only] = rank(found, find_disagreements(found).found)
    return only


def test_text_is_cut_at_the_edges_of_both_readings(noted: Noted, judged: Judged) -> None:
    document = noted("a dry cough\nat home", [("dry cough", "Sign", 0.1)], [("cough\nat home", "Place", 0.7)])
    context = show(candidate(document, judged), document.text)
    assert [(piece.text, piece.sides, piece.ending) for piece in context.pieces] == [
        ("a ", (), ()),
        ("dry ", ("annotated",), ()),
        ("cough", ("annotated", "suggested"), (("annotated", "Sign"),)),
        (" at home", ("suggested",), (("suggested", "Place"),)),
    ]
    assert (context.cut_before, context.cut_behind) == (False, False)


def test_long_documents_are_cut_between_words(noted: Noted, judged: Judged) -> None:
    document = noted("before " * 50 + "cough" + " behind" * 50, [("cough", "Sign", 0.1)], [])
    context = show(candidate(document, judged), document.text)
    assert (context.cut_before, context.cut_behind) == (True, True)
    first, middle, last = (piece.text for piece in context.pieces)
    assert (set(first.split()), middle, set(last.split())) == ({"before"}, "cough", {"behind"})
    assert AROUND - 10 < len(first) <= AROUND


def test_text_without_white_space_is_cut_anywhere(noted: Noted, judged: Judged) -> None:
    document = noted("咳" * 300 + "熱" + "嗽" * 300, [("熱", "Sign", 0.1)], [])
    context = show(candidate(document, judged), document.text)
    assert [len(piece.text) for piece in context.pieces] == [AROUND, 1, AROUND]
