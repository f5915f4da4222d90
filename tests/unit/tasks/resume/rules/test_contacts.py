"""Addresses and numbers by their form, and what only looks like one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spanwise.tasks.resume.fields import EMAIL, PHONE, URL
from spanwise.tasks.resume.rules.contacts import find_contacts, looks_like_years


def found(text: str, label: str, *, header: bool = True) -> list[str]:
    ranges = [(0, len(text))] if header else []
    return [text[each.start : each.end] for each in find_contacts(text, header=ranges) if each.label == label]


@pytest.mark.parametrize(
    "number",
    [
        "+49 30 1234567",
        "(202) 555-0187",
        "06 12 34 56 78",
        "+1 (415) 555-0116",
        "0121 496 0942",
        "+34 647 34 05 39",
    ],
)
def test_a_phone_number_is_found_whole(number: str) -> None:
    assert found(f"Anna Berg\n{number} | x", PHONE) == [number]


@pytest.mark.parametrize(
    "text", ["Passport no.: 556519168", "2015 - 2018", "Geburtsdatum: 12.03.1985", "ID: 123456789"]
)
def test_other_numbers_are_no_phones(text: str) -> None:
    assert found(text, PHONE) == []


def test_a_number_does_not_begin_in_the_row_above() -> None:
    assert found("Boise, ID 29432\n(617) 555-0159 • x", PHONE) == ["(617) 555-0159"]


def test_outside_of_the_header_only_what_is_called_a_phone_counts() -> None:
    assert found("cut 555 123 4567 cases", PHONE, header=False) == []
    assert found("Tel.: 555 123 4567", PHONE, header=False) == ["555 123 4567"]


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("see https://example.org/me.", "https://example.org/me"),
        ("linkedin.com/in/anna-berg • x", "linkedin.com/in/anna-berg"),
        ("www.anna.example, Bonn", "www.anna.example"),
        ("anna-berg.dev", "anna-berg.dev"),
        ("GitHub: annaberg", "annaberg"),
        ("@annaberg", "@annaberg"),
    ],
)
def test_an_address_of_the_web_is_found_without_its_surroundings(text: str, address: str) -> None:
    assert found(text, URL) == [address]


def test_a_domain_in_the_body_is_a_product_not_an_address() -> None:
    assert found("knows node.js and asp.net", URL, header=False) == []


def test_an_email_is_no_web_address_as_well() -> None:
    text = "anna.berg@mail.example.org"
    assert found(text, EMAIL) == [text]
    assert found(text, URL) == []


@pytest.mark.parametrize(
    ("number", "years"), [("2015 - 2018", True), ("2019 555", True), ("202 555 0187", False)]
)
def test_years_are_told_from_numbers_to_call(number: str, years: bool) -> None:
    assert looks_like_years(number) is years


@given(st.text(alphabet="+1234 ()-@.:abcom/\nTel", max_size=60))
def test_what_is_found_lies_inside_and_apart(text: str) -> None:
    end = 0
    for each in find_contacts(text, header=[(0, len(text))]):
        assert end <= each.start < each.end <= len(text)
        end = each.end
