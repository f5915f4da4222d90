from __future__ import annotations

import pytest

from spanwise.deployment import Stage
from spanwise.service.contract import Endpoint
from spanwise.service.engine.bundles import Bundle, Key
from spanwise.service.engine.resolution import choose
from tests.unit.service.engine.made import Model


def bundle(name: str, version: str, endpoint: Endpoint = "extract") -> Bundle:
    return Bundle(Key(name, version, "d"), endpoint, [Model()])


ENGLISH, ENGLISH_NEXT, ENGLISH_OLD = (bundle("english", number) for number in ("v1.1.0", "v1.2.0", "v1.0.0"))
FRENCH, FRENCH_NEXT = bundle("french", "v1.0.0"), bundle("french", "v1.1.0")
RESUMES = bundle("a-resume", "v3.0.0", "parse")
LOADED = [FRENCH_NEXT, ENGLISH_OLD, ENGLISH_NEXT, FRENCH, RESUMES, ENGLISH]
STANDING: dict[tuple[str, Stage], Bundle] = {
    ("english", "prod"): ENGLISH,
    ("english", "staging"): ENGLISH_NEXT,
    ("french", "prod"): FRENCH,
    ("a-resume", "prod"): RESUMES,
}


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        (None, ENGLISH),
        ("prod", ENGLISH),
        ("staging", ENGLISH_NEXT),
        ("english", ENGLISH),
        ("french", FRENCH),
        ("french@prod", FRENCH),
        ("french@staging", None),
        ("v1.2.0", ENGLISH_NEXT),
        ("v1.1.0", ENGLISH),  # french has one of the number, too, which is not in production
        ("v1.0.0", FRENCH),  # this one is
        ("english@v1.0.0", ENGLISH_OLD),
        ("french@v1.1.0", FRENCH_NEXT),
        ("v9.0.0", None),
        ("spanish", None),
        ("spanish@v1.0.0", None),
        ("a-resume", None),  # answers elsewhere
        ("v3.0.0", None),
        ("", None),
        ("@", None),
        ("english@", None),
    ],
)
def test_what_is_asked_for_names_one_version(asked: str | None, found: Bundle | None) -> None:
    assert choose("extract", asked, STANDING, LOADED) is found
    assert choose("extract", asked, STANDING, LOADED[::-1]) is found


def test_where_nothing_is_in_production_nothing_is_meant() -> None:
    assert choose("extract", None, {}, LOADED) is None
    assert choose("generate", None, STANDING, LOADED) is None
