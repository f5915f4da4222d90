"""Rows to learn from, and a tiny model on disk that Transformers and MLX both load."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from spanwise.adaptation.masking import Masked
from tests import talkers

if TYPE_CHECKING:
    from spanwise.generator.rows import Row

GOLDEN = (
    Masked("one", (5, 6, 7, 8, 9, 2), (0.0, 0.0, 0.0, 1.0, 1.0, 1.0)),
    Masked("two", (5, 6, 10, 2), (0.0, 0.0, 1.0, 1.0)),
    Masked("first", (7, 8), (0.0, 1.0)),
)


def rows() -> list[Row]:
    """The dialogues in tokens, with labels for the answers."""
    from spanwise.generator.chat import Chat
    from spanwise.generator.rows import rows_of

    return rows_of(talkers.dialogues(), Chat.of(talkers.tokenizer(), "test"), 128)


def store_model(folder: Path, kind: str = "llama") -> Path:
    """A causal language model of random weights."""
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM

    torch.manual_seed(3)
    known = dict(talkers.ARCHITECTURES[kind])
    config = AutoConfig.for_model(known.pop("model_type"), **known)
    model: Any = AutoModelForCausalLM.from_config(config)  # type: ignore[no-untyped-call]
    model.save_pretrained(folder)
    return folder


def store_generator(folder: Path) -> Path:
    """A generator of random weights, as `train` leaves it, with room for long prompts."""
    from spanwise.generator.model import Generator
    from spanwise.generator.stored import save

    architecture = talkers.ARCHITECTURES["qwen3"] | {"max_position_embeddings": 8192}
    settings = talkers.settings(folder.with_name("words"), "qwen3", architecture=architecture)
    save(Generator.pretrained(talkers.recipe(), **settings), folder)
    return folder
