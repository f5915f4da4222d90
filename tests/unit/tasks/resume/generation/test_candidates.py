from __future__ import annotations

import re

import phonenumbers
import pytest

from spanwise.tasks.resume.generation.candidates import Candidate, draw_candidate
from spanwise.tasks.resume.generation.vocabulary import LOCALES
from spanwise.tasks.resume.model import to_json_resume
from spanwise.tasks.resume.schema import schema_faults

SEEDS = tuple(map(str, range(8)))


@pytest.fixture(scope="module", params=LOCALES)
def candidates(request: pytest.FixtureRequest) -> list[Candidate]:
    return [draw_candidate(request.param, seed, year_only=False) for seed in SEEDS]


def test_the_same_seed_draws_the_same_person() -> None:
    assert draw_candidate("fr_FR", "a", year_only=False) == draw_candidate("fr_FR", "a", year_only=False)
    assert draw_candidate("fr_FR", "a", year_only=False) != draw_candidate("fr_FR", "b", year_only=False)


def test_every_truth_is_valid_json_resume(candidates: list[Candidate]) -> None:
    for candidate in candidates:
        assert schema_faults(to_json_resume(candidate.resume)) == ()


def test_jobs_come_last_first_and_begin_before_they_end(candidates: list[Candidate]) -> None:
    for candidate in candidates:
        starts = [job.start or "" for job in candidate.resume.work]
        assert starts == sorted(starts, reverse=True)
        assert all(job.end is None or (job.start or "") < job.end for job in candidate.resume.work)


def test_addresses_are_of_domains_kept_for_examples(candidates: list[Candidate]) -> None:
    for candidate in candidates:
        email = candidate.resume.basics.email or ""
        assert email.isascii()
        assert email.rpartition(".")[2] == "example" or email.rpartition("@")[2].startswith("example.")


def test_telephone_numbers_are_possible_in_their_country(candidates: list[Candidate]) -> None:
    for candidate in candidates:
        number = phonenumbers.parse(candidate.resume.basics.phone or "", candidate.locale.country_code)
        assert phonenumbers.is_possible_number(number)


@pytest.mark.parametrize(
    ("locale", "kept"),
    [
        ("en_US", r"\d{3}55501\d\d"),
        ("en_GB", r"(2079460\d{3}|1[26]14960\d{3})"),
        ("fr_FR", r"(1990|2619|4657)\d{5}"),
        ("de_DE", r"(17139200\d\d|3023125\d{3}|8999998\d{3}|4066969\d{3})"),
        ("sv_SE", r"(7017406|3139006|4062804)\d\d"),
    ],
)
def test_numbers_are_those_kept_for_fiction_where_there_are_such(locale: str, kept: str) -> None:
    for seed in SEEDS:
        candidate = draw_candidate(locale, seed, year_only=False)
        number = phonenumbers.parse(candidate.resume.basics.phone or "", candidate.locale.country_code)
        assert re.fullmatch(kept, str(number.national_number))


def test_every_letter_is_in_the_fonts_of_pdf(candidates: list[Candidate]) -> None:
    for candidate in candidates:
        candidate.resume.model_dump_json().encode("cp1252")


def test_dates_are_years_alone_where_that_is_asked_for() -> None:
    resume = draw_candidate("de_DE", "a", year_only=True).resume
    assert {len(job.start or "") for job in resume.work} == {4}


def test_some_tell_personal_details_and_some_have_referees() -> None:
    drawn = [draw_candidate("de_DE", str(seed), year_only=False) for seed in range(40)]
    assert 5 < sum(any(candidate.personal) for candidate in drawn) < 35
    assert 2 < sum(bool(candidate.referees) for candidate in drawn) < 30
    for candidate in drawn:
        named = [reference.name for reference in candidate.resume.references]
        assert named == [referee.name for referee in candidate.referees]
