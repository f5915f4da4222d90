"""A text to a masked text at one level."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from spanwise.schema import Span
from spanwise.tasks.pii.entities import mentions
from spanwise.tasks.pii.folding import bare
from spanwise.tasks.pii.levels import Level, masked_labels
from spanwise.tasks.pii.operators import MARKER, Replacement, Writer, is_coarse
from spanwise.tasks.pii.propagation import Propagation
from spanwise.tasks.pii.recognisers import RULES, Recogniser, detect
from spanwise.tasks.pii.source import Source
from spanwise.tasks.pii.surrogates import Surrogates
from spanwise.tasks.pii.vault import Original, digest

_ADDRESS = re.compile(r"^(?:mailto:|https?://).*?(?P<handle>[\w.+-]+)(?:@[\w.-]+|/)?(?:\?.*)?$")
_NAME_LIKE = re.compile(r"[^\W\d_][\w'’.-]*(?: [^\W\d_][\w'’.-]*){1,4}")


@dataclass(frozen=True)
class Masked:
    """A masked text.

    Attributes:
        level: At which it was masked.
        original: The text before. Personal data.
        replacements: What stands where, in the order of the text.
    """

    level: Level
    original: str
    replacements: tuple[Replacement, ...]

    @property
    def text(self) -> str:
        """The text after."""
        return rewrite(self.original, self.replacements)

    @property
    def counts(self) -> dict[str, int]:
        """How many mentions of each label were masked."""
        return dict(sorted(Counter(each.label for each in self.replacements).items()))

    @property
    def originals(self) -> tuple[Original, ...]:
        """What a vault keeps: the originals by their place in the text after."""
        kept, shift = [], 0
        for each in self.replacements:
            start = each.start + shift
            kept.append(
                Original(start=start, end=start + len(each.text), text=self.original[each.start : each.end])
            )
            shift += len(each.text) - (each.end - each.start)
        return tuple(kept)


class Masker:
    """Masks documents at one level.

    A text that it gave out itself comes back unchanged, so that masking twice is masking once.

    Args:
        level: `basic`, `moderate` or `thorough`.
        recognisers: What finds personal data.
        surrogates: The stand-ins for a document, by its text and language; only moderate needs them.
    """

    def __init__(
        self,
        level: Level,
        *,
        recognisers: Sequence[Recogniser] = RULES,
        surrogates: Callable[[str, str | None], Surrogates] | None = None,
    ) -> None:
        self.level = level
        self._recognisers = tuple(recognisers)
        self._surrogates = surrogates
        self._done: set[str] = set()

    def mask(self, text: str, *, hints: Sequence[str] = (), language: str | None = None) -> Masked:
        """Mask one document.

        Args:
            text: Of the document.
            hints: What may name the candidate: an author in the metadata, the words of a file name, the
            addresses
                behind links. Used where the header of the text has the same words.
            language: ISO 639-1, for stand-ins.

        Raises:
            UserError: If the level needs stand-ins and there are none.
        """
        if digest(text) in self._done:
            return Masked(self.level, text, ())
        found = mentions(text, active(text, find(text, self._recognisers, hints), self.level))
        stand_ins = self._surrogates(text, language) if self._surrogates is not None else None
        masked = Masked(self.level, text, tuple(Writer(self.level, text, stand_ins).replace(found)))
        self._done.add(digest(masked.text))
        return masked


def find(text: str, recognisers: Sequence[Recogniser] = RULES, hints: Sequence[str] = ()) -> set[Span]:
    """All personal data in a text, whatever the level: what recognisers find, and every other mention of
    it."""
    source = Source(text)
    markers = [match.span() for match in MARKER.finditer(text)]
    spans = [*detect(source, recognisers), *_hinted(source, hints)]
    found = Propagation(source).spread(spans)
    return {
        span for span in found if not any(start <= span.start and span.end <= end for start, end in markers)
    }


def active(text: str, spans: set[Span], level: Level) -> list[Span]:
    """What a level masks of them; each level masks what the one below does."""
    labels = masked_labels(level)
    return [
        span
        for span in spans
        if span.label in labels
        and not (level == "moderate" and is_coarse(span.label, text[span.start : span.end]))
    ]


def rewrite(text: str, replacements: Sequence[Replacement]) -> str:
    """A text with its replacements, which do not overlap and stand in order."""
    return rewrite_part(text, replacements, 0, len(text))


def rewrite_part(text: str, replacements: Sequence[Replacement], start: int, end: int) -> str:
    """The characters `[start, end)` of a text after its replacements, each of which stands where it
    begins."""
    parts, place = [], start
    for each in replacements:
        if each.end <= start or each.start >= end:
            continue
        if each.start >= start:
            parts += [text[place : each.start], each.text]
        place = each.end
    return "".join([*parts, text[place:end]])


def _hinted(source: Source, hints: Sequence[str]) -> list[Span]:
    """Names from beside the text, where it has their words side by side."""
    plain = bare(source.folded.text)
    found: list[Span] = []
    for hint in hints:
        if address := _ADDRESS.search(hint):
            found += _handle(source, address["handle"])
            continue
        words = " ".join(re.split(r"[\s_.-]+", hint.strip()))
        if _NAME_LIKE.fullmatch(words):
            pattern = r"\s+".join(map(re.escape, bare(words).split()))
            found += [
                source.span(*match.span(), "PERSON")
                for match in re.finditer(rf"(?<!\w){pattern}(?!\w)", plain)
                if source.in_header(match.start())
            ]
    return found


def _handle(source: Source, handle: str) -> list[Span]:
    """What stands in the text for a link, where it is the last part of its address."""
    return [
        source.span(*match.span(), "USERNAME")
        for match in re.finditer(rf"(?<!\w){re.escape(handle)}(?!\w)", source.folded.text)
        if len(handle) >= 3 and source.in_header(match.start())
    ]
