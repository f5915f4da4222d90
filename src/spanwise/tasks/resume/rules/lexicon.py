"""The word lists that the rules go by, as they are packaged beside them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Literal

import yaml

Lists = Mapping[str, Mapping[str, tuple[str, ...]]]


@cache
def load_lists(name: Literal["headings", "vocabulary"]) -> Lists:
    """Group -> list -> its items: words, or phrases where bars divide them."""
    file = resources.files("spanwise.tasks.resume.rules").joinpath("words", f"{name}.yaml")
    groups = yaml.safe_load(file.read_text(encoding="utf-8"))
    return {group: {key: _items(text) for key, text in lists.items()} for group, lists in groups.items()}


def _items(text: str) -> tuple[str, ...]:
    phrases = [phrase.strip() for line in text.splitlines() for phrase in line.split("|")]
    return tuple(filter(None, phrases if "|" in text else text.split()))
