"""Two opinions: agreement, contradiction, and what only one of them has."""

from __future__ import annotations

from itertools import pairwise
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spanwise.tasks.resume.candidate import Candidate
from spanwise.tasks.resume.combine import ALONE, combine, without_overlaps
from spanwise.tasks.resume.fields import EMPLOYER, NAME, POSITION, SUMMARY, URL


def candidate(
    start: int, end: int, label: str, confidence: float, source: Literal["rules", "tagger"] = "rules"
) -> Candidate:
    return Candidate(start=start, end=end, label=label, confidence=confidence, source=source)


def test_agreement_makes_surer_and_the_surer_bounds_win() -> None:
    [one] = combine([candidate(0, 9, NAME, 0.6)], [candidate(0, 10, NAME, 0.8, "tagger")], [NAME])
    assert one.confidence == pytest.approx(1 - 0.4 * 0.2)
    assert (one.start, one.end, one.source) == (0, 10, "tagger")


def test_of_contradictions_the_surer_one_wins_and_of_equals_the_tagger() -> None:
    rules = [candidate(0, 9, EMPLOYER, 0.9), candidate(20, 29, EMPLOYER, 0.6)]
    tagged = [candidate(0, 9, POSITION, 0.5, "tagger"), candidate(20, 29, POSITION, 0.6, "tagger")]
    found = combine(rules, tagged)
    assert [(each.label, each.source) for each in found] == [(EMPLOYER, "rules"), (POSITION, "tagger")]


def test_rules_are_less_sure_where_a_tagger_that_knows_the_label_found_nothing() -> None:
    rules = [candidate(0, 9, NAME, 0.8), candidate(10, 15, URL, 0.8)]
    assert [each.confidence for each in combine(rules, [], [NAME])] == pytest.approx([0.8 * ALONE, 0.8])


def test_a_summary_may_hold_other_fields() -> None:
    found = without_overlaps([candidate(0, 50, SUMMARY, 0.9), candidate(10, 20, POSITION, 0.6)])
    assert [each.label for each in found] == [SUMMARY, POSITION]


spans = st.builds(
    lambda start, length, label, confidence, source: candidate(
        start, start + length, label, confidence, source
    ),
    st.integers(0, 20),
    st.integers(1, 8),
    st.sampled_from([NAME, EMPLOYER]),
    st.sampled_from([0.3, 0.6, 0.9]),
    st.sampled_from(["rules", "tagger"]),
)


@given(st.lists(spans, max_size=8), st.randoms())
def test_what_is_kept_never_overlaps_whatever_the_order(candidates: list[Candidate], random: object) -> None:
    kept = without_overlaps(candidates)
    assert all(one.end <= other.start for one, other in pairwise(kept))
    shuffled = candidates[:]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert [(e.start, e.end) for e in without_overlaps(shuffled)] == [(e.start, e.end) for e in kept]
    assert bool(kept) == bool(candidates)
