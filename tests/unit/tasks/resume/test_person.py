"""The person: each field once, and accounts from addresses, labels and links."""

from __future__ import annotations

from typing import Any

import pytest

from spanwise.tasks.resume import fields
from spanwise.tasks.resume.candidate import Candidate
from spanwise.tasks.resume.person import assemble_basics, linked_handles
from spanwise.tasks.resume.value import plain


def basics(
    text: str, *found: tuple[str, str, float], links: tuple[str, ...] = (), personal: int | None = None
) -> Any:
    candidates, place = [], 0
    for words, label, confidence in found:
        place = text.index(words, place)
        candidates.append(Candidate(start=place, end=place + len(words), label=label, confidence=confidence))
        place += len(words)
    ranges = [(0, len(text) if personal is None else personal)]
    return plain(assemble_basics(text, candidates, ranges, links))


def test_the_surest_candidate_fills_a_field() -> None:
    found = basics("Ann Lee or Bo Ek", ("Ann Lee", fields.NAME, 0.6), ("Bo Ek", fields.NAME, 0.9))
    assert found == {"name": "Bo Ek"}


def test_the_header_comes_before_a_referee() -> None:
    text = "a@b.example\nreferee: c@d.example"
    found = basics(text, ("a@b.example", fields.EMAIL, 0.9), ("c@d.example", fields.EMAIL, 0.99), personal=11)
    assert found == {"email": "a@b.example"}


def test_an_email_that_is_none_is_left_out() -> None:
    assert basics("mail me", ("mail me", fields.EMAIL, 0.9)) == {}


def test_a_country_becomes_its_code_and_an_unknown_one_nothing() -> None:
    assert basics("Deutschland", ("Deutschland", fields.COUNTRY, 0.9)) == {"location": {"country_code": "DE"}}
    assert basics("Atlantis", ("Atlantis", fields.COUNTRY, 0.9)) == {}


@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        (
            "linkedin.com/in/ann-lee",
            "linkedin.com/in/ann-lee",
            {"profiles": [{"network": "LinkedIn", "username": "ann-lee", "url": "linkedin.com/in/ann-lee"}]},
        ),
        ("GitHub: annlee", "annlee", {"profiles": [{"username": "annlee", "network": "GitHub"}]}),
        ("@annlee", "@annlee", {"profiles": [{"username": "annlee"}]}),
        ("www.ann.example", "www.ann.example", {"url": "www.ann.example"}),
        ("https://ann.example/cv", "https://ann.example/cv", {"url": "https://ann.example/cv"}),
    ],
)
def test_an_address_is_an_account_or_a_site(text: str, words: str, expected: dict[str, Any]) -> None:
    assert basics(text, (words, fields.URL, 0.9)) == expected


def test_bare_names_get_the_addresses_behind_their_links_in_turn() -> None:
    links = ("mailto:a@b.example", "https://linkedin.com/in/ann", "https://github.com/ann", "https://x.com/")
    text = "Ann\tann\tann"
    assert linked_handles(text, [(0, len(text))], links) == {4: links[1], 8: links[2]}
    found = basics(text, ("ann", fields.URL, 0.9), ("ann", fields.URL, 0.9), links=links)
    assert [profile["network"] for profile in found["profiles"]] == ["LinkedIn", "GitHub"]
