"""The compressor: prompts in, shorter prompts out, one by one, in batches, or as they come.

from spanwise.tasks.compression.compressor import Compressor

shorter = Compressor().compress("Please note that the meeting is at 10:30.", rate=0.6).text
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from spanwise.tasks.compression.budget import WORDS, Count, Tokenizer, most_tokens
from spanwise.tasks.compression.code import Level, compress_python
from spanwise.tasks.compression.equivalence.gates import Failure, check
from spanwise.tasks.compression.extractive import Check, Cut, Cutter, Passage, ScoredWords, needed
from spanwise.tasks.compression.names import counted, names
from spanwise.tasks.compression.protection import Interval, protected
from spanwise.tasks.compression.rules import score_by_rules
from spanwise.tasks.compression.segments import Domain, Segment, domain, is_python, paragraphs, segments
from spanwise.tasks.compression.tagging import Scorer
from spanwise.tasks.compression.units import cut, keep_probabilities

BATCH = 64  # prompts that are scored at once
NAMED = 0.95  # how needed a name, or what a number counts, is at least: it goes last


@dataclass(frozen=True)
class Compressed:
    """A shorter prompt, and how it came about.

    Attributes:
        original: The prompt.
        text: The shorter one.
        kept: The intervals of the prompt that it is made of, in order; None where code was rewritten, which
            is the one case in which it is no subsequence of the prompt.
        domain: What the prompt is.
        scorer: Who told what is needed: `rules`, or the name of a model.
        tokenizer: By which the next are counted.
        before: Tokens of the prompt.
        after: Tokens of the shorter one.
        target: The most tokens that were asked for; None without a target.
        mended: Faults that gates found on the way: what they were about was kept after all.
    """

    original: str
    text: str
    kept: tuple[Interval, ...] | None
    domain: Domain
    scorer: str
    tokenizer: str
    before: int
    after: int
    target: int | None
    mended: int = 0

    @property
    def ratio(self) -> float:
        """The share of the tokens that is left, 1 of an empty prompt."""
        return self.after / self.before if self.before else 1.0

    @property
    def shortfall(self) -> int:
        """Tokens above the target: what is protected alone has more."""
        return 0 if self.target is None else max(self.after - self.target, 0)


@dataclass(frozen=True)
class Compressor:
    """Shortens prompts, each segment by what it is.

    Prose loses words, and what is left is checked by the gates of `equivalence`: what they find is put back.
    A Python module goes to the syntax tree. Code within prose, JSON, YAML and tables stay as they are.

    Attributes:
        scorer: What tells how needed each word is; by default lists of words.
        name: What the scorer is called in results.
        tokenizer: What targets are counted by.
        check: What finds faults in what is left; None trusts it.
        code_level: How far Python is rewritten, as `compress_python` has it; None leaves it as it is.
    """

    scorer: Scorer = score_by_rules
    name: str = "rules"
    tokenizer: Tokenizer = WORDS
    check: Check | None = None
    code_level: Level | None = None

    def compress(self, text: str, *, rate: float | None = None, max_tokens: int | None = None) -> Compressed:
        """A shorter form of `text`.

        Args:
            text: The prompt.
            rate: The share of its tokens that may be left; `budget.RATES` has some by purpose.
            max_tokens: The number of tokens that may be left.

        Raises:
            UserError: If a target is out of range, or a package is missing that gates need.
        """
        [found] = self.many([text], rate=rate, max_tokens=max_tokens)
        return found

    def many(
        self, texts: Iterable[str], *, rate: float | None = None, max_tokens: int | None = None
    ) -> Iterator[Compressed]:
        """A shorter form of each text, in their order; targets are those of each. See `compress`."""
        stream = iter(texts)
        while batch := list(islice(stream, BATCH)):
            targets = [
                most_tokens(text, self.tokenizer.count, rate=rate, max_tokens=max_tokens) for text in batch
            ]
            domains = [domain(text) for text in batch]
            parts = [
                [] if kind in ("code", "structured") else segments(text)
                for text, kind in zip(batch, domains, strict=True)
            ]
            passages = self._passages(batch, parts)
            for text, kind, found, target in zip(batch, domains, passages, targets, strict=True):
                if kind == "code" and self.code_level is not None and is_python(text):
                    yield self._rewritten(text, target, self.code_level)
                else:
                    yield self._shortened(text, kind, found, target)

    def stream(self, chunks: Iterable[str], *, rate: float | None = None) -> Iterator[str]:
        """The shorter form of a text that comes in pieces, paragraph by paragraph.

        What comes out does not depend on where the pieces were cut. Each paragraph is judged by itself, and
        what one could not save at its rate, the next ones make up for.

        Args:
            chunks: The text, in order.
            rate: The share of the tokens that may be left.

        Raises:
            UserError: See `compress`.
        """
        alone = replace(self, code_level=None)  # a paragraph of a module is none
        return streamed(alone.compress, self.tokenizer.count, chunks, rate)

    def _passages(self, texts: Sequence[str], parts: Sequence[Sequence[Segment]]) -> list[list[Passage]]:
        """The prose of each text, scored: all of a batch at once."""
        prose = [[segment for segment in found if segment.kind == "prose"] for found in parts]
        pieces = [
            text[segment.start : segment.end]
            for text, found in zip(texts, prose, strict=True)
            for segment in found
        ]
        scores = iter(self.scorer(pieces) if pieces else [])
        return [
            [passage(text, segment, _placed(next(scores), segment)) for segment in found]
            for text, found in zip(texts, prose, strict=True)
        ]

    def _shortened(
        self, text: str, kind: Domain, passages: Sequence[Passage], target: int | None
    ) -> Compressed:
        before = self.tokenizer.count(text)
        if passages and (target is None or before > target):
            found = Cutter(text, passages, self.tokenizer.count, self.check).cut(target)
        else:
            found = Cut(text, ((0, len(text)),) if text else (), before, 0)
        return Compressed(
            text,
            found.text,
            found.kept,
            domain=kind,
            scorer=self.name,
            tokenizer=self.tokenizer.name,
            before=before,
            after=found.tokens,
            target=target,
            mended=found.mended,
        )

    def _rewritten(self, text: str, target: int | None, level: Level) -> Compressed:
        shorter = compress_python(text, level=level).text
        return Compressed(
            text,
            shorter,
            None,
            domain="code",
            scorer="syntax tree",
            tokenizer=self.tokenizer.name,
            before=self.tokenizer.count(text),
            after=self.tokenizer.count(shorter),
            target=target,
        )


def streamed(
    compress: Callable[..., Compressed], count: Count, chunks: Iterable[str], rate: float | None
) -> Iterator[str]:
    """The shorter form of a text that comes in pieces; see `Compressor.stream`.

    Args:
        compress: Shortens one paragraph to at most `max_tokens`.
        count: Its tokens.
        chunks: The text, in order.
        rate: The share of the tokens that may be left.
    """
    before = after = 0
    for paragraph in _paragraphs(chunks):
        before += count(paragraph)
        target = None if rate is None else max(int(rate * before) - after, 0)
        part = compress(paragraph, max_tokens=target)
        after += part.after
        yield part.text


def gates(source: str, output: str) -> list[Failure]:
    """What the gates of `equivalence` find in an output, but whether it is shorter, as a `Check`.

    Raises:
        UserError: If rapidfuzz or py3langid is not installed.
    """
    return [failure for failure in check(source, output) if failure.gate != "length"]


def passage(text: str, segment: Segment, scored: ScoredWords) -> Passage:
    """The units of a segment of prose, and how needed each is.

    Args:
        text: The prompt.
        segment: A piece of it.
        scored: Words of the prompt, with offsets in all of it.
    """
    piece = text[segment.start : segment.end]
    units = cut(text, segment.start, segment.end, _moved(protected(piece), segment.start))
    keep = keep_probabilities(units, scored.words, scored.keep)
    told = [*names(piece), *counted(piece)]
    keep = needed(_moved(told, segment.start), units, keep, NAMED)
    return Passage(segment.start, segment.end, units, keep)


def _placed(scored: ScoredWords, segment: Segment) -> ScoredWords:
    """The words of a segment with offsets in the prompt."""
    return ScoredWords(scored.words + segment.start, scored.keep)


def _moved(intervals: Iterable[Interval], by: int) -> list[Interval]:
    return [(start + by, end + by) for start, end in intervals]


def _paragraphs(chunks: Iterable[str]) -> Iterator[str]:
    """The paragraphs of a text that comes in pieces, each as soon as the next one has begun."""
    held = ""
    for chunk in chunks:
        held += chunk
        if "\n" not in chunk:
            continue
        found = list(paragraphs(held))
        # The last but one may still grow: a line that is not ended may open a fence.
        for start, end in found[:-2]:
            yield held[start:end]
        if len(found) > 2:
            held = held[found[-2][0] :]
    for start, end in paragraphs(held):
        yield held[start:end]
