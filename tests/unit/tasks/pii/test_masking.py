from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spanwise.errors import UserError
from spanwise.tasks.pii.entities import mentions
from spanwise.tasks.pii.levels import LEVELS, Level
from spanwise.tasks.pii.masking import Masker, active, find, rewrite_part
from spanwise.tasks.pii.operators import Replacement
from spanwise.tasks.pii.surrogates import Surrogates
from spanwise.tasks.pii.vault import Entry, digest, restore

StandIns = Callable[[str, str | None], Surrogates]
DIRECT = (
    "Quellnor",
    "Marta",
    "marta",
    "Voss",
    "voss",
    "Baker",
    "NW1",
    "7946",
    "Ennis",
    "Ternes",
    "12 March",
    "ternes",
)

WORDS = st.sampled_from(
    [
        *("Marta Voss", "Marta", "m.voss@post.example", "+44 20 7946 0958", "Reported to Dr. Karl Ennis"),
        *(
            "Experience",
            "Skills",
            "Python",
            "Nordwind GmbH",
            "Leeds",
            "2015",
            "Age: 34",
            "Nationality: Dutch",
        ),
        *("12 Baker Street", "NW1 6XE", "born 12.03.1985", "[PERSON_1]", "\n", ", ", " | ", "-"),
    ]
)
TEXTS = st.lists(WORDS, max_size=12).map(" ".join)


@pytest.mark.parametrize("level", LEVELS)
def test_no_direct_identifier_is_left(resume: str, stand_ins: StandIns, level: Level) -> None:
    masked = Masker(level, surrogates=stand_ins).mask(resume)
    assert [surface for surface in DIRECT if surface in masked.text] == []


def test_basic_keeps_skills_jobs_and_dates(resume: str) -> None:
    masked = Masker("basic").mask(resume).text
    for kept in (
        "C++, ASP.NET and Node.js",
        "Senior Developer, Brackwater Analytics Ltd",
        "03/2015",
        "Best Paper",
    ):
        assert kept in masked


def test_basic_gives_one_person_one_alias(resume: str) -> None:
    masked = Masker("basic").mask(resume).text
    assert masked.startswith("[PERSON_1]\n")
    assert "[PERSON_1] led teams" in masked
    assert "Reported to Dr. [PERSON_2]" in masked


def test_moderate_writes_years_regions_and_stand_ins(resume: str, stand_ins: StandIns) -> None:
    masked = Masker("moderate", surrogates=stand_ins).mask(resume).text
    assert "2015 – Present" in masked
    assert "England" in masked
    assert "Nationality: [redacted]" in masked
    assert "Best Paper Award 2012" in masked


def test_thorough_leaves_durations_and_kinds(resume: str) -> None:
    masked = Masker("thorough").mask(resume).text
    assert "[company] | Data Analyst | [3 years 1 month]" in masked
    assert "[university], [2 years]" in masked
    assert "2012" not in masked


def test_moderate_without_a_key_is_refused(resume: str) -> None:
    with pytest.raises(UserError, match="need a key"):
        Masker("moderate").mask(resume)


def test_an_alias_that_the_text_has_already_is_not_given_again() -> None:
    masked = Masker("basic").mask("Notes on [PERSON_1]\nReported to Dr. Karl Ennis")
    assert masked.text.endswith("Dr. [PERSON_2]")


def test_metadata_tells_a_name_that_stands_in_the_header() -> None:
    text = "Profil\nohm karla wendt\nPython"
    assert "karla wendt" in Masker("basic").mask(text).text
    header = "karla wendt\nPython"
    assert "wendt" not in Masker("basic").mask(header, hints=["Karla Wendt"]).text


def test_the_address_of_a_link_tells_a_handle_in_the_header() -> None:
    text = "Marta Voss\nOslo | quellcode7\nExperience\nquellcode7"
    masked = Masker("basic").mask(text, hints=["https://code.example/quellcode7"]).text
    assert "quellcode7" not in masked.partition("Experience")[0]


def test_originals_bring_the_text_back(resume: str) -> None:
    masked = Masker("basic").mask(resume)
    entry = Entry(name="a", sha256=digest(masked.text), originals=masked.originals)
    assert restore(masked.text, entry) == resume


@given(TEXTS)
def test_masks_nest(text: str) -> None:
    found = find(text)
    basic, moderate, thorough = (
        {
            place
            for each in mentions(text, active(text, found, level))
            for place in range(each.start, each.end)
        }
        for level in LEVELS
    )
    assert basic <= moderate <= thorough


@given(TEXTS, st.sampled_from(["basic", "thorough"]))
def test_masking_twice_is_masking_once(text: str, level: Level) -> None:
    once = Masker(level).mask(text).text
    assert Masker(level).mask(once).text == once


def test_stand_ins_are_not_replaced_again(resume: str, stand_ins: StandIns) -> None:
    masker = Masker("moderate", surrogates=stand_ins)
    once = masker.mask(resume).text
    assert masker.mask(once).text == once


@given(TEXTS)
def test_aliases_tell_entities_apart(text: str) -> None:
    masked = Masker("basic").mask(text)
    aliased = [(each.label, each.key, each.text) for each in masked.replacements if each.label != "POSTCODE"]
    assert (
        len({entity[:2] for entity in aliased}) == len({entity[2] for entity in aliased}) == len(set(aliased))
    )


def test_a_part_of_a_text_holds_a_replacement_where_it_begins() -> None:
    replacements = [Replacement(2, 6, "PERSON", "x", "[X]")]
    assert rewrite_part("ab1234cd", replacements, 0, 4) == "ab[X]"
    assert rewrite_part("ab1234cd", replacements, 4, 8) == "cd"


def test_counts_are_by_label(resume: str) -> None:
    counts = Masker("basic").mask(resume).counts
    assert counts["EMAIL_ADDRESS"] == 2
    assert counts["PERSON"] == 4
