"""Decoders as taggers: which way they attend, what padding does, what they learn, and what is stored."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from tokenizers import Regex, Tokenizer
from tokenizers.models import BPE
from tokenizers.pre_tokenizers import ByteLevel, Sequence, Split
from tokenizers.processors import TemplateProcessing
from tokenizers.trainers import BpeTrainer
from torch import Tensor
from transformers import PreTrainedModel, PreTrainedTokenizerFast

from spanwise.artifact import MANIFEST, Manifest, read_manifest
from spanwise.encoding import special_tokens
from spanwise.errors import UserError
from spanwise.io import read_json, write_json
from spanwise.learners import course
from spanwise.learners.adapters import Adapter
from spanwise.learners.course import Material
from spanwise.learners.holding import Holding
from spanwise.learners.sources import load_encoder, load_tokenizer
from spanwise.learners.tagger import Tagger
from spanwise.metrics.spans import micro_f1
from spanwise.runtime.attention import is_decoder, looks_ahead
from spanwise.runtime.backends.pytorch import TorchBackend
from spanwise.runtime.predictor import Predictor
from spanwise.schema import Example, Labels
from tests.architectures import tiny_config
from tests.extras import needs
from tests.tiny import MINILM, TINY, quick_recipe

FAMILIES = ("mistral", "qwen3")
SIZES: dict[str, Any] = {
    "vocab_size": 30522,
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 8,
    "intermediate_size": 64,
}
ENCODER = {"mistral": 995296, "qwen3": 995328}
LORA = Adapter(rank=4, alpha=8, dropout=0.0, targets=("q_proj", "v_proj"))
QUANTISED = needs("bitsandbytes")
HELD = {"fp32": Holding(), "nf4": Holding(quantisation="nf4"), "int8": Holding(quantisation="int8")}
PROBE = torch.arange(3, 11)[None]


def settings(family: str, **architecture: Any) -> dict[str, Any]:
    """The arguments of `Tagger.pretrained` for a decoder of random weights."""
    return TINY | {
        "architecture": {"model_type": family, **SIZES, **architecture},
        "parameters": ENCODER[family],
    }


def decoder(family: str, labels: Labels, **changes: Any) -> PreTrainedModel:
    """The model alone."""
    asked = settings(family, **changes.pop("architecture", {}))
    torch.manual_seed(3)
    facts = {name: asked[name] for name in ("architecture", "parameters")}
    model: PreTrainedModel = load_encoder("random", labels, **facts, **changes).train(False)
    return model


def logits(model: Any, ids: Tensor, mask: Tensor | None = None) -> Tensor:
    with torch.no_grad():
        found: Tensor = model(input_ids=ids, attention_mask=mask).logits
    return found


def moved(model: PreTrainedModel, position: int, mask: Tensor | None = None) -> list[int]:
    """The positions whose logits another token at `position` moves."""
    other = PROBE.clone()
    other[0, position] = 40
    change = (logits(model, PROBE, mask) - logits(model, other, mask)).abs().amax(-1)[0]
    return [index for index, value in enumerate(change.tolist()) if value > 1e-6]


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("mask", [None, torch.ones_like(PROBE)], ids=["unmasked", "masked"])
def test_a_late_token_moves_an_early_logit_only_when_attention_is_bidirectional(
    family: str, mask: Tensor | None, labels: Labels
) -> None:
    assert moved(decoder(family, labels, bidirectional=True), 6, mask) == list(range(8))
    assert moved(decoder(family, labels, bidirectional=False), 6, mask) == [6, 7]


def test_a_sliding_window_reaches_as_far_to_the_right_as_to_the_left(labels: Labels) -> None:
    torch.manual_seed(3)
    asked = {"model_type": "mistral", **SIZES, "num_hidden_layers": 1, "sliding_window": 2}
    reached = moved(load_encoder("random", labels, architecture=asked, parameters=986016).train(False), 4)
    assert reached == list(range(reached[0], reached[-1] + 1))
    assert 4 - reached[0] == reached[-1] - 4 in (1, 2)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("bidirectional", [True, False])
def test_padding_leaks_nothing_into_the_window_before_it(
    family: str, bidirectional: bool, labels: Labels
) -> None:
    model = decoder(family, labels, bidirectional=bidirectional)
    expected = logits(model, PROBE, torch.ones_like(PROBE))
    for filler in (0, 17):
        ids = torch.nn.functional.pad(PROBE, (0, 5), value=filler)
        found = logits(model, ids, (torch.arange(13) < 8).long()[None])
        torch.testing.assert_close(found[:, :8], expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("held", ["fp32", *(pytest.param(name, marks=QUANTISED) for name in ("nf4", "int8"))])
def test_one_batch_is_learnt_by_heart(family: str, held: str, labels: Labels) -> None:
    """A step on quantised weights included: bitsandbytes computes it on a CPU, too."""
    torch.manual_seed(5)
    tagger = Tagger.pretrained(labels, **settings(family), seed=13, holding=HELD[held])
    tagger.adapt(LORA, seed=3)
    parameters = [p for p in tagger.network.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(parameters, lr=0.03)
    targets = torch.arange(8)[None] % 5
    losses = []
    for _ in range(60):
        scores = tagger.network.train().scores(PROBE, torch.ones_like(PROBE)).logits[0]
        loss = torch.nn.functional.cross_entropy(scores.flatten(0, 1), targets.flatten())
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        optimizer.zero_grad()
        losses.append(loss.item())
    assert losses[0] > 1
    assert losses[-1] < 0.1


def stirred(tagger: Tagger) -> Tagger:
    """The tagger with adapters as a training may have left them."""
    tagger.adapt(LORA, seed=3)
    generator = torch.Generator().manual_seed(3)
    with torch.no_grad():
        for name, weight in tagger.network.named_parameters():
            if "lora_" in name:
                weight.copy_(torch.randn(weight.shape, generator=generator) / 4)
    return tagger


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize(
    ("held", "within"),
    [
        ("fp32", 1e-5),
        pytest.param("nf4", 1e-5, marks=QUANTISED),
        pytest.param("int8", 0.1, marks=QUANTISED),
    ],
)
def test_a_merged_model_is_stored_and_computes_what_was_trained(
    family: str, held: str, within: float, labels: Labels, examples: list[Example], tmp_path: Path
) -> None:
    """LLM.int8() rounds what goes into a layer, too, which a merged model does not."""
    tagger = Tagger.pretrained(labels, **settings(family), seed=13, holding=HELD[held])
    plain = logits(tagger.network.eval().model, PROBE)
    stirred(tagger)
    expected = logits(tagger.network.eval().model, PROBE)
    assert (expected - plain).abs().max() > 0.05
    tagger.merge()
    torch.testing.assert_close(logits(tagger.model, PROBE), expected, rtol=within, atol=within)
    tagger.save(tmp_path / "learner")
    config = read_json(tmp_path / "learner" / "config.json")
    assert config["is_causal"] is False
    assert "quantization_config" not in config
    loaded = TorchBackend.load(tmp_path / "learner", "torch", batch_tokens=256, threads=None)
    assert torch.equal(logits(loaded.network.model, PROBE), logits(tagger.model, PROBE))


@pytest.mark.parametrize("family", FAMILIES)
def test_weights_in_bfloat16_are_trained_merged_and_stored_as_such(
    family: str, labels: Labels, examples: list[Example], tmp_path: Path
) -> None:
    holding = Holding(dtype="bf16")
    tagger = stirred(Tagger.pretrained(labels, **settings(family), seed=13, head="combined", holding=holding))
    kinds = {p.dtype for p in tagger.network.parameters() if p.requires_grad}
    assert kinds == {torch.float32}
    expected = next(tagger.predictor(256).scores(examples[:1]))[2]
    tagger.merge()
    tagger.save(tmp_path / "learner")
    assert {p.dtype for p in tagger.model.parameters()} == {torch.bfloat16}
    assert read_manifest(tmp_path / "learner") == Manifest(is_causal=False, dtype="bf16")
    found = next(Predictor.load(tmp_path / "learner", batch_tokens=256).scores(examples[:1]))[2]
    for one, other in zip(
        [*expected.logits, *expected.pointed], [*found.logits, *found.pointed], strict=True
    ):
        # Merged, the sum of weight and update is rounded once more to eight bits.
        assert abs(one - other).max() < 0.05 * abs(one).max()


@pytest.fixture
def stored(labels: Labels, tmp_path: Path) -> Path:
    """The folder of a bidirectional decoder."""
    Tagger.pretrained(labels, **settings("mistral"), seed=13).save(tmp_path / "learner")
    return tmp_path / "learner"


@pytest.mark.parametrize("said", [True, None], ids=["wrong", "missing"])
@pytest.mark.parametrize("backend", ["torch", "torch-bf16"])
def test_a_decoder_that_would_attend_otherwise_than_trained_is_not_loaded(
    said: bool | None, backend: str, stored: Path
) -> None:
    config = read_json(stored / "config.json")
    del config["is_causal"]
    write_json(stored / "config.json", config | ({} if said is None else {"is_causal": said}))
    for load in (Predictor.load, TorchBackend.load):
        name: dict[str, Any] = {"backend": backend} if load == Predictor.load else {"name": backend}
        with pytest.raises(UserError, match=r"but the model was trained with is_causal = false"):
            load(stored, **name, batch_tokens=64, threads=None)


def test_a_causal_decoder_says_so_too(labels: Labels, stored: Path) -> None:
    tagger = Tagger.pretrained(labels, **settings("mistral") | {"bidirectional": False}, seed=13)
    shutil.rmtree(stored)
    tagger.save(stored)
    assert read_manifest(stored).is_causal is True
    Predictor.load(stored)
    write_json(stored / "config.json", read_json(stored / "config.json") | {"is_causal": False})
    with pytest.raises(UserError, match=r"says is_causal = false, but .* is_causal = true"):
        Predictor.load(stored)


def test_a_decoder_without_a_manifest_is_not_loaded(stored: Path) -> None:
    (stored / MANIFEST).unlink()
    with pytest.raises(UserError, match=r"but the model was trained with nothing of is_causal"):
        Predictor.load(stored)
    config = read_json(stored / "config.json")
    del config["is_causal"]
    write_json(stored / "config.json", config)
    with pytest.raises(UserError, match=r"holds a decoder, and no word of how it attends"):
        Predictor.load(stored)


def test_a_damaged_manifest_is_an_error(stored: Path) -> None:
    (stored / MANIFEST).write_text('{"is_causal": "maybe"}')
    with pytest.raises(UserError, match=r"manifest\.json"):
        Predictor.load(stored)


def test_an_encoder_of_an_earlier_version_has_no_manifest_and_is_loaded(
    tiny_tagger: Tagger, tmp_path: Path
) -> None:
    tiny_tagger.save(tmp_path / "learner")
    assert read_manifest(tmp_path / "learner") == Manifest(is_causal=None, dtype="fp32")
    (tmp_path / "learner" / MANIFEST).unlink()
    Predictor.load(tmp_path / "learner")


def test_an_encoder_cannot_be_asked_to_attend_in_one_direction(labels: Labels) -> None:
    with pytest.raises(UserError, match=r"model.bidirectional = false: bert is an encoder"):
        Tagger.pretrained(labels, **TINY | {"bidirectional": False}, seed=13)


def test_an_architecture_that_ignores_the_setting_is_refused(
    labels: Labels, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("spanwise.runtime.attention.looks_ahead", lambda model: False)
    with pytest.raises(UserError, match=r"attends in one direction, and model.bidirectional asks for both"):
        Tagger.pretrained(labels, **settings("mistral"), seed=13)
    monkeypatch.setattr("spanwise.runtime.attention.looks_ahead", lambda model: True)
    with pytest.raises(UserError, match=r"attends in both directions, and .* asks for one"):
        Tagger.pretrained(labels, **settings("mistral") | {"bidirectional": False}, seed=13)


def test_looking_leaves_the_model_in_its_mode(labels: Labels) -> None:
    model = decoder("mistral", labels)
    assert looks_ahead(model.train())
    assert model.training


@pytest.mark.parametrize(
    ("architecture", "expected"), [("mistral", True), ("bert", False), ("modernbert", False)]
)
def test_decoders_are_told_from_encoders(architecture: str, expected: bool) -> None:
    assert is_decoder(tiny_config(architecture)) is expected


def test_gradient_checkpointing_changes_no_gradient(labels: Labels) -> None:
    found = []
    for checkpointing in (False, True):
        holding = Holding(gradient_checkpointing=checkpointing)
        tagger = stirred(Tagger.pretrained(labels, **settings("mistral"), seed=13, holding=holding))
        torch.manual_seed(7)
        squares = tagger.network.train().scores(PROBE, torch.ones_like(PROBE)).logits.square()
        squares.sum().backward()  # type: ignore[no-untyped-call]
        found.append([p.grad for p in tagger.network.parameters() if p.requires_grad])
    assert len(found[0]) > 4
    for one, other in zip(*found, strict=True):
        assert one is not None
        assert other is not None
        torch.testing.assert_close(one, other)


@pytest.mark.parametrize(
    ("held", "reason"),
    [
        ({"quantisation": "nf4"}, r"train.quantisation = 'nf4': such weights can only stay frozen"),
        ({"dtype": "bf16"}, r"train.dtype = 'bf16': such weights can only stay frozen"),
        ({"dtype": "bf16", "adapter": {"rank": 2}, "pretraining": {"epochs": 1}}, "would train all weights"),
    ],
)
def test_weights_that_cannot_be_trained_are_not(
    held: dict[str, Any], reason: str, labels: Labels, examples: list[Example], tmp_path: Path
) -> None:
    start = course.Start(labels, settings("mistral"), quick_recipe(**held), nested=False)
    with pytest.raises(UserError, match=reason):
        start.tagger(13)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize(
    "held",
    [
        {},
        pytest.param({"quantisation": "nf4"}, marks=QUANTISED),
        {"dtype": "bf16", "gradient_checkpointing": True},
    ],
    ids=["fp32", "nf4", "bf16"],
)
def test_a_whole_training_learns_and_is_stored_as_it_was_scored(
    family: str, held: dict[str, Any], labels: Labels, examples: list[Example], tmp_path: Path
) -> None:
    material = Material(train=examples[:8], validation=examples[8:])
    adapter = {"rank": 8, "alpha": 32.0, "targets": ["q_proj", "v_proj", "up_proj", "down_proj"]}
    recipe = quick_recipe(epochs=6, adapter=adapter, learning_rate=0.02, **held)
    start = course.Start(labels, settings(family), recipe, nested=False)
    (tmp_path / "checkpoints").mkdir()
    outcome = course.run(start, material, score=micro_f1, seed=13, checkpoints=tmp_path / "checkpoints")
    curve = outcome.fitted.curve
    assert curve[-1].train_loss < 0.8 * curve[0].train_loss
    weights = (tmp_path / "checkpoints" / "student").glob("checkpoint-*/model.safetensors")
    assert max(path.stat().st_size for path in weights) < 200_000  # not the million weights beside adapters
    outcome.tagger.save(tmp_path / "learner")
    predictions = list(Predictor.load(tmp_path / "learner", batch_tokens=256)(material.validation))
    score = pytest.approx(outcome.fitted.best_score, abs=0.05 if "dtype" in held else 1e-9)
    assert micro_f1(predictions) == score


def bpe(folder: Path, texts: list[str]) -> Path:
    """A tokenizer as Qwen has it: cut by an expression first, then into bytes; no tokens around a text."""
    backend = Tokenizer(BPE())
    expression = r"[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+|\s+"
    backend.pre_tokenizer = Sequence(
        [Split(Regex(expression), "isolated"), ByteLevel(add_prefix_space=False, use_regex=False)]
    )
    alphabet = ByteLevel.alphabet()
    trainer = BpeTrainer(vocab_size=500, special_tokens=["<s>", "<|end|>"], initial_alphabet=alphabet)
    backend.train_from_iterator([*texts, "a a A A"] * 3, trainer)
    PreTrainedTokenizerFast(tokenizer_object=backend, eos_token="<|end|>").save_pretrained(folder)  # type: ignore[no-untyped-call]
    return folder


def test_words_of_a_tokenizer_that_cuts_before_bytes_are_those_of_running_text(
    examples: list[Example], tmp_path: Path
) -> None:
    tokenizer = load_tokenizer(str(bpe(tmp_path, [e.text for e in examples])), cased=True)
    assert tokenizer.pad_token_id is None
    words = tokenizer(["took", "aspirin2"], is_split_into_words=True, add_special_tokens=False)
    assert words.tokens() == tokenizer(" took aspirin2"[1:], add_special_tokens=False).tokens()
    assert special_tokens(tokenizer)[0].tolist() == special_tokens(tokenizer)[1].tolist() == []


def test_a_beginning_without_an_end_belongs_to_no_word_and_no_token_is_added(
    labels: Labels, examples: list[Example], tmp_path: Path
) -> None:
    """As Mistral's and Llama's tokenizers: `<s>` before each window, none behind it, none to fill up with."""
    folder = bpe(tmp_path / "tokenizer", [e.text for e in examples])
    backend = Tokenizer.from_file(str(folder / "tokenizer.json"))
    backend.post_processor = TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 0)])
    PreTrainedTokenizerFast(tokenizer_object=backend, bos_token="<s>", eos_token="<|end|>").save_pretrained(  # type: ignore[no-untyped-call]
        folder
    )
    known = len(load_tokenizer(str(folder), cased=True))
    asked = settings("mistral", vocab_size=known)
    asked |= {"tokenizer": str(folder), "cased": True}
    asked |= {"parameters": ENCODER["mistral"] - (30522 - known) * 32}
    tagger = Tagger.pretrained(labels, **asked, seed=13)
    encoding = tagger.encoder(examples[3].text)
    assert len(encoding.windows) > 1
    for window in encoding.windows:
        assert window.input_ids[0] == 0
        assert 0 not in window.input_ids[1:]
        assert (window.positions > 0).all()
    embeddings = tagger.model.get_input_embeddings().num_embeddings
    tagger.save(tmp_path / "learner")
    stored = Predictor.load(tmp_path / "learner", batch_tokens=64)
    for one, other in zip(encoding.windows, stored.encoder(examples[3].text).windows, strict=True):
        assert one.input_ids.tolist() == other.input_ids.tolist()
    # In batches that are filled up as one by one.
    alone = Predictor.load(tmp_path / "learner", batch_tokens=1)
    for (_, _, together), (_, _, apart) in zip(stored.scores(examples), alone.scores(examples), strict=True):
        for a, b in zip(together.logits, apart.logits, strict=True):
            assert abs(a[: len(b)] - b).max() < 1e-5
    assert embeddings == known == stored.backend.network.model.get_input_embeddings().num_embeddings  # type: ignore[attr-defined]


def test_the_embedded_tokenizer_serves_a_decoder() -> None:
    assert load_tokenizer(MINILM, cased=False).padding_side == "right"
