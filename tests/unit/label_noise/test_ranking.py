from __future__ import annotations

import math

import pytest

from spanwise.label_noise.disagreements import find_disagreements
from spanwise.label_noise.documents import Document
from spanwise.label_noise.ranking import FLOOR, Candidate, rank, thresholds
from tests.unit.label_noise.conftest import Judged, Noted


def ranked(documents: list[Document]) -> list[Candidate]:
    return rank(documents, find_disagreements(documents).found)


@pytest.mark.parametrize(
    ("gold", "found", "reading", "annotation"),
    [
        ([("fever", "Disease", 0.02)], [("fever", "Sign", 0.8)], 0.8, 0.02),
        ([], [("fever", "Sign", 0.8)], 0.8, 0.2),
        ([("fever", "Disease", 0.02)], [], 0.98, 0.02),
    ],
)
def test_the_score_is_the_logarithm_of_the_ratio_of_both_readings(
    gold: list[tuple[str, str, float]],
    found: list[tuple[str, str, float]],
    reading: float,
    annotation: float,
    noted: Noted,
    judged: Judged,
) -> None:
    [only] = ranked(judged(noted("some fever", gold, found)))
    assert only.score == pytest.approx(math.log10((reading + FLOOR) / (annotation + FLOOR)), abs=1e-6)


def test_candidates_of_all_kinds_stand_on_one_scale(noted: Noted, judged: Judged) -> None:
    text = "He had a severe dry cough and some fever, took aspirin, and went home."
    gold = [("dry cough", "Sign", 0.3), ("fever", "Disease", 0.001), ("home", "Place", 0.01)]
    found = [("severe dry cough", "Sign", 0.6), ("fever", "Sign", 0.9), ("aspirin", "Drug", 0.9)]
    kinds = [(each.rank, each.kind) for each in ranked(judged(noted(text, gold, found)))]
    assert kinds == [(1, "type"), (2, "doubtful"), (3, "missing"), (4, "boundary")]


def test_ties_are_ranked_by_document_and_place(noted: Noted, judged: Judged) -> None:
    later, earlier = (
        noted("fever, rash", [("rash", "Sign", 0.0), ("fever", "Sign", 0.0)], [], id=name) for name in "ba"
    )
    found = ranked(judged(later, earlier))
    assert [(each.document, each.annotated and each.annotated.text) for each in found] == [
        ("a", "fever"), ("a", "rash"), ("b", "fever"), ("b", "rash"),
    ]  # fmt: skip


def test_confident_learning_counts_readings_above_the_average_of_their_type(
    noted: Noted, judged: Judged
) -> None:
    text = "fever, rash, cough, chills, x"
    gold = [
        ("fever", "Sign", 0.9), ("rash", "Sign", 0.5), ("cough", "Disease", 0.1), ("chills", "Disease", 0.2),
    ]  # fmt: skip
    found = [
        ("fever", "Sign", 0.9), ("rash", "Sign", 0.5), ("cough", "Sign", 0.7), ("chills", "Sign", 0.69),
        ("x", "Unseen", 0.99),
    ]  # fmt: skip
    documents = judged(noted(text, gold, found))
    assert thresholds(documents) == pytest.approx({"Sign": 0.7, "Disease": 0.15})
    counted = {each.suggested.text: each.confident for each in ranked(documents) if each.suggested}
    assert counted == {"cough": True, "chills": False, "x": False}


def test_a_candidate_tells_both_readings_and_what_stands_elsewhere(noted: Noted, judged: Judged) -> None:
    first = noted("a dry cough", [("cough", "Disease", 0.1)], [("dry cough", "Sign", 0.7)], id="a")
    second = noted("cough", [("cough", "Sign", 0.9)], [("cough", "Sign", 0.9)], id="b")
    [only] = ranked(judged(first, second))
    assert only.label == "Disease"
    assert only.model_dump(exclude={"score"}) == {
        "rank": 1,
        "kind": "boundary_and_type",
        "confident": False,
        "run": "run",
        "document": "a",
        "annotated": {
            "start": 6, "end": 11, "label": "Disease", "text": "cough", "probability": 0.1,
            "elsewhere": {"labels": {"Sign": 1}, "unannotated": 0},
        },
        "suggested": {
            "start": 2, "end": 11, "label": "Sign", "text": "dry cough", "probability": 0.7,
            "confidence": 0.7, "elsewhere": {"labels": {}, "unannotated": 0},
        },
    }  # fmt: skip
    assert Candidate.model_validate_json(only.model_dump_json(exclude_none=True)) == only
