"""Every model option, with its own architecture made small and saved as a hub repository is laid out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from tokenizers import Tokenizer
from tokenizers.models import WordPiece
from tokenizers.normalizers import Lowercase
from tokenizers.pre_tokenizers import Whitespace
from tokenizers.processors import TemplateProcessing
from transformers import (
    AutoConfig,
    AutoModelForCausalLM,
    AutoModelForMaskedLM,
    PreTrainedTokenizerFast,
)

from spanwise.errors import UserError
from spanwise.learners.sources import build, encoder_parameters
from spanwise.learners.tagger import Tagger
from spanwise.learners.training import fit, objective
from spanwise.learners.windows import TaggedWindows
from spanwise.metrics.spans import micro_f1
from spanwise.runtime.attention import is_decoder
from spanwise.runtime.predictor import Predictor
from spanwise.schema import Example, Labels
from tests.tiny import quick_recipe

OPTIONS = [
    path
    for path in sorted((Path(__file__).parents[3] / "conf" / "model").glob("*.yaml"))
    if yaml.safe_load(path.read_text())["bidirectional"] is not None  # else it writes, and tags nothing
]
SMALL = {
    "vocab_size": 60,
    "hidden_size": 24,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 48,
    "hidden_dropout_prob": 0.0,
}
DECODER = {name: SMALL[name] for name in SMALL if name != "hidden_dropout_prob"} | {"num_key_value_heads": 2}
RECIPE = quick_recipe(epochs=1, gradient_accumulation=2, warmup_steps=0, scheduler="cosine")


@pytest.fixture(params=OPTIONS, ids=lambda path: path.stem)
def option(request: pytest.FixtureRequest) -> dict[str, Any]:
    settings = yaml.safe_load(request.param.read_text())
    assert isinstance(settings, dict)
    return settings


@pytest.fixture
def repository(option: dict[str, Any], tmp_path: Path) -> Path:
    """A pretraining checkpoint of the option's architecture, small, with a vocabulary of its casing."""
    config = AutoConfig.for_model(**option["architecture"] | small(option))
    decoder = is_decoder(config)
    pretraining: Any = AutoModelForCausalLM if decoder else AutoModelForMaskedLM
    pretraining.from_config(config).save_pretrained(tmp_path)
    letters = "abcdefghijklmnopqrstuvwxyz"
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters, *(f"##{letter}" for letter in letters)]
    if option["cased"]:
        words[-2:] = ["A", "P"]
    if decoder:
        save_tokenizer(words, cased=option["cased"], folder=tmp_path)
    else:
        (tmp_path / "vocab.txt").write_text("\n".join(words) + "\n")
    return tmp_path


def small(option: dict[str, Any]) -> dict[str, Any]:
    """What is made small of the option's architecture."""
    return DECODER if is_decoder(AutoConfig.for_model(**option["architecture"])) else SMALL


def save_tokenizer(words: list[str], *, cased: bool, folder: Path) -> None:
    """A tokenizer that begins each window with a token, ends it with none, and has none to fill it up."""
    backend = Tokenizer(WordPiece({word: i for i, word in enumerate(words)}, unk_token="[UNK]"))
    backend.pre_tokenizer = Whitespace()
    if not cased:
        backend.normalizer = Lowercase()
    backend.post_processor = TemplateProcessing(single="[CLS] $A", special_tokens=[("[CLS]", 2)])
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=backend, unk_token="[UNK]", bos_token="[CLS]")  # type: ignore[no-untyped-call]
    tokenizer.save_pretrained(folder)


def settings(option: dict[str, Any], repository: Path) -> dict[str, Any]:
    architecture = option["architecture"]
    fewer = small(option)
    shrunk = architecture | {key: fewer[key] for key in fewer if key in architecture}
    return {
        "source": str(repository),
        "tokenizer": str(repository),
        "revision": None,
        "cased": option["cased"],
        "architecture": shrunk,
        "parameters": encoder_parameters(build(shrunk | fewer)),
        "max_length": 32,
        "stride": 8,
        "bidirectional": option["bidirectional"],
    }


def test_an_option_loads_learns_and_predicts(
    option: dict[str, Any], repository: Path, labels: Labels, examples: list[Example], tmp_path: Path
) -> None:
    tagger = Tagger.pretrained(labels, **settings(option, repository), seed=13)
    windows = [TaggedWindows.of(examples[:8], tagger)]
    fitted = fit(
        tagger,
        windows,
        TaggedWindows.of(examples[8:], tagger),
        objective(RECIPE, tagger, windows),
        recipe=RECIPE,
        score=micro_f1,
        seed=13,
        checkpoints=tmp_path / "checkpoints",
    )
    assert fitted.steps > 0
    tagger.save(tmp_path / "learner")
    predictor = Predictor.load(tmp_path / "learner", batch_tokens=256)
    assert [prediction.id for prediction in predictor(examples)] == [example.id for example in examples]
    first = predictor.encoder("Patient").windows[0].input_ids[1]
    assert tagger.tokenizer.convert_ids_to_tokens(int(first))[0] == ("P" if option["cased"] else "p")


def test_a_repository_of_another_architecture_is_refused(
    option: dict[str, Any], repository: Path, labels: Labels
) -> None:
    wrong = settings(option, repository)
    wrong["architecture"] = wrong["architecture"] | {"num_hidden_layers": 9}
    with pytest.raises(UserError, match="num_hidden_layers is 2, not 9"):
        Tagger.pretrained(labels, **wrong, seed=13)
