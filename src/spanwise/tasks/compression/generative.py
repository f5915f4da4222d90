"""Generative compression: a language model writes the shorter prompt, and gates decide whether it may stand.

What a model writes can say anything. So each output is held against its prompt, and where it fails, or misses
the target, the extractive compressor answers in its place, which invents nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from spanwise.tasks.compression.budget import most_tokens
from spanwise.tasks.compression.compressor import BATCH, Compressed, Compressor, streamed
from spanwise.tasks.compression.equivalence.gates import check
from spanwise.tasks.compression.segments import domain

Write = Callable[[Sequence[str]], Sequence[str]]
"""Prompts -> what a model writes for each; empty where it did not come to an end."""


@dataclass(frozen=True)
class Rewriter:
    """Shortens prose by a language model, and all else as `fallback` does.

    The `scorer` of a result says who answered: `name`, or that of the fallback.

    Attributes:
        write: The model.
        name: What it is called in results.
        fallback: What answers where the model may not; its tokenizer counts.
    """

    write: Write
    name: str
    fallback: Compressor

    def compress(self, text: str, *, rate: float | None = None, max_tokens: int | None = None) -> Compressed:
        """A shorter form of `text`; see `Compressor.compress`."""
        [found] = self.many([text], rate=rate, max_tokens=max_tokens)
        return found

    def many(
        self, texts: Iterable[str], *, rate: float | None = None, max_tokens: int | None = None
    ) -> Iterator[Compressed]:
        """A shorter form of each text, in their order; see `Compressor.many`."""
        stream = iter(texts)
        while batch := list(islice(stream, BATCH)):
            asked = [text for text in batch if text.strip() and domain(text) == "prose"]
            written = dict(zip(asked, self.write(asked), strict=True)) if asked else {}
            for text in batch:
                target = most_tokens(text, self.fallback.tokenizer.count, rate=rate, max_tokens=max_tokens)
                found = self._accepted(text, written.get(text, ""), target)
                yield found or self.fallback.compress(text, rate=rate, max_tokens=max_tokens)

    def stream(self, chunks: Iterable[str], *, rate: float | None = None) -> Iterator[str]:
        """The shorter form of a text that comes in pieces; see `Compressor.stream`."""
        alone = replace(self, fallback=replace(self.fallback, code_level=None))
        return streamed(alone.compress, self.fallback.tokenizer.count, chunks, rate)

    def _accepted(self, text: str, output: str, target: int | None) -> Compressed | None:
        """What the model wrote, as a result; None where it may not stand."""
        count = self.fallback.tokenizer.count
        if check(text, output, count=count, extractive=False):
            return None
        after = count(output)
        if target is not None and after > target:
            return None
        return Compressed(
            text,
            output,
            None,
            domain="prose",
            scorer=self.name,
            tokenizer=self.fallback.tokenizer.name,
            before=count(text),
            after=after,
            target=target,
        )
