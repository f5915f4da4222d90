from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spanwise.errors import UserError
from spanwise.readers.document import Annotation, Document
from spanwise.readers.policies import Discontinuous, Overlapping, flatten
from spanwise.schema import Change, Example

PATH = Path("case.ann")


def run(
    text: str,
    *annotations: tuple[Any, ...],
    discontinuous: Discontinuous = "envelope",
    overlapping: Overlapping,
) -> list[Example | Change | UserError]:
    made = tuple(
        Annotation(tuple(fragments), label, line)
        for line, (label, *fragments) in enumerate(annotations, start=1)
    )
    document = Document("case", text, made, PATH)
    return list(flatten(document, discontinuous=discontinuous, overlapping=overlapping))


def spans(found: list[Example | Change | UserError]) -> list[tuple[int, int, str]]:
    (only,) = [entry for entry in found if isinstance(entry, Example)]
    return [(span.start, span.end, span.label) for span in only.spans]


def changes(found: list[Example | Change | UserError]) -> list[tuple[str, str]]:
    return [(entry.kind, entry.reason) for entry in found if isinstance(entry, Change)]


@pytest.mark.parametrize(
    "space", [" ", "\n", "\t", "\u00a0", "\u2005", "\u200a", "\u200b", "\ufeff", "\u00ad", "\0"]
)
def test_space_is_trimmed_from_edges_and_counted_once(space: str) -> None:
    found = run(f"x{space}8 mg{space}{space}", ("Dose", (1, 8)), overlapping="longest")
    assert spans(found) == [(2, 6, "Dose")]
    assert changes(found) == [("repaired", "whitespace_trimmed")]


def test_a_span_of_nothing_but_space_is_left_out() -> None:
    found = run("a \u200b b", ("Dose", (1, 4)), overlapping="longest")
    assert spans(found) == []
    assert changes(found) == [("left_out", "blank")]


def test_duplicates_are_left_out_and_other_labels_are_not_duplicates() -> None:
    found = run("fever", ("A", (0, 5)), ("A", (0, 5)), ("A", (0, 5)), ("B", (0, 5)), overlapping="longest")
    assert spans(found) == [(0, 5, "A")]
    assert changes(found) == [
        ("left_out", "duplicate"),
        ("left_out", "duplicate"),
        ("left_out", "overlapping"),
    ]


def test_spans_that_trimming_makes_equal_are_duplicates() -> None:
    found = run("fever ", ("A", (0, 6)), ("A", (0, 5)), overlapping="error")
    assert spans(found) == [(0, 5, "A")]
    assert changes(found) == [("repaired", "whitespace_trimmed"), ("left_out", "duplicate")]


@pytest.mark.parametrize(
    ("policy", "expected"),
    [("longest", [(3, 9, "B"), (9, 10, "D")]), ("first", [(0, 4, "A"), (8, 10, "C")])],
)
def test_overlapping_spans(policy: Overlapping, expected: list[tuple[int, int, str]]) -> None:
    annotations = [("C", (8, 10)), ("A", (0, 4)), ("B", (3, 9)), ("D", (9, 10))]
    found = run("abcdefghij", *annotations, overlapping=policy)
    assert spans(found) == expected
    assert changes(found) == [("left_out", "overlapping")] * 2


def test_the_longest_wins_over_several_that_are_longer_together() -> None:
    annotations = [("A", (0, 3)), ("B", (2, 6)), ("C", (5, 8))]
    assert spans(run("abcdefgh", *annotations, overlapping="longest")) == [(2, 6, "B")]


@pytest.mark.parametrize("policy", ["longest", "first"])
def test_of_equal_extents_the_one_written_first_stays(policy: Overlapping) -> None:
    assert spans(run("fever", ("B", (0, 5)), ("A", (0, 5)), overlapping=policy)) == [(0, 5, "B")]


def test_of_spans_that_start_together_first_keeps_the_longer_one() -> None:
    assert spans(run("abcdef", ("A", (0, 2)), ("B", (0, 4)), overlapping="first")) == [(0, 4, "B")]


def test_of_equally_long_spans_longest_keeps_the_earlier_one() -> None:
    assert spans(run("abcdef", ("B", (2, 5)), ("A", (0, 3)), overlapping="longest")) == [(0, 3, "A")]


