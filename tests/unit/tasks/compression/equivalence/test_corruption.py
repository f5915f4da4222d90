from __future__ import annotations

import pytest

from spanwise.tasks.compression.equivalence.corruption import KINDS, probes
from spanwise.tasks.compression.equivalence.gates import check
from spanwise.tasks.compression.equivalence.projection import lighter, project
from spanwise.tasks.compression.equivalence.words import is_subsequence
from tests.unit.tasks.compression.equivalence.writings import SHORTER, SOURCE, made_up


def test_a_projection_drops_what_the_author_dropped_and_keeps_what_was_rewritten() -> None:
    assert project("Please open the lid at once.", "Open lid.") == "Please open the lid."
    assert project("It has been sent away by Ann.", "It was sent by Ann.") == "It has been sent by Ann."
    assert project("All hot drinks should be avoided.", "Avoid hot drinks.") == "All hot drinks avoided."


def test_projections_are_subsequences_that_pass_the_gates() -> None:
    for source, shorter in [(SOURCE, SHORTER), *(made_up(number) for number in range(20))]:
        projected = project(source, shorter)
        light = lighter(source, projected, share=0.5, seed=3)
        assert is_subsequence(source, light)
        assert is_subsequence(light, projected)
        assert check(source, projected) == []
        assert len(projected) <= len(light) <= len(source)


def test_numbers_and_cues_stay_even_where_the_author_dropped_them() -> None:
    source, shorter = "You get two of them, but not today, for 5 euros.", "You get them."
    assert check(source, project(source, shorter)) == []
    assert check(source, project(source, shorter, anchored=False)) != []


def test_every_kind_of_mistake_is_planted_into_what_allows_it() -> None:
    found = [probe for number in range(40) for probe in probes(str(number), *made_up(number), seed=number)]
    found += probes("kettle", SOURCE, SHORTER, seed=1)
    planted = {probe.kind for probe in found if not probe.faithful}
    rare = {"quantifier flipped", "steps swapped", "entities swapped"}
    assert {kind.name for kind in KINDS} - planted <= rare
    assert all(probe.output != probe.source for probe in found)


def test_planting_is_the_same_for_the_same_seed() -> None:
    assert probes("a", SOURCE, SHORTER, seed=5) == probes("a", SOURCE, SHORTER, seed=5)
    assert probes("a", SOURCE, SHORTER, seed=5) != probes("a", SOURCE, SHORTER, seed=6)


def test_what_an_author_left_as_it_was_gives_no_probe() -> None:
    assert probes("a", "Open the lid.", "Open the lid.", seed=1) == []


@pytest.mark.parametrize("kind", ["negation lost", "number changed", "condition inverted", "name invented"])
def test_mistakes_that_a_gate_was_written_for_fail_it(kind: str) -> None:
    found = [probe for number in range(20) for probe in probes(str(number), *made_up(number), seed=number)]
    spoilt = [probe for probe in found if probe.kind == kind]
    assert spoilt
    assert all(check(probe.source, probe.output, extractive=False) for probe in spoilt)


def test_losses_are_subsequences_and_swaps_are_none() -> None:
    found = [probe for number in range(20) for probe in probes(str(number), *made_up(number), seed=number)]
    assert all(
        probe.subsequence for probe in found if probe.kind in {"faithful", "item lost", "sentence lost"}
    )
    assert not any(probe.subsequence for probe in found if probe.kind in {"roles swapped", "opposite"})
