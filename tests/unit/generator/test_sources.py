"""Sources: which models and tokenizers are taken, and which are refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import AutoConfig, AutoModelForCausalLM, PreTrainedTokenizerFast

from spanwise.errors import UserError
from spanwise.generator.adapters import adapt
from spanwise.generator.sources import digest, load_model, load_tokenizer
from spanwise.learners.adapters import Adapter
from tests import talkers


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A model as a hub repository holds it, with its own ideas of how to write."""
    torch.manual_seed(3)
    config = AutoConfig.for_model(**talkers.ARCHITECTURES["llama"])
    model: Any = AutoModelForCausalLM.from_config(config)  # type: ignore[no-untyped-call]
    model.generation_config.repetition_penalty = 1.3
    model.save_pretrained(tmp_path)
    talkers.tokenizer(pad=False).save_pretrained(tmp_path)
    return tmp_path


def loaded(source: str, words: PreTrainedTokenizerFast | Any, **changes: Any) -> Any:
    settings: dict[str, Any] = {
        "architecture": talkers.ARCHITECTURES["llama"],
        "parameters": talkers.PARAMETERS["llama"],
        "revision": None,
        "seed": 13,
    }
    return load_model(source, words, **settings | changes)


def test_a_folder_is_loaded_and_its_habits_of_writing_are_not(repository: Path) -> None:
    words = load_tokenizer(str(repository))
    model = loaded(str(repository), words)
    assert model.generation_config.repetition_penalty in {None, 1.0}
    assert words.pad_token == words.eos_token
    assert model.config.pad_token_id == words.eos_token_id


def test_another_model_than_the_settings_tell_of_is_refused(repository: Path) -> None:
    words = load_tokenizer(str(repository))
    with pytest.raises(UserError, match=r"it has \d+ parameters, not 1"):
        loaded(str(repository), words, parameters=1)
    with pytest.raises(UserError, match="num_hidden_layers is 2, not 3"):
        loaded(str(repository), words, architecture=talkers.ARCHITECTURES["llama"] | {"num_hidden_layers": 3})


def test_a_tokenizer_without_an_end_is_refused(tmp_path: Path) -> None:
    words = talkers.tokenizer()
    words.eos_token = None
    words.save_pretrained(tmp_path)
    with pytest.raises(UserError, match="has no end token"):
        load_tokenizer(str(tmp_path))


def test_a_folder_without_weights_is_refused(words: Path) -> None:
    with pytest.raises(UserError, match="cannot load the model source"):
        loaded(str(words), load_tokenizer(str(words)))


def test_random_weights_follow_the_seed_and_their_digest_tells(words: Path) -> None:
    tokenizer = load_tokenizer(str(words))
    one, two, other = (loaded("random", tokenizer, seed=seed) for seed in (1, 1, 2))
    assert digest(one) == digest(two) != digest(other)
    assert digest(one) == digest(one.to(torch.bfloat16))


def test_the_output_head_is_not_adapted(words: Path) -> None:
    model = loaded("random", load_tokenizer(str(words)))
    for targets, reason in (("lm_head", "output head cannot be adapted"), ("query", "no linear layer query")):
        with pytest.raises(UserError, match=reason):
            adapt(model, Adapter(4, 8.0, 0.0, (targets,)), seed=1)
