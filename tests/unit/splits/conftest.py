"""Made-up corpora, and the real ones where they are at hand."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from spanwise.readers import read
from spanwise.schema import Example, Span

VOCABULARY = [
    a + b + c for a in ("ba", "ko", "mi", "tu") for b in ("la", "re", "so", "vi") for c in "dfgknprst"
]
LABELS = {"Common": 1.0, "Usual": 0.4, "Seldom": 0.1, "Rare": 0.03}


@pytest.fixture(scope="session")
def make_reports() -> Callable[[int], list[Example]]:
    """A function that makes up documents of random words, some of them labelled."""

    def make(count: int) -> list[Example]:
        rng = random.Random(7)
        return [_report(f"r{number:03}", rng) for number in range(count)]

    return make


def _report(name: str, rng: random.Random) -> Example:
    words = rng.choices(VOCABULARY, k=rng.randint(40, 80))
    text = " ".join(words)
    ends = [sum(len(word) + 1 for word in words[: index + 1]) - 1 for index in range(len(words))]
    spans = [
        Span(start=end - len(word), end=end, label=label)
        for word, end in zip(words, ends, strict=True)
        for label in rng.choices(list(LABELS), weights=list(LABELS.values()))
        if rng.random() < 0.3
    ]
    return Example(id=name, text=text, target=tuple(spans), group=name)


@pytest.fixture(scope="session")
def casenotes(root: Path, request: pytest.FixtureRequest) -> list[Example]:
    """The corpus that the project ships."""
    folder = root / "data" / "corpora" / "casenotes"
    if not folder.is_dir():
        folder = request.getfixturevalue("shared_data") / "authored" / "casenotes"
    return _read_brat(folder)


@pytest.fixture(scope="session")
def maccrobat(shared_data: Path) -> list[Example]:
    """The 200 real case reports."""
    return _read_brat(shared_data / "maccrobat2020")


def _read_brat(folder: Path) -> list[Example]:
    found = read(folder, format="brat", discontinuous="envelope", overlapping="longest")
    return [entry for entry in found if isinstance(entry, Example)]
