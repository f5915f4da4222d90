"""Dropout under the names of each architecture."""

from __future__ import annotations

from typing import Any

import pytest
from torch import nn

from spanwise.errors import UserError
from spanwise.learners.dropout import Dropout, config_overrides
from tests.architectures import LAYERS, tiny_config, tiny_model

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