def test_all_spans_can_be_kept_sorted_by_start_falling_length_and_label() -> None:
    annotations = [("B", (2, 6)), ("C", (0, 3)), ("A", (2, 3)), ("A", (2, 6)), ("D", (0, 8))]
    found = run("abcdefgh", *annotations, overlapping="keep")
    assert spans(found) == [(0, 8, "D"), (0, 3, "C"), (2, 6, "A"), (2, 6, "B"), (2, 3, "A")]
    assert changes(found) == []


def test_duplicates_go_even_where_all_spans_are_kept() -> None:
    found = run("fever ", ("A", (0, 6)), ("B", (0, 5)), ("A", (0, 5)), overlapping="keep")
    assert spans(found) == [(0, 5, "A"), (0, 5, "B")]
    assert changes(found) == [("repaired", "whitespace_trimmed"), ("left_out", "duplicate")]


def test_touching_spans_do_not_overlap() -> None:
    assert spans(run("abcd", ("B", (2, 4)), ("A", (0, 2)), overlapping="error")) == [(0, 2, "A"), (2, 4, "B")]


def test_an_overlap_can_be_an_error_that_names_the_line() -> None:
    (error,) = run("abcd", ("A", (1, 3)), ("B", (0, 2)), overlapping="error")
    assert isinstance(error, UserError)
    assert error.location == "case.ann:1"
    assert error.reason == "span 1:3 overlaps span 0:2 of line 2"


def test_a_gap_can_be_an_error_that_names_the_line() -> None:
    found = run("abcdef", ("A", (0, 1)), ("B", (0, 2), (4, 6)), discontinuous="error", overlapping="longest")
    (error,) = found
    assert isinstance(error, UserError)
    assert error.location == "case.ann:2"
    assert "corpus.discontinuous" in str(error.hint)


def test_overlaps_are_looked_for_after_gaps_are_mended() -> None:
    annotations = [("A", (0, 2), (6, 8)), ("B", (3, 5))]
    assert spans(run("abcdefgh", *annotations, overlapping="longest")) == [(0, 8, "A")]
    found = run("abcdefgh", *annotations, discontinuous="split", overlapping="longest")
    assert spans(found) == [(0, 2, "A"), (3, 5, "B"), (6, 8, "A")]


@st.composite
def drawn_annotations(draw: st.DrawFn) -> list[tuple[Any, ...]]:
    fragment = st.tuples(st.integers(0, 19), st.integers(1, 8)).map(lambda f: (f[0], min(f[0] + f[1], 20)))
    made = st.tuples(st.sampled_from("AB"), st.lists(fragment, min_size=1, max_size=3))
    return [(label, *fragments) for label, fragments in draw(st.lists(made, max_size=15))]


@given(
    drawn_annotations(),
    st.sampled_from(["envelope", "longest", "drop"]),
    st.sampled_from(["longest", "first"]),
)
def test_spans_are_sorted_disjoint_and_all_accounted_for(
    drawn: list[tuple[Any, ...]], discontinuous: Discontinuous, overlapping: Overlapping
) -> None:
    found = run("fever \u200band\nchills now", *drawn, discontinuous=discontinuous, overlapping=overlapping)
    kept = spans(found)
    assert all(a[1] <= b[0] for a, b in pairwise(kept))
    left_out = [entry for entry in changes(found) if entry[0] == "left_out"]
    assert len(kept) + len(left_out) == len(drawn)
    assert isinstance(found[-1], Example)


@given(drawn_annotations())
def test_what_is_kept_does_not_depend_on_the_order_of_annotations(drawn: list[tuple[Any, ...]]) -> None:
    kept = spans(run("abcdefghijklmnopqrst", *drawn, overlapping="keep"))
    assert len(set(kept)) == len(kept)
    assert {label for label, *_ in drawn} == {label for *_, label in kept}
    assert spans(run("abcdefghijklmnopqrst", *reversed(drawn), overlapping="keep")) == kept


@given(drawn_annotations())
def test_nothing_is_left_out_that_overlaps_nothing(drawn: list[tuple[Any, ...]]) -> None:
    found = run("abcdefghijklmnopqrst", *drawn, discontinuous="envelope", overlapping="longest")
    kept = spans(found)
    for _, *fragments in drawn:
        start, end = min(f[0] for f in fragments), max(f[1] for f in fragments)
        assert any(a < end and start < b for a, b, _ in kept)
