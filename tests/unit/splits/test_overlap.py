from __future__ import annotations

import unicodedata
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spanwise.splits.overlap import overlapping, words

RUN = "the mass was excised in one piece under general anaesthesia"  # ten words: six 5-grams


def test_words_are_casefolded_and_free_of_punctuation() -> None:
    assert words("Straße,\u2009B-cell (2.5 mg)!") == ["strasse", "b", "cell", "2", "5", "mg"]


def test_words_are_the_same_in_every_form_of_unicode() -> None:
    text = "Ménière na\u00efve ﬁbrosis"
    assert words(text) == ["ménière", "naïve", "fibrosis"]
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        assert words(unicodedata.normalize(form, text)) == words(text)


def test_an_excerpt_is_a_twin_of_the_whole() -> None:
    whole = f"a man of forty came with pain. {RUN}. he left on day three and was well after a year"
    assert list(overlapping([whole, RUN.upper()], ngram=5, overlap=0.99)) == [(0, 1)]


def test_tokenisation_hides_nothing() -> None:
    assert list(overlapping([RUN, RUN.replace(" ", " , ")], ngram=5, overlap=0.99)) == [(0, 1)]


def test_a_phrase_in_common_makes_no_twins_of_short_sentences() -> None:
    # One of two 5-grams is half of each sentence, well above the bound.
    pair = ["biopsy of the left kidney failed", "biopsy of the left kidney succeeded"]
    assert list(overlapping(pair, ngram=5, overlap=0.3)) == []


@pytest.mark.parametrize(("length", "twins"), [(8, []), (9, [(0, 1)])])
def test_twins_share_at_least_as_many_ngrams_as_an_ngram_has_words(
    length: int, twins: list[tuple[int, int]]
) -> None:
    run = " ".join(RUN.split()[:length])
    assert list(overlapping([f"one {run}", f"two {run}"], ngram=5, overlap=0.3)) == twins


def test_the_bound_itself_is_allowed() -> None:
    pair = [f"{RUN} and then six other words came", f"{RUN} but here a different end was"]
    sets = [{tuple(text.split()[i : i + 5]) for i in range(len(text.split()) - 4)} for text in pair]
    exact = len(sets[0] & sets[1]) / len(sets[0])
    assert list(overlapping(pair, ngram=5, overlap=exact)) == []
    assert list(overlapping(pair, ngram=5, overlap=exact - 0.01)) == [(0, 1)]


@pytest.mark.parametrize("texts", [[], [""], ["one two"], ["", "", "a b"]])
def test_texts_without_ngrams_match_nothing(texts: list[str]) -> None:
    assert list(overlapping(texts, ngram=3, overlap=0.0)) == []


@given(
    st.lists(st.lists(st.sampled_from("abc"), max_size=14).map(" ".join), max_size=8),
    st.integers(1, 4),
    st.sampled_from([0.0, 0.3, 0.5, 0.9]),
)
def test_the_index_finds_what_the_definition_says(texts: list[str], ngram: int, overlap: float) -> None:
    sets = [
        {tuple(text.split()[i : i + ngram]) for i in range(len(text.split()) - ngram + 1)} for text in texts
    ]
    expected = [
        (i, j)
        for i, j in combinations(range(len(texts)), 2)
        if len(sets[i] & sets[j]) >= ngram
        and len(sets[i] & sets[j]) / min(len(sets[i]), len(sets[j])) > overlap
    ]
    assert sorted(overlapping(texts, ngram=ngram, overlap=overlap)) == expected
