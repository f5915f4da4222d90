"""Dropout under the names of each architecture, and several draws of it at once."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn

from spanwise.errors import UserError
from spanwise.heads.sampling import sampled_logits
from spanwise.learners.adapters import Adapter, adapted
from spanwise.learners.dropout import Dropout, config_overrides
from tests.architectures import LAYERS, tiny_config, tiny_model, windows

NONE: dict[str, Any] = {"hidden": None, "attention": None, "classifier": None, "samples": 1}
NAMES = {
    "bert": ("hidden_dropout_prob", "attention_probs_dropout_prob", "classifier_dropout"),
    "roberta": ("hidden_dropout_prob", "attention_probs_dropout_prob", "classifier_dropout"),
    "electra": ("hidden_dropout_prob", "attention_probs_dropout_prob", "classifier_dropout"),
    "albert": ("hidden_dropout_prob", "attention_probs_dropout_prob", "classifier_dropout_prob"),
    "deberta-v2": ("hidden_dropout_prob", "attention_probs_dropout_prob", None),
    "distilbert": ("dropout", "attention_dropout", None),
    "modernbert": (("embedding_dropout", "mlp_dropout"), "attention_dropout", "classifier_dropout"),
    "mistral": (None, "attention_dropout", "classifier_dropout"),
}
CASES = [
    (architecture, kind, (name,) if isinstance(name, str) else name)
    for architecture, names in NAMES.items()
    for kind, name in zip(("hidden", "attention", "classifier"), names, strict=True)
]


def shares(model: nn.Module) -> int:
    """How many modules of a model drop the share 0.375."""
    attributes = ("p", "attention_dropout", "dropout_prob")
    return sum(any(getattr(module, a, None) == 0.375 for a in attributes) for module in model.modules())


@pytest.mark.parametrize(("architecture", "kind", "names"), [case for case in CASES if case[2]])
def test_each_architecture_reads_what_is_set(architecture: str, kind: str, names: tuple[str, ...]) -> None:
    overrides = config_overrides(Dropout(**NONE | {kind: 0.375}), tiny_config(architecture))
    assert overrides == dict.fromkeys(names, 0.375)
    reached = shares(tiny_model(architecture, **overrides))
    assert shares(tiny_model(architecture)) == 0
    if kind == "classifier":
        assert reached == 1
    else:
        assert reached >= (1 if architecture == "albert" else LAYERS)  # ALBERT's layers share their modules


@pytest.mark.parametrize(("architecture", "kind", "names"), [case for case in CASES if not case[2]])
def test_a_dropout_that_the_architecture_has_not_is_refused(
    architecture: str, kind: str, names: None
) -> None:
    with pytest.raises(
        UserError, match=rf"train.dropout.{kind} = 0.375: {architecture} has no .*\n.*It has: .*attention"
    ):
        config_overrides(Dropout(**NONE | {kind: 0.375}), tiny_config(architecture))


def test_what_is_left_open_stays_the_models_own() -> None:
    assert config_overrides(Dropout(**NONE), tiny_config("bert")) == {}


def test_no_dropout_at_all_is_a_setting() -> None:
    overrides = config_overrides(Dropout(**NONE | {"attention": 0.0}), tiny_config("bert"))
    assert overrides == {"attention_probs_dropout_prob": 0.0}


def test_keys_of_a_file_that_no_model_reads_are_not_taken_for_dropout() -> None:
    with pytest.raises(UserError, match="deberta-v2 has no such dropout of its own"):
        config_overrides(
            Dropout(**NONE | {"classifier": 0.1}), tiny_config("deberta-v2", classifier_dropout=0.2)
        )


def last_hidden(model: Any) -> torch.Tensor:
    hidden: torch.Tensor = model.base_model(**windows()).last_hidden_state
    return hidden


@pytest.mark.parametrize("architecture", list(NAMES))
def test_outside_of_training_the_logits_are_those_of_the_model(architecture: str) -> None:
    model = tiny_model(architecture).train(False)
    logits = sampled_logits(model, last_hidden(model), 4)
    assert logits.shape == (1, 2, 8, 5)
    assert torch.equal(logits[0], model(**windows()).logits)


@pytest.mark.parametrize("architecture", list(NAMES))
def test_in_training_each_sample_is_a_draw_of_its_own_around_the_plain_logits(architecture: str) -> None:
    hidden_name, _, classifier_name = NAMES[architecture]
    model = tiny_model(architecture, **{str(classifier_name or hidden_name): 0.5}).train(False)
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
    with pytest.raises(UserError, match=r"train.dropout.samples = 3: BertForTokenClassification has no"):
        sampled_logits(model, torch.zeros(1, 2, 16), 3)
