from __future__ import annotations

import pytest

from spanwise.tasks.compression.equivalence.negations import cues


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("It cannot be sent, and you mustn't open it.", ["not", "not"]),
        ("Il ne faut pas l'ouvrir sans clé, sauf ici.", ["not", "not", "without", "except"]),
        ("Only members, unless it rains; if so, nobody.", ["only", "unless", "if", "no"]),
        ("no more than five, even if late, No. 12", []),
        ("neither butter nor oil, rather than water", ["neither", "neither", "rather than"]),
    ],
)
def test_cues_are_found_by_name(text: str, names: list[str]) -> None:
    assert [cue.name for cue in cues(text)] == names


def test_the_head_of_a_cue_is_what_follows_in_its_sentence() -> None:
    (cue,) = cues("The lamp does not burn brightly. Switch it on.")
    assert cue.heads == ("burn", "brightl")
    (last,) = cues("A cable is included, a plug is not. Call us.")
    assert last.heads == ("plug",)


def test_a_cue_keeps_another_of_its_name_about_the_same_words() -> None:
    (source,) = cues("It must not be heated in any oven.")
    (same,) = cues("Must not be heated.")
    (other,) = cues("Must not be opened.")
    assert same.keeps(source)
    assert not other.keeps(source)
