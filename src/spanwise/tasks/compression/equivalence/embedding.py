"""What texts are embedded by, each text once: the same clauses come again in every output of a prompt."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from spanwise.tasks.compression.equivalence.coverage import Embed, Vectors


class Remembered:
    """An embedding that computes each text once.

    Args:
        embed: What computes.
    """

    def __init__(self, embed: Embed) -> None:
        self._embed = embed
        self._known: dict[str, Vectors] = {}

    def __call__(self, texts: Sequence[str]) -> Vectors:
        """See `coverage.Embed`."""
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        if new:
            self._known.update(zip(new, self._embed(new), strict=True))
        return np.stack([self._known[text] for text in texts])
