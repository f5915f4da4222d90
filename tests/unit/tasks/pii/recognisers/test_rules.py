"""What the rules find, by kind, in several languages, and what they must leave alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest

from spanwise.schema import Span
from spanwise.tasks.pii.recognisers import RULES, detect
from spanwise.tasks.pii.recognisers.addresses import find_postcodes, find_streets
from spanwise.tasks.pii.recognisers.attributes import find_attributes
from spanwise.tasks.pii.recognisers.contacts import find_emails, find_phones, find_urls
from spanwise.tasks.pii.recognisers.dates import find_dates
from spanwise.tasks.pii.recognisers.identifiers import find_identifiers
from spanwise.tasks.pii.recognisers.locations import find_locations
from spanwise.tasks.pii.recognisers.names import find_names
from spanwise.tasks.pii.recognisers.organisations import find_organisations
from spanwise.tasks.pii.recognisers.works import find_works
from spanwise.tasks.pii.source import Source

Rule = Callable[[Source], Iterable[Span]]


def _found(rule: Rule, text: str) -> set[tuple[str, str]]:
    return {(span.label, text[span.start : span.end]) for span in rule(Source(text))}


@pytest.mark.parametrize(
    "address",
    [
        "ada.byrne@post.example",
        "ada+cv@mail.post.example",
        "ada [at] post (dot) example",
        "a d a @ p o s t . e x a m p l e",
        "ada.byr-\nne@post.example",
        "ada@\npost.example",
        "ada at post dot example",
    ],
)
def test_an_email_address_is_found_however_it_is_written(address: str) -> None:
    assert ("EMAIL_ADDRESS", address) in _found(find_emails, f"Mail: {address} now")


def test_an_address_does_not_reach_into_the_next_line() -> None:
    assert _found(find_emails, "ada@post.co.uk\nlinkedin.com/in/ada") == {("EMAIL_ADDRESS", "ada@post.co.uk")}


@pytest.mark.parametrize(
    ("text", "label", "value"),
    [
        ("see https://ada.example/cv", "URL", "https://ada.example/cv"),
        ("linkedin.com/in/ada-byrne, x", "URL", "linkedin.com/in/ada-byrne"),
        ("adabyrne.dev\nSkills", "URL", "adabyrne.dev"),
        ("GitHub: adab7", "USERNAME", "adab7"),
        ("Twitter @adab7", "USERNAME", "@adab7"),
    ],
)
def test_addresses_and_handles_on_the_web_are_found(text: str, label: str, value: str) -> None:
    assert (label, value) in _found(find_urls, text)


def test_technologies_with_dots_are_no_addresses() -> None:
    assert _found(find_urls, "Skills\nASP.NET, Node.js, socket.io, Vue.js") == set()


@pytest.mark.parametrize(
    "text",
    [
        "+44 20 7946 0958",
        "Tel: 7946 0958",
        "(415) 555-0154",
        "0171 3920000",
        "+33 1 23 45 67 89",
        "Mobile: +48 600-\n100-200",
    ],
)
def test_a_telephone_number_is_found(text: str) -> None:
    assert [label for label, _ in _found(find_phones, f"Ada Byrne\n{text}")] == ["PHONE_NUMBER"]


@pytest.mark.parametrize(
    "text", ["2015 – 2018", "03/2015 - 05/2017", "12.03.1985", "Budget of 12 000 000 euros"]
)
def test_years_dates_and_amounts_are_no_telephone_numbers(text: str) -> None:
    assert _found(find_phones, f"Experience\n{text}") == set()


@pytest.mark.parametrize(
    "value",
    [
        "DE89 3704 0044 0532 0130 00",
        "4111 1111 1111 1111",
        "192.168.7.12",
        "2001:db8::7",
        "078-05-1120",
        "RSSMRA85T10A562S",
        "529.982.247-25",
    ],
)
def test_an_identifier_is_found_by_its_form(value: str) -> None:
    assert ("ID_NUMBER", value) in _found(find_identifiers, f"x {value} y")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Passport No. C01X00T47", "C01X00T47"),
        ("Passnummer: C03X57519", "C03X57519"),
        ("Employee ID: 4471-22", "4471-22"),
    ],
)
def test_an_identifier_is_found_by_its_name(text: str, value: str) -> None:
    assert ("ID_NUMBER", value) in _found(find_identifiers, text)


@pytest.mark.parametrize(
    "text", ["Passport: yes", "ID card since 2015", "4111 1111 1111 1112", "999.1.1.1", "::"]
)
def test_words_years_and_failed_checks_are_no_identifiers(text: str) -> None:
    assert _found(find_identifiers, text) == set()


@pytest.mark.parametrize(
    ("text", "street"),
    [
        ("12 Baker Street, London NW1 6XE", "12 Baker Street"),
        ("Hauptstraße 12a, 10115 Berlin", "Hauptstraße 12a"),
        ("12 rue de la Paix, 75002 Paris", "12 rue de la Paix"),
        ("Calle Mayor 5, 28013 Madrid", "Calle Mayor 5"),
        ("Keizersgracht 12, 1015 CR Amsterdam", "Keizersgracht 12"),
        ("Urbanização Clara, 254, Recife - PE, 50000-100", "Urbanização Clara, 254"),
        ("Flat 5, Brett Lodge, Exeter EX4 1BF", "Flat 5, Brett Lodge"),
        ("P.O. Box 1234", "P.O. Box 1234"),
        ("chemin Danielle Rocher\n21257 Toulouse", "chemin Danielle Rocher"),
        ("Address: Old Mill House, Exeter", "Old Mill House"),
    ],
)
def test_a_street_is_found(text: str, street: str) -> None:
    assert any(street in value for _, value in _found(find_streets, f"Ada Byrne\n{text}"))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("London NW1 6XE", "NW1 6XE"),
        ("10115 Berlin", "10115"),
        ("Springfield, IL 62704", "62704"),
        ("1015 CR Amsterdam", "1015 CR"),
        ("1250-096 Lisboa", "1250-096"),
        ("PLZ: 8001", "8001"),
        ("Recife, 04400399", "04400399"),
    ],
)
def test_a_postcode_is_found(text: str, code: str) -> None:
    assert ("POSTCODE", code) in _found(find_postcodes, f"Ada Byrne\n{text}")


def test_a_year_before_a_word_is_no_postcode() -> None:
    assert _found(find_postcodes, "Ada Byrne\n2015 Berlin") == set()


@pytest.mark.parametrize(
    ("text", "label", "value"),
    [
        ("Date of birth: 12 March 1985", "DATE_OF_BIRTH", "12 March 1985"),
        ("Geburtsdatum 12.03.1985", "DATE_OF_BIRTH", "12.03.1985"),
        ("Né le 12/03/1985", "DATE_OF_BIRTH", "12/03/1985"),
        ("\n* 12.03.1985 in Linz", "DATE_OF_BIRTH", "12.03.1985"),
        ("Age: 34 years", "AGE", "34 years"),
        ("34 ans", "AGE", "34 ans"),
        ("Nationalité : Belge\n", "NATIONALITY", "Belge"),
        ("Familienstand: verheiratet", "MARITAL_STATUS", "verheiratet"),
        ("Gender: female | x", "GENDER", "female"),
        ("Religion: none\n", "RELIGION", "none"),
        ("Name: Ada Byrne", "PERSON", "Ada Byrne"),
        ("Place of birth: Linz", "LOCATION", "Linz"),
    ],
)
def test_an_attribute_is_found_by_its_name(text: str, label: str, value: str) -> None:
    assert (label, value) in _found(find_attributes, text)


@pytest.mark.parametrize("text", ["Age: 30–34", "Name: [PERSON_1]", "Name: 4711", "Gender: "])
def test_what_is_masked_or_empty_is_no_attribute(text: str) -> None:
    assert _found(find_attributes, text) == set()


@pytest.mark.parametrize(
    "date",
    [
        "March 2019",
        "Mar 2019",
        "03/2019",
        "2019-03",
        "2019-03-01",
        "12. März 2019",
        "enero de 2019",
        "Mar '19",
        "2019",
    ],
)
def test_a_date_is_found(date: str) -> None:
    assert ("DATE_TIME", date) in _found(find_dates, f"from {date} on")


def test_a_period_is_two_dates() -> None:
    assert _found(find_dates, "2015-2018") == {("DATE_TIME", "2015"), ("DATE_TIME", "2018")}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Ada Byrne\nEngineer", "Ada Byrne"),
        ("Curriculum Vitae of Ada Byrne\nx", "Ada Byrne"),
        ("A D A   B Y R N E\nEngineer", "A D A   B Y R N E"),
        ("Software Engineer\nada byrne\nada.byrne@post.example", "ada byrne"),
        ("Skills\nPython\nAda Byrne\nabyrne@post.example", "Ada Byrne"),
        ("x y\nReported to Prof. Ilse van den Berg", "Ilse van den Berg"),
        ("x\nYours sincerely,\nAda Byrne", "Ada Byrne"),
        ("x\nReferences\nTom Ennis, Head of Data", "Tom Ennis"),
        ("Ada By-\nrne\nEngineer", "Ada By-\nrne"),
    ],
)
def test_a_name_is_found(text: str, name: str) -> None:
    assert ("PERSON", name) in _found(find_names, text)


@pytest.mark.parametrize(
    "text", ["Software Engineer\nPython", "[PERSON_1]\nTeam Player", "References\nAvailable on request"]
)
def test_posts_and_what_is_masked_are_no_names(text: str) -> None:
    assert _found(find_names, text) == set()


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("Lyon", "Lyon"),
        ("Springfield, IL", "Springfield"),
        ("4020 Linz-Urfahr", "Linz-Urfahr"),
        ("Quellstadt, Germany", "Quellstadt"),
        ("Recife - PE", "PE"),
        ("DEUTSCHLAND", "DEUTSCHLAND"),
    ],
)
def test_a_place_is_found(text: str, place: str) -> None:
    assert ("LOCATION", place) in _found(find_locations, f"Ada Byrne\n{text}")


@pytest.mark.parametrize(
    ("text", "label", "name"),
    [
        ("Experience\nBrackwater Analytics Ltd, Analyst", "ORGANIZATION", "Brackwater Analytics Ltd"),
        ("Experience\nAnalyst, Brackwater\n2015 – 2018", "ORGANIZATION", "Brackwater"),
        ("Experience\nAnalyst\t2015\nHunter, Dodd and Simms, Lyon", "ORGANIZATION", "Hunter, Dodd and Simms"),
        ("Education\nMSc, Universität Quellstadt, 2011", "SCHOOL", "Universität Quellstadt"),
        ("Estudios\nUniversidad de Quell, 2011", "SCHOOL", "Universidad de Quell"),
    ],
)
def test_employers_and_schools_are_found(text: str, label: str, name: str) -> None:
    assert (label, name) in _found(find_organisations, text)


def test_what_was_done_in_a_job_names_no_employer() -> None:
    text = (
        "Experience\n• Led Project Apollo\nCoordinated the move of the whole Paris office, and Trained Staff."
    )
    assert {label for label, _ in _found(find_organisations, text)} == set()


@pytest.mark.parametrize(
    ("text", "label", "value"),
    [
        ("Awards\n• Best Paper", "AWARD", "Best Paper"),
        ("Selected publications\nOn Engines", "PUBLICATION", "On Engines"),
        ("Patent US 7,654,321 B2", "PATENT", "US 7,654,321 B2"),
        ("doi 10.1000/abc.7", "PUBLICATION", "10.1000/abc.7"),
        ("CEO of it", "RARE_TITLE", "CEO"),
    ],
)
def test_works_are_found(text: str, label: str, value: str) -> None:
    assert (label, value) in _found(find_works, text)


def test_findings_are_in_the_order_of_the_text(resume: str) -> None:
    starts = [span.start for span in detect(Source(resume), RULES)]
    assert starts == sorted(starts)
