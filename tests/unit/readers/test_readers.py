from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from spanwise.config import Corpus
from spanwise.errors import UserError
from spanwise.readers import read
from spanwise.readers.files import SUFFIXES
from spanwise.readers.policies import Discontinuous, Overlapping

POLICIES = {"format": "brat", "discontinuous": "envelope", "overlapping": "longest"}


@pytest.mark.parametrize("setting", list(POLICIES))
def test_unknown_settings_are_told_with_the_valid_ones(tmp_path: Path, setting: str) -> None:
    with pytest.raises(UserError, match=rf"corpus\.{setting} = 'nonsense'.*valid: {POLICIES[setting]}|first"):
        read(tmp_path, **{**POLICIES, setting: "nonsense"})


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no such folder"):
        read(tmp_path / "nowhere", **POLICIES)


@pytest.mark.parametrize("format", list(SUFFIXES))
def test_an_empty_folder_holds_nothing(tmp_path: Path, format: str) -> None:
    assert list(read(tmp_path, **{**POLICIES, "format": format})) == []


def test_the_settings_allow_what_the_readers_offer() -> None:
    allowed = {name: set(get_args(field.annotation)) for name, field in Corpus.model_fields.items()}
    assert allowed["format"] == set(SUFFIXES)
    assert allowed["discontinuous"] == set(get_args(Discontinuous))
    assert allowed["overlapping"] == set(get_args(Overlapping))
