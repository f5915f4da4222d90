"""Shorter prompts that say the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from spanwise.service.contract import Answer, Item
from spanwise.service.operations.options import CompressOptions
from spanwise.service.operations.taggers import Tagger
from spanwise.tasks.compression.budget import RATES
from spanwise.tasks.compression.compressor import Compressed, Compressor, gates
from spanwise.tasks.compression.tagging import tagger_scorer

TAGGER = "tagger"


@dataclass(frozen=True)
class Compress:
    """Shortens prompts; tokens are words, by white space.

    Attributes:
        compressor: What shortens them, checked by the gates.
    """

    compressor: Compressor = field(default_factory=lambda: Compressor(check=gates))

    @classmethod
    def load(cls, folder: Path, *, threads: int) -> Compress:
        """With the tagger of a package.

        Raises:
            UserError: If it was trained on something else; see `Tagger.load`.
        """
        scorer = tagger_scorer(Tagger.load(folder, threads=threads).predictor)
        return cls(Compressor(scorer, TAGGER, check=gates))

    def __call__(self, items: Sequence[Item]) -> list[Answer | Exception]:
        """See `contract.Operation`; documents with the same options are scored together."""
        answers: dict[int, Answer] = {}
        for options in dict.fromkeys(item.options for item in items):
            assert isinstance(options, CompressOptions)
            places = [place for place, item in enumerate(items) if item.options == options]
            found = self.compressor.many(
                [items[place].text for place in places],
                rate=RATES[options.rate] if isinstance(options.rate, str) else options.rate,
                max_tokens=options.max_tokens,
            )
            answers.update(zip(places, map(_answer, found), strict=True))
        return [answers[place] for place in range(len(items))]


def _answer(found: Compressed) -> Answer:
    value: dict[str, Any] = {
        "text": found.text,
        "kept": None if found.kept is None else [list(interval) for interval in found.kept],
        "domain": found.domain,
        "scorer": found.scorer,
        "tokenizer": found.tokenizer,
        "before": found.before,
        "after": found.after,
        "target": found.target,
        "shortfall": found.shortfall,
        "mended": found.mended,
    }
    return Answer(value)
