from __future__ import annotations

from typing import Any

import pytest

from spanwise.reporting.recipe import name_head, tell_recipe
from spanwise.reporting.sources import read_sources
from spanwise.reporting.sources.training import Training


def told(inputs: Any, *unlabelled: str) -> str:
    return " ".join(tell_recipe(read_sources(**inputs.arguments), unlabelled))


def test_plain_fine_tuning_on_one_corpus_goes_without_saying(inputs: Any) -> None:
    assert told(inputs) == ""


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (None, ""),
        ("softmax", ""),
        ("crf", "a linear-chain CRF head"),
        ("combined", "a linear-chain CRF and a span head combined"),
        ("new", "the head new"),
    ],
)
def test_a_head_is_named_unless_it_is_the_plain_one(head: str | None, name: str) -> None:
    assert name_head(Training(model="m", head=head)) == name


@pytest.mark.parametrize(
    "sentence",
    [
        (
            "It was trained with a span head (global pointer), label smoothing 0.1 and an exponential moving "
            "average of the weights."
        ),
        "It also learnt from gene-notes: 30 training documents with 300 entities of 3 types.",
        "Gene and Protein are annotated in further corpora alone: they are learnt, and never predicted for",
        "the text alone of 77 unlabelled documents of web-texts, in pretraining and distillation.",
        "It learnt from 2 teachers too, trained ahead, with validation scores of 0.700 and 0.690.",
        (
            "made 18 copies of training documents, with 33 new mentions in them; of 52 mentions in the "
            "chosen tiers it could not replace 8 that touch other text, and 2 whose type has no other."
        ),
        (
            "masked words in 173 documents, words dropped 9: its loss went from 5.81 to 3.14 nats a token in "
            "57 steps."
        ),
    ],
)
def test_everything_beside_it_is_told(rich: Any, sentence: str) -> None:
    assert sentence in told(rich, "web-texts")


def test_a_technique_makes_the_plain_head_worth_naming(inputs: Any) -> None:
    inputs.change("train", lambda content: content.update(techniques=["focal loss"]))
    assert told(inputs) == "It was trained with a softmax head and focal loss."


def test_one_foreign_type_is_told_in_the_singular(rich: Any) -> None:
    sources = read_sources(**rich.arguments)
    object.__setattr__(sources, "labels", sources.labels.model_copy(update={"foreign": ("Gene",)}))
    assert "Gene is annotated in further corpora alone: it is learnt" in " ".join(tell_recipe(sources, []))


def test_a_single_teacher_has_a_single_score(rich: Any) -> None:
    rich.change("train", lambda content: content.update(teachers=[{"best_score": 0.7}]))
    assert "It learnt from 1 teacher too, trained ahead, with a validation score of 0.700." in told(rich)


@pytest.mark.parametrize(
    ("lacking", "uses"), [("pretraining", ", in distillation"), ("unlabelled", ", in pretraining")]
)
def test_unlabelled_text_is_said_to_have_gone_where_it_went(rich: Any, lacking: str, uses: str) -> None:
    rich.change("train", lambda content: content.pop(lacking))
    assert f"the text alone of 77 unlabelled documents{uses}." in told(rich)
