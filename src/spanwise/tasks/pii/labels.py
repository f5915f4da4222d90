"""The labels of personal data, and how far each of them identifies a person.

A label is Presidio's where Presidio has one (https://microsoft.github.io/presidio/supported_entities/).
Direct identifiers point at one person by themselves; quasi identifiers do so together with others (GDPR,
recital 26; the tests of WP216: singling out, linkability, inference). Art. 9 attributes count as strong
quasi identifiers.
"""

from __future__ import annotations

from typing import Literal

DIRECT: frozenset[str] = frozenset(
    {
        "PERSON",  # of the candidate and of referees alike
        "EMAIL_ADDRESS",
        "PHONE_NUMBER",
        "STREET_ADDRESS",  # street and house number, as one span
        "POSTCODE",
        "URL",
        "USERNAME",  # a handle, where it is no URL
        "ID_NUMBER",  # passport, tax, social security, licence, account
        "DATE_OF_BIRTH",
    }
)
STRONG: frozenset[str] = frozenset(
    {
        "LOCATION",  # city, region or country, one span each
        "AGE",
        "DATE_TIME",  # one date of an education or a job, "2019-03" or "März 2019"; not the words around it
        "GENDER",
        "NATIONALITY",
        "MARITAL_STATUS",
        "RELIGION",
        "POLITICS",
        "UNION",
        "HEALTH",
        "ORGANIZATION",  # an employer or another organisation
        "SCHOOL",
    }
)
OTHER: frozenset[str] = frozenset(
    {
        "PUBLICATION",
        "PATENT",
        "AWARD",
        "RARE_TITLE",  # a post that one person at a time holds
    }
)
LABELS: tuple[str, ...] = (*sorted(DIRECT), *sorted(STRONG), *sorted(OTHER))

PRESIDIO: dict[str, str] = {
    "PERSON": "PERSON",
    "EMAIL_ADDRESS": "EMAIL_ADDRESS",
    "EMAIL": "EMAIL_ADDRESS",
    "PHONE_NUMBER": "PHONE_NUMBER",
    "ADDRESS": "STREET_ADDRESS",
    "STREET_ADDRESS": "STREET_ADDRESS",
    "ZIP_CODE": "POSTCODE",
    "URL": "URL",
    "DOMAIN_NAME": "URL",
    "IP_ADDRESS": "ID_NUMBER",
    "CREDIT_CARD": "ID_NUMBER",
    "CRYPTO": "ID_NUMBER",
    "IBAN_CODE": "ID_NUMBER",
    "IBAN": "ID_NUMBER",
    "MEDICAL_LICENSE": "ID_NUMBER",
    "US_SSN": "ID_NUMBER",
    "US_BANK_NUMBER": "ID_NUMBER",
    "US_DRIVER_LICENSE": "ID_NUMBER",
    "US_ITIN": "ID_NUMBER",
    "US_PASSPORT": "ID_NUMBER",
    "UK_NHS": "ID_NUMBER",
    "UK_NINO": "ID_NUMBER",
    "LOCATION": "LOCATION",
    "GPE": "LOCATION",
    "NRP": "NATIONALITY",
    "AGE": "AGE",
    "DATE_TIME": "DATE_TIME",
    "ORGANIZATION": "ORGANIZATION",
}
"""What Presidio and its research data call them -> the label here; what is absent has none."""


def identification_of(label: str) -> Literal["direct", "strong", "other"]:
    """How far a label identifies a person.

    Raises:
        KeyError: If it is no label of personal data.
    """
    if label in DIRECT:
        return "direct"
    if label in STRONG:
        return "strong"
    if label in OTHER:
        return "other"
    raise KeyError(label)
