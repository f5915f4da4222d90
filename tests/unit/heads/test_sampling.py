"""Several draws of the dropout before the classifier, for each architecture."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from spanwise.errors import UserError
from spanwise.heads.sampling import sampled_logits
from spanwise.learners.adapters import Adapter, adapted
from tests.architectures import tiny_model, windows

DROPOUT = {
    "bert": "classifier_dropout",
    "roberta": "classifier_dropout",
    "electra": "classifier_dropout",
    "albert": "classifier_dropout_prob",
    "deberta-v2": "hidden_dropout_prob",
    "distilbert": "dropout",
    "modernbert": "classifier_dropout",
    "mistral": "classifier_dropout",
}
"""What an architecture calls the dropout before its classifier."""


def last_hidden(model: Any) -> torch.Tensor:
    hidden: torch.Tensor = model.base_model(**windows()).last_hidden_state
    return hidden


@pytest.mark.parametrize("architecture", list(DROPOUT))
def test_outside_of_training_the_logits_are_those_of_the_model(architecture: str) -> None:
    model = tiny_model(architecture).train(False)
    logits = sampled_logits(model, last_hidden(model), 4)
    assert logits.shape == (1, 2, 8, 5)
    assert torch.equal(logits[0], model(**windows()).logits)


@pytest.mark.parametrize("architecture", list(DROPOUT))
def test_in_training_each_sample_is_a_draw_of_its_own_around_the_plain_logits(architecture: str) -> None:
    model = tiny_model(architecture, **{DROPOUT[architecture]: 0.5}).train(False)
    with torch.no_grad():
        hidden = last_hidden(model)
        plain = sampled_logits(model, hidden, 2000)[0]
        logits = sampled_logits(model.train(), hidden, 2000)
    assert logits.shape == (2000, 2, 8, 5)
    assert not torch.equal(logits[0], logits[1])
    error = logits.std(dim=0) / 2000**0.5
    assert torch.all((logits.mean(dim=0) - plain).abs() < 5 * error)


def test_adapters_are_looked_through() -> None:
    model = adapted(tiny_model("bert"), Adapter(rank=2, alpha=4, dropout=0.0, targets=("query",))).train(
        False
    )
    inner: Any = model.get_base_model()
    assert torch.equal(sampled_logits(model, last_hidden(inner), 2)[0], model(**windows()).logits)


def test_a_model_without_dropout_before_its_classifier_is_refused() -> None:
    model = tiny_model("bert")
    del model.dropout
    with pytest.raises(
        UserError, match=r"train.dropout.samples = 3: BertForTokenClassification drops nothing"
    ):
        sampled_logits(model, torch.zeros(1, 2, 16), 3)


def test_a_classifier_that_drops_nothing_is_refused() -> None:
    model = tiny_model("bert", classifier_dropout=0.0).train()
    with pytest.raises(UserError, match="drops nothing before its classifier"):
        sampled_logits(model, last_hidden(model), 3)
