from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from spanwise.readers import read
from spanwise.schema import Example
from spanwise.tasks.instruct.coverage import coverage, missing

TERM = st.text("abcdeéè 12", min_size=1, max_size=12).filter(lambda text: bool(text.strip()))


def test_terms_are_found_as_phrases() -> None:
    text = "Arrêtez la perfusion ; vérifiez l'identité du patient."
    assert missing(["arrêter", "identite du patient", "patient identité", "fièvre"], text, "fr") == [
        "patient identité",
        "fièvre",
    ]
    assert coverage(["arrêter", "identite du patient", "patient identité", "fièvre"], text, "fr") == 0.5


def test_a_mention_is_no_truth() -> None:
    assert missing(["stop"], "Do not stop.", "en") == []


def test_no_terms_are_no_coverage() -> None:
    assert coverage([], "text", "en") is None


def test_an_empty_answer_lacks_all() -> None:
    assert coverage(["stop"], "", "en") == 0


@given(st.lists(TERM, min_size=1, max_size=4), TERM, TERM)
def test_what_holds_a_term_word_by_word_covers_it(terms: list[str], before: str, behind: str) -> None:
    text = "\n".join([before, *terms, behind])
    assert coverage(terms, text, None) == 1


def test_each_reference_of_the_protocols_mentions_what_it_must(root: Path) -> None:
    found = read(
        root / "data/corpora/protocols", format="chat", discontinuous="envelope", overlapping="longest"
    )
    for example in found:
        assert isinstance(example, Example)
        assert example.attributes is not None
        lacking = missing(
            example.attributes["must_include"], str(example.target), example.attributes["language"]
        )
        assert lacking == [], example.id
