from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from spanwise.tasks.pii.folding import bare, fold


def test_look_alikes_in_a_latin_word_become_latin() -> None:
    assert fold("J\u0430ne D\u043ee").text == "Jane Doe"


def test_a_word_of_another_script_stays() -> None:
    assert fold("\u0410\u043d\u043d\u0430").text == "\u0410\u043d\u043d\u0430"


def test_invisible_characters_go_and_offsets_lead_back_over_them() -> None:
    folded = fold("Ja\u200bne Doe")
    assert folded.text == "Jane Doe"
    assert folded.original(0, 4) == (0, 5)


@given(st.text())
def test_offsets_lead_to_the_characters_themselves(text: str) -> None:
    folded = fold(text)
    assert len(folded.text) == len(folded.offsets)
    assert list(folded.offsets) == sorted(set(folded.offsets))


@given(st.text())
def test_bare_text_is_as_long(text: str) -> None:
    assert len(bare(text)) == len(text)


def test_bare_text_has_neither_case_nor_accents() -> None:
    assert bare("Éloïse MÜLLER") == "eloise muller"
