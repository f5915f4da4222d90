"""What is sent: made-up case notes, no two of them alike, so that no cache answers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import count
from pathlib import Path

from benchmarks.service.client import post


def read_notes(folder: Path) -> list[str]:
    """The texts of all documents of a folder of splits."""
    texts = [
        str(json.loads(line)["text"])
        for path in sorted(folder.glob("t*.jsonl"))
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.strip()
    ]
    if not texts:
        raise SystemExit(f"{folder} holds no documents: `dvc repro tier-split` makes them")
    return texts


def unique(texts: list[str], first: int = 0) -> Iterator[str]:
    """The texts over and over, each with a number of its own at its end."""
    return (f"{texts[number % len(texts)]} Note {number}." for number in count(first))


def extractions(texts: list[str], path: str = "/v1/extract", first: int = 0) -> Iterator[bytes]:
    """Requests of one case note each."""
    return (post(path, {"text": text}) for text in unique(texts, first))
