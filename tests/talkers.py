"""Causal language models of random weights, with a vocabulary made for the test, and dialogues for them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

from spanwise.generator.recipe import Recipe, read_recipe
from spanwise.schema import Example

VOCABULARY = 400
CHATML = (
    "{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}"
    "{{ '<|im_start|>system\nYou help.<|im_end|>\n' }}{% endif %}"
    "{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
"""SmolLM2's template: without marks, and not among those that TRL knows."""

SIZES: dict[str, Any] = {
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 16,
    "max_position_embeddings": 256,
    "vocab_size": 512,
}
ARCHITECTURES: dict[str, dict[str, Any]] = {
    name: SIZES | {"model_type": name} for name in ("mistral", "qwen3", "llama")
}
PARAMETERS = {"mistral": 106816, "qwen3": 106880, "llama": 106816}

RECIPE: dict[str, Any] = {
    "learner": "generator",
    "epochs": 3,
    "batch_size": 4,
    "gradient_accumulation": 1,
    "learning_rate": 0.02,
    "weight_decay": 0.0,
    "warmup_steps": 0,
    "scheduler": "linear",
    "max_grad_norm": 1.0,
    "patience": None,
    "precision": "fp32",
    "packing": False,
    "gradient_checkpointing": False,
    "quantisation": "none",
    "adapter": {"rank": 4, "alpha": 16.0, "dropout": 0.1, "targets": ["q_proj", "v_proj"]},
    "merged": False,
    "require_effect": False,
}


def recipe(**changes: Any) -> Recipe:
    """A training of half a second; a mapping is laid over the section of its name."""
    settings = dict(RECIPE)
    for name, value in changes.items():
        settings[name] = settings[name] | value if isinstance(value, dict) else value
    return read_recipe(settings)


def dialogues() -> list[Example]:
    """Questions in two languages, each with the answer that its drug asks for."""
    drugs = ["aspirin", "codeine", "heparin", "insulin", "morphine", "warfarin"]
    examples = []
    for number, drug in enumerate(drugs * 2):
        language = ("en", "fr")[number // len(drugs)]
        asked, told = {
            "en": (f"How is {drug} given?", f"1. Check {drug}.\n2. Give {drug} slowly."),
            "fr": (f"Comment donner {drug} ?", f"1. Vérifier {drug}.\n2. Donner {drug} lentement."),
        }[language]
        examples.append(
            Example(
                id=f"d{number:02}",
                text=asked,
                target=told,
                group=drug,
                stratum=f"protocol/{language}",
                attributes={"language": language, "system": "Be brief."},
            )
        )
    return examples


def tokenizer(template: str | None = CHATML, *, pad: bool = True) -> PreTrainedTokenizerFast:
    """A byte-level BPE of some hundred tokens, learnt from the dialogues."""
    words = Tokenizer(models.BPE())
    words.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    words.decoder = decoders.ByteLevel()
    special = ["<unk>", "<|im_start|>", "<|im_end|>", "<pad>"]
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=special,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    words.train_from_iterator([f"{each.text} {each.target}" for each in dialogues()], trainer)
    fast = PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=words,
        unk_token="<unk>",
        bos_token="<|im_start|>",
        eos_token="<|im_end|>",
        pad_token="<pad>" if pad else None,
    )
    fast.chat_template = template
    return fast


def settings(folder: Path, kind: str = "mistral", **changes: Any) -> dict[str, Any]:
    """The arguments of `Generator.pretrained` for random weights; the tokenizer goes to `folder`."""
    if not folder.is_dir():
        tokenizer().save_pretrained(folder)
    return {
        "source": "random",
        "tokenizer": str(folder),
        "revision": None,
        "architecture": ARCHITECTURES[kind],
        "parameters": PARAMETERS[kind],
        "max_length": 128,
        "seed": 13,
    } | changes
