"""What the tests of the generator share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from spanwise.schema import Example
from tests import talkers

if TYPE_CHECKING:
    from spanwise.generator.chat import Chat


@pytest.fixture(scope="session")
def dialogues() -> list[Example]:
    """Questions in two languages with their answers."""
    return talkers.dialogues()


@pytest.fixture(scope="session")
def words(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a tokenizer whose template marks nothing."""
    folder = tmp_path_factory.mktemp("words") / "tokenizer"
    talkers.tokenizer().save_pretrained(folder)
    return folder


@pytest.fixture
def chat() -> Chat:
    """The chat of a tokenizer whose template marks nothing."""
    from spanwise.generator.chat import Chat

    return Chat.of(talkers.tokenizer(), "test")
