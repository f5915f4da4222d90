from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spanwise.errors import UserError
from spanwise.tasks.instruct import overlap


def test_rouge_l_is_the_longest_common_subsequence_of_words() -> None:
    found = overlap.rouge_l("arrêter vite la perfusion", "arrêter la perfusion maintenant et ici")
    assert found.precision == 3 / 4
    assert found.recall == 3 / 6
    assert found.f1 == pytest.approx(0.6)


def test_accented_words_count_whole() -> None:
    assert overlap.rouge_l("é à ê", "e a e").f1 == 0
    assert overlap.rouge_l("ÉTÉ", "été").f1 == 1


def test_chrf_is_that_of_sacrebleu_as_a_share() -> None:
    assert overlap.chrf("arrêter la perfusion", "arrêter la perfusion") == pytest.approx(1)
    assert 0 < overlap.chrf("arrêter", "arrêter la perfusion") < 0.6
    assert overlap.chrf("", "arrêter") == 0


@given(st.text(max_size=30), st.text(min_size=1, max_size=30))
def test_both_stay_between_0_and_1(answer: str, reference: str) -> None:
    assert 0 <= overlap.rouge_l(answer, reference).f1 <= 1
    assert 0 <= overlap.chrf(answer, reference) <= 1 + 1e-9


@pytest.mark.parametrize(
    ("module", "call"),
    [("rouge_score.rouge_scorer", overlap.rouge_l), ("sacrebleu.metrics.chrf", overlap.chrf)],
)
def test_without_its_library_the_error_names_the_extra(
    module: str, call: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    overlap._rouge.cache_clear()
    overlap._chrf.cache_clear()
    monkeypatch.setitem(sys.modules, module, None)
    assert callable(call)
    with pytest.raises(UserError) as caught:
        call("a", "b")
    assert caught.value.hint == "pip install 'spanwise[instruct]'"
