"""Weights and tokenizers are what the settings say, or loading stops."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from tokenizers.models import BPE, WordPiece
from tokenizers.normalizers import Lowercase
from tokenizers.pre_tokenizers import ByteLevel, Whitespace
from transformers import (
    AutoConfig,
    AutoModelForMaskedLM,
    BertForTokenClassification,
    ModernBertConfig,
    PreTrainedTokenizerBase,
    PreTrainedTokenizerFast,
    RobertaConfig,
)

from spanwise.errors import UserError
from spanwise.learners.sources import build, load_encoder, load_language_model, load_tokenizer, locate
from spanwise.learners.tagger import Tagger
from spanwise.schema import Labels
from tests.tiny import MINILM, TINY

ARCHITECTURE = TINY["architecture"]


@pytest.fixture
def cased_vocabulary(tmp_path: Path) -> Path:
    """A tokenizer folder as old hub repositories have them: a vocabulary, and nothing about casing."""
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "A", "a", "Aspirin", "aspirin"]
    (tmp_path / "vocab.txt").write_text("\n".join(words) + "\n")
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "bert"}))
    return tmp_path


def save(backend: Tokenizer, folder: Path) -> None:
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=backend, pad_token="[PAD]")  # type: ignore[no-untyped-call]
    tokenizer.save_pretrained(folder)


def test_a_package_source_is_a_folder_in_the_package() -> None:
    assert (Path(locate(MINILM)) / "model.safetensors").is_file()


def test_other_sources_are_left_to_transformers() -> None:
    assert locate("dmis-lab/biobert-v1.1") == "dmis-lab/biobert-v1.1"


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("package:no_such_package/model", "is not installed"),
        ("package:spanwise/nowhere", "has no folder nowhere"),
    ],
)
def test_a_package_source_that_is_not_there(source: str, reason: str) -> None:
    with pytest.raises(UserError, match=reason):
        locate(source)


def test_the_pretrained_encoder_is_loaded_whole(labels: Labels) -> None:
    model = load_encoder(MINILM, labels, architecture={"hidden_size": 384}, parameters=22565376)
    assert model.config.id2label == dict(enumerate(labels.id2tag))
    stored = load_file(Path(locate(MINILM)) / "model.safetensors")
    loaded = model.state_dict()["bert.embeddings.word_embeddings.weight"]
    assert torch.equal(loaded, stored["embeddings.word_embeddings.weight"])


def test_another_architecture_than_promised_stops(labels: Labels) -> None:
    with pytest.raises(UserError, match="hidden_size is 384, not 768"):
        load_encoder(MINILM, labels, architecture={"hidden_size": 768}, parameters=22565376)


def test_another_size_than_promised_stops(labels: Labels) -> None:
    with pytest.raises(UserError, match="22565376 parameters, not 7"):
        load_encoder(MINILM, labels, architecture={}, parameters=7)


def test_weights_that_lack_a_part_of_the_encoder_stop(
    tiny_tagger: Tagger, labels: Labels, tmp_path: Path
) -> None:
    tiny_tagger.model.save_pretrained(tmp_path)
    weights = load_file(tmp_path / "model.safetensors")
    del weights["bert.encoder.layer.1.output.dense.weight"]
    save_file(weights, tmp_path / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(UserError, match=r"lacks 1 weights of the encoder, e.g. bert.encoder.layer.1.output"):
        load_encoder(str(tmp_path), labels, architecture={}, parameters=1010304)


def test_pickled_weights_are_not_loaded(tiny_tagger: Tagger, labels: Labels, tmp_path: Path) -> None:
    tiny_tagger.model.config.save_pretrained(tmp_path)
    torch.save(tiny_tagger.model.state_dict(), tmp_path / "pytorch_model.bin")
    with pytest.raises(UserError, match="cannot load"):
        load_encoder(str(tmp_path), labels, architecture={}, parameters=1010304)


def test_weights_are_loaded_in_single_precision_whatever_they_are_stored_in(
    tiny_tagger: Tagger, labels: Labels, tmp_path: Path
) -> None:
    tiny_tagger.model.to(torch.bfloat16).save_pretrained(tmp_path)  # type: ignore[arg-type]
    model = load_encoder(str(tmp_path), labels, architecture={}, parameters=1010304)
    assert {parameter.dtype for parameter in model.parameters()} == {torch.float32}


def test_a_relative_folder_is_found_from_a_temporary_workspace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "root" / "models" / "pretrained").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DVC_ROOT", str(tmp_path / "root"))
    assert locate("models/pretrained") == str(tmp_path / "root" / "models" / "pretrained")
    (tmp_path / "models" / "pretrained").mkdir(parents=True)
    assert locate("models/pretrained") == "models/pretrained"


def test_a_folder_with_too_little_in_it_is_told_what_it_needs(labels: Labels, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"must hold config.json, model.safetensors"):
        load_encoder(str(tmp_path), labels, architecture={}, parameters=1)


def test_without_a_network_the_error_says_what_to_do(labels: Labels, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(UserError, match="cannot load the model source nobody/nothing") as error:
        load_encoder("nobody/nothing", labels, architecture={}, parameters=1, revision="abc")
    assert "hf download nobody/nothing --revision abc --local-dir" in str(error.value)


def test_random_weights_are_the_same_for_the_same_seed(labels: Labels) -> None:
    one, two, other = (Tagger.pretrained(labels, **TINY, seed=seed) for seed in (1, 1, 2))
    weights = [tagger.model.state_dict()["classifier.weight"] for tagger in (one, two, other)]
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])


def test_a_cased_vocabulary_without_settings_keeps_its_case(cased_vocabulary: Path) -> None:
    tokenizer = load_tokenizer(str(cased_vocabulary), cased=True)
    assert tokenizer.tokenize("Aspirin aspirin") == ["Aspirin", "aspirin"]


@pytest.mark.parametrize(("source", "cased"), [(MINILM, True), ("cased", False)])
def test_a_vocabulary_of_the_other_casing_stops(source: str, cased: bool, cased_vocabulary: Path) -> None:
    source = str(cased_vocabulary) if source == "cased" else source
    with pytest.raises(UserError, match=r"its vocabulary is (un)?cased, against model.cased"):
        load_tokenizer(source, cased=cased)


def test_a_byte_level_tokenizer_takes_words_one_by_one(tmp_path: Path) -> None:
    alphabet = ["<s>", "<pad>", "</s>", "<unk>", "<mask>", "A", "a", "b", "Ġ", "Ġa", "Ġb", "ĠA"]
    (tmp_path / "vocab.json").write_text(json.dumps({token: i for i, token in enumerate(alphabet)}))
    (tmp_path / "merges.txt").write_text("#version: 0.2\nĠ a\nĠ b\nĠ A\n")
    RobertaConfig().save_pretrained(tmp_path)
    tokenizer = load_tokenizer(str(tmp_path), cased=True)
    words = tokenizer(["a", "b"], is_split_into_words=True, add_special_tokens=False)
    assert words.tokens() == ["Ġa", "Ġb"]


def test_a_byte_level_tokenizer_without_a_class_of_its_own_does_so_too(tmp_path: Path) -> None:
    alphabet = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "A", "a", "b", "Ġ", "Ġa", "Ġb", "ĠA"]
    model = BPE({token: i for i, token in enumerate(alphabet)}, [("Ġ", "a"), ("Ġ", "b"), ("Ġ", "A")])
    backend = Tokenizer(model)
    backend.pre_tokenizer = ByteLevel(add_prefix_space=False)
    save(backend, tmp_path)
    ModernBertConfig().save_pretrained(tmp_path)
    tokenizer = load_tokenizer(str(tmp_path), cased=True)
    words = tokenizer(["a", "b"], is_split_into_words=True, add_special_tokens=False)
    assert words.tokens() == ["Ġa", "Ġb"]


def test_a_tokenizer_that_lower_cases_a_cased_vocabulary_stops(tmp_path: Path) -> None:
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "A", "a"]
    backend = Tokenizer(WordPiece({word: i for i, word in enumerate(words)}, unk_token="[UNK]"))
    backend.normalizer = Lowercase()
    backend.pre_tokenizer = Whitespace()
    save(backend, tmp_path)
    with pytest.raises(UserError, match=r"lower-cases, against model.cased = true"):
        load_tokenizer(str(tmp_path), cased=True)


def test_build_makes_the_architecture() -> None:
    model = build(ARCHITECTURE, num_labels=3)
    assert isinstance(model, BertForTokenClassification)
    assert model.config.num_hidden_layers == 2


def test_a_slow_tokenizer_is_refused(
    monkeypatch: pytest.MonkeyPatch, tokenizer: PreTrainedTokenizerBase
) -> None:
    monkeypatch.setattr(type(tokenizer), "is_fast", False)
    with pytest.raises(UserError, match="no fast tokenizer"):
        load_tokenizer(MINILM, cased=False)


def test_a_language_model_comes_with_its_head_or_not_at_all(tmp_path: Path) -> None:
    assert load_language_model("random") is None
    assert load_language_model(MINILM) is None  # a sentence encoder
    config = AutoConfig.for_model(**TINY["architecture"])
    whole = AutoModelForMaskedLM.from_config(config)  # type: ignore[no-untyped-call]
    whole.save_pretrained(tmp_path)
    loaded = load_language_model(str(tmp_path))
    assert loaded is not None
    for name, weight in whole.state_dict().items():
        assert weight.equal(loaded.state_dict()[name]), name
