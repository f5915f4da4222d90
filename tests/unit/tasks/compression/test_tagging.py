from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from spanwise.encoding import WORD
from spanwise.errors import UserError
from spanwise.schema import Labels
from spanwise.tasks.compression.compressor import Compressor, gates
from spanwise.tasks.compression.tagging import tagger_scorer
from tests.tiny import TINY
from tests.unit.tasks.compression.prompts import is_subsequence

if TYPE_CHECKING:
    from spanwise.learners.tagger import Tagger
    from spanwise.runtime.predictor import Predictor

TEXTS = ["The cat sat on the mat, and then it slept. " * 5, "", "\x00", "One more."]


@pytest.fixture(scope="module")
def predictor() -> Predictor:
    from spanwise.learners.tagger import Tagger

    labels = Labels(id2tag=("O", "B-DROP", "I-DROP"), tiers={"DROP": "all"})
    return Tagger.pretrained(labels, **TINY, seed=13).predictor(256)


def test_every_word_of_every_text_has_a_probability(predictor: Predictor) -> None:
    found = tagger_scorer(predictor)(TEXTS)
    expected = [[match.span() for match in WORD.finditer(text.replace("\x00", ""))] for text in TEXTS]
    assert [[tuple(edges) for edges in each.words] for each in found] == expected
    assert all(0 <= probability <= 1 for each in found for probability in each.keep)


def test_a_model_compresses_within_the_same_bounds(predictor: Predictor) -> None:
    compressor = Compressor(tagger_scorer(predictor), "tiny", check=gates)
    found = compressor.compress(TEXTS[0], rate=0.5)
    assert found.scorer == "tiny"
    assert is_subsequence(found.text, TEXTS[0])
    assert found.ratio <= 0.5


def test_a_model_of_another_task_is_refused(tiny_tagger: Tagger) -> None:
    with pytest.raises(UserError, match="DROP"):
        tagger_scorer(tiny_tagger.predictor(256))
