from __future__ import annotations

import pytest

from spanwise.errors import UserError
from spanwise.tasks.pii import surrogates
from spanwise.tasks.pii.surrogates import Surrogates, need_secret


def test_one_entity_has_one_stand_in(secret: bytes) -> None:
    first, second = (Surrogates(secret).of("PERSON", "ada byrne", "Ada Byrne", ()) for _ in range(2))
    assert first == second != "Ada Byrne"


def test_another_key_or_scope_gives_another_stand_in(secret: bytes) -> None:
    drawn = {
        given.of("EMAIL_ADDRESS", "a@b.example", "a@b.example", ())
        for given in (Surrogates(secret), Surrogates(secret, scope="x"), Surrogates(b"z" * 32))
    }
    assert len(drawn) == 3


def test_two_thousand_names_have_as_many_stand_ins(secret: bytes) -> None:
    given = Surrogates(secret)
    drawn = {given.of("PERSON", f"name{i} other{i}", f"Name{i} Other{i}", ()) for i in range(2000)}
    assert len(drawn) == 2000


def test_a_name_in_part_gets_the_same_part_of_its_stand_in(secret: bytes) -> None:
    given = Surrogates(secret)
    first, last = given.of("PERSON", "ada byrne", "Ada Byrne", ()).split()
    assert given.of("PERSON", "ada byrne", "Ada", ()) == first
    assert given.of("PERSON", "ada byrne", "BYRNE", ()) == last.upper()
    assert given.of("PERSON", "ada byrne", "A. Byrne", ()) == f"{first[0]}. {last}"


def test_a_stand_in_has_no_word_to_be_avoided(secret: bytes) -> None:
    plain = Surrogates(secret).of("PERSON", "ada byrne", "Ada Byrne", ())
    word = plain.split()[0].lower()
    assert word not in Surrogates(secret).of("PERSON", "ada byrne", "Ada Byrne", {word}).lower()


@pytest.mark.parametrize(
    ("label", "surface", "pattern"),
    [
        ("EMAIL_ADDRESS", "a@b.example", r"[a-z.]+\d*@example\.com"),
        ("PHONE_NUMBER", "020 7946 0011", r"\+999 \d{3} \d{3} \d{3}"),
        ("URL", "b.example/a", r"https://example\.com/[a-z]+-\d{6}"),
        ("USERNAME", "ada", r"[a-z]+\d{6}"),
        ("STREET_ADDRESS", "1 High Street", r"[^\n]+"),
        ("DATE_OF_BIRTH", "12 March 1987", r"198[5-9]-\d\d-\d\d"),
        ("ORGANIZATION", "Brack Ltd", r".+"),
        ("SCHOOL", "Brack School", r"University of .+"),
        ("ID_NUMBER", "AB-12 34c", r"[A-Z]{2}-\d\d \d\d[a-z]"),
    ],
)
def test_a_stand_in_looks_like_its_kind(secret: bytes, label: str, surface: str, pattern: str) -> None:
    import re

    assert re.fullmatch(pattern, Surrogates(secret).of(label, surface.lower(), surface, ()))


def test_names_come_from_the_language(secret: bytes) -> None:
    texts = {
        language: Surrogates(secret, language=language).of("PERSON", "a b", "A B", ())
        for language in ["de", "fr"]
    }
    assert len(set(texts.values())) == 2


def test_where_nothing_is_left_an_error_says_so(secret: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(surrogates, "ATTEMPTS", 3)
    with pytest.raises(UserError, match="no stand-in is left"):
        Surrogates(secret).of("EMAIL_ADDRESS", "a@b", "a@b", {"example"})


def test_a_missing_key_is_an_error_with_the_way_to_make_one() -> None:
    with pytest.raises(UserError, match="token_hex"):
        need_secret(None)
