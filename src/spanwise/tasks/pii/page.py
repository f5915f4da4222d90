"""A page for review: documents before masking, and after it at the three levels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from jinja2 import Environment

from spanwise.tasks.pii.labels import DIRECT, STRONG
from spanwise.tasks.pii.levels import LEVELS
from spanwise.tasks.pii.masking import Masked, Masker
from spanwise.tasks.pii.recognisers import Recogniser
from spanwise.tasks.pii.surrogates import Surrogates


class Piece(NamedTuple):
    """A stretch of text; `kind` is empty where nothing is masked, else how far its label identifies."""

    text: str
    label: str
    kind: str


@dataclass(frozen=True)
class Version:
    """A document at one level.

    Attributes:
        level: Which.
        before: The original, with what the level masks marked.
        after: The same, masked.
        counts: How many mentions of each label are masked.
    """

    level: str
    before: tuple[Piece, ...]
    after: tuple[Piece, ...]
    counts: dict[str, int]


def compare_levels(
    text: str,
    recognisers: Sequence[Recogniser],
    surrogates: Callable[[str, str | None], Surrogates],
    hints: Sequence[str] = (),
    language: str | None = None,
) -> tuple[Version, ...]:
    """A document at all three levels."""
    versions = []
    for level in LEVELS:
        masker = Masker(level, recognisers=recognisers, surrogates=surrogates)
        versions.append(_version(masker.mask(text, hints=hints, language=language)))
    return tuple(versions)


def render(environment: Environment, documents: Sequence[Sequence[Version]], *, left_out: int = 0) -> str:
    """The page as HTML.

    Args:
        environment: Of this package's templates and those of the report.
        documents: At all levels each.
        left_out: How many documents could not be read or masked.
    """
    template = environment.get_template("before_after.html.j2")
    return template.render(documents=documents, levels=LEVELS, left_out=left_out)


def _version(masked: Masked) -> Version:
    before: list[Piece] = []
    after: list[Piece] = []
    place = 0
    for each in masked.replacements:
        between = masked.original[place : each.start]
        kind = "direct" if each.label in DIRECT else "strong" if each.label in STRONG else "other"
        before += [Piece(between, "", ""), Piece(masked.original[each.start : each.end], each.label, kind)]
        after += [Piece(between, "", ""), Piece(each.text, each.label, kind)]
        place = each.end
    rest = Piece(masked.original[place:], "", "")
    return Version(masked.level, (*before, rest), (*after, rest), masked.counts)
