from __future__ import annotations

import pytest

from spanwise.schema import SPLITS, SplitName
from spanwise.tasks.resume.generation.families import (
    FAMILIES,
    HELD_OUT_LOCALES,
    cells,
    draw_style,
    families_of,
    locales_of,
)
from spanwise.tasks.resume.generation.vocabulary import LOCALES, locale, tools, vocabulary


def test_there_are_at_least_six_families_and_eight_locales() -> None:
    assert len({family.name for family in FAMILIES}) == len(FAMILIES) >= 6
    assert len(set(LOCALES)) >= 8
    assert {"single", "left", "right", "columns", "table", "dense"} <= {family.layout for family in FAMILIES}


def test_each_side_has_families_and_locales_of_its_own() -> None:
    assert sorted(family.name for side in SPLITS for family in families_of(side)) == sorted(
        family.name for family in FAMILIES
    )
    assert sorted(code for side in SPLITS for code in locales_of(side)) == sorted(LOCALES)
    assert all(families_of(side) and locales_of(side) for side in SPLITS)


def test_training_sees_no_family_and_no_locale_that_is_held_out() -> None:
    for cell in cells("train"):
        assert cell.family.side == "train"
        assert cell.locale not in HELD_OUT_LOCALES
        assert cell.held_out == "neither"


@pytest.mark.parametrize("side", ["validation", "test"])
def test_every_other_document_has_something_that_training_does_not(side: SplitName) -> None:
    for cell in cells(side):
        new = {"family": cell.family.side == side, "locale": HELD_OUT_LOCALES.get(cell.locale) == side}
        assert {"family": new["family"], "locale": new["locale"], "both": all(new.values())}[cell.held_out]
        assert cell.family.side in ("train", side)
        assert HELD_OUT_LOCALES.get(cell.locale, side) == side


def test_test_has_a_single_column_and_several_to_compare() -> None:
    layouts = {family.layout for family in families_of("test")}
    assert {"single", "columns"} <= layouts


def test_the_same_seed_draws_the_same_style() -> None:
    assert draw_style(FAMILIES[0], "a") == draw_style(FAMILIES[0], "a")
    assert len({draw_style(FAMILIES[0], str(seed)) for seed in range(20)}) > 15


@pytest.mark.parametrize("code", LOCALES)
def test_every_vocabulary_has_the_words_of_every_other(code: str) -> None:
    own, english = vocabulary(locale(code).language), vocabulary("en")
    assert own.headings.keys() == english.headings.keys()
    assert own.labels.keys() == english.labels.keys()
    assert own.tracks.keys() == english.tracks.keys() == tools()["certificates"].keys()
    assert own.languages.keys() == english.languages.keys()
    assert locale(code).language in own.languages
