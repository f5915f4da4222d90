from __future__ import annotations

from collections.abc import Sequence

import pytest

from spanwise.schema import Span
from spanwise.tasks.pii.scores import (
    Audit,
    Count,
    aliases,
    clopper_pearson,
    leaked,
    parser_ratio,
    score,
    share_of,
)

TEXT = "Ada Byrne codes Python. Byrne lives in Lyon."
GOLD = (
    Span(start=0, end=9, label="PERSON"),
    Span(start=24, end=29, label="PERSON"),
    Span(start=39, end=43, label="LOCATION"),
)
SKILL = {"skills": (Span(start=16, end=22, label="Skill"),)}


def _audit(*places: tuple[int, int], group: str = "a") -> Audit:
    return Audit(TEXT, GOLD, places, group, SKILL)


def test_an_entity_counts_only_if_all_its_mentions_are_masked() -> None:
    assert score([_audit((0, 9))], "basic")["direct"]["value"] == 0.0
    assert score([_audit((0, 9), (24, 29))], "basic")["direct"]["value"] == 1.0


def test_a_document_is_clean_without_missed_direct_identifiers() -> None:
    audits = [_audit((0, 9), (24, 29)), _audit((0, 9))]
    assert score(audits, "basic")["clean_documents"]["value"] == 0.5


def test_quasi_identifiers_count_from_the_level_that_masks_them() -> None:
    audits = [_audit((0, 9), (24, 29))]
    assert score(audits, "basic")["quasi"]["value"] is None
    assert score(audits, "moderate")["quasi"] == {
        "value": 0.0,
        "low": 0.0,
        "high": pytest.approx(0.975),
        "part": 0,
        "whole": 1,
    }


def test_masking_beside_the_gold_standard_is_over_masking() -> None:
    figures = score([_audit((0, 9), (16, 22))], "basic")
    letters = sum(not character.isspace() for character in TEXT)
    assert figures["over_masked"]["value"] == pytest.approx(6 / letters)
    assert figures["kept"]["skills"]["value"] == 0.0


def test_intervals_are_over_groups() -> None:
    counts = [Count(str(group), float(group % 4 > 0), 1.0) for group in range(40)]
    figure = share_of(counts, samples=500)
    assert figure["low"] < figure["value"] == 0.75 < figure["high"]


def test_too_few_groups_have_no_interval() -> None:
    assert share_of([Count("a", 1.0, 2.0)])["low"] is None


def test_nothing_counted_is_no_share() -> None:
    assert share_of([])["value"] is None


@pytest.mark.parametrize(("part", "whole", "low", "high"), [(3000, 3000, 0.99877, 1.0), (0, 10, 0.0, 0.3085)])
def test_exact_intervals_are_those_of_the_tables(part: int, whole: int, low: float, high: float) -> None:
    assert list(clopper_pearson(part, whole)) == pytest.approx([low, high], abs=1e-4)


@pytest.mark.parametrize(
    ("documents", "consistent", "injective"),
    [
        ([[("PERSON", "a", "X"), ("PERSON", "a", "X")]], 1.0, 1.0),
        ([[("PERSON", "a", "X"), ("PERSON", "a", "Y")]], 0.0, 1.0),
        ([[("PERSON", "a", "X"), ("PERSON", "b", "X")]], 1.0, 0.0),
        ([], None, None),
    ],
)
def test_aliases_hold_or_not(
    documents: Sequence[Sequence[tuple[str, str, str]]], consistent: float | None, injective: float | None
) -> None:
    assert aliases(documents) == {"consistent": consistent, "injective": injective}


def test_a_surface_leaks_in_metadata_and_file_names() -> None:
    places = {"text": "[PERSON_1]", "file": "CV Ada BYRNE.pdf", "author": "[PERSON_1]"}
    assert leaked(["Ada Byrne", "abc"], places) == {"Ada Byrne": ["file"]}


def test_a_parser_is_compared_with_itself() -> None:
    def f1(texts: Sequence[str]) -> float:
        return sum("Python" in text for text in texts) / len(texts)

    assert parser_ratio(f1, ["Python", "Python"], ["Python", "x"]) == 0.5
    assert parser_ratio(f1, ["x"], ["x"]) is None
