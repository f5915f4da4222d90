from __future__ import annotations

import sys

import pytest

from spanwise.errors import UserError
from spanwise.metrics import language

FRENCH = "Arrêter la transfusion, garder la voie veineuse et appeler le médecin sans attendre."
ENGLISH = "Stop the transfusion, keep the line open and call the doctor without waiting."


@pytest.mark.parametrize(("text", "code"), [(FRENCH, "fr"), (ENGLISH, "en")])
def test_languages_are_told_apart(text: str, code: str) -> None:
    assert language.identify(text) == code


@pytest.mark.parametrize("text", ["", ENGLISH[:50], ENGLISH[:50] + " " * 50, "0" * 80, "?!" * 50])
def test_nothing_is_said_of_what_is_short_or_no_language(text: str) -> None:
    assert language.identify(text) is None


def test_without_py3langid_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    language._identifier.cache_clear()
    monkeypatch.setitem(sys.modules, "py3langid.langid", None)
    with pytest.raises(UserError, match="py3langid") as caught:
        language.identify(ENGLISH)
    assert "spanwise[instruct]" in str(caught.value.hint)
    language._identifier.cache_clear()
