"""Who shortens a passage offline: syntax trees, which are proof, and lists of words, which are none."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial

from spanwise.pairs.records import Domain, Pair, Passage
from spanwise.schema import Change


@dataclass(frozen=True)
class Teacher:
    """Something that shortens passages of one domain.

    Attributes:
        name: What pairs of it are labelled as.
        domain: Of the passages that it takes.
        shorten: A text -> its shortened form, or the text itself.
        language: Of the passages that it takes; None for any.
    """

    name: str
    domain: Domain
    shorten: Callable[[str], str]
    language: str | None = None

    def takes(self, passage: Passage) -> bool:
        """Whether it shortens such passages."""
        return self.domain == passage.domain and self.language in {None, passage.language}


def syntax_tree(level: str = "layout") -> Teacher:
    """The teacher of code, `ast:LEVEL`: the shortened form is the same tree, docstrings apart.

    Args:
        level: See `spanwise.tasks.compression.code.LEVELS`.
    """
    from spanwise.tasks.compression.code import compress_python

    return Teacher(
        f"ast:{level}", "code", lambda text: compress_python(text, level=level).text, language="python"
    )


def grammars() -> list[Teacher]:
    """The teachers of code in other languages, `tree-sitter:comments`: the same tree, comments apart."""
    from spanwise.tasks.compression.code.comments import compress_code
    from spanwise.tasks.compression.code.languages import LANGUAGES

    def shorten(language: str, text: str) -> str:
        return compress_code(text, language=language).text

    return [
        Teacher("tree-sitter:comments", "code", partial(shorten, language), language=language)
        for language in LANGUAGES
    ]


def word_lists() -> Teacher:
    """The teacher of prose, `rules`: fillers, courtesies and articles go, and nothing that gates object to.

    What learns from it learns the lists: quality must be measured on pairs that people wrote.
    """
    from spanwise.tasks.compression.compressor import Compressor, gates

    compressor = Compressor(check=gates)
    return Teacher("rules", "prose", lambda text: compressor.compress(text).text)


def teach(passages: Iterable[Passage], teachers: Iterable[Teacher]) -> Iterator[Pair | Change]:
    """A pair of each passage and each teacher of its domain and language, in their order.

    A passage without a teacher is counted (`no_teacher`).
    """
    known = list(teachers)
    for passage in passages:
        own = [teacher for teacher in known if teacher.takes(passage)]
        if not own:
            yield Change(kind="left_out", reason="no_teacher", document=passage.id)
        for teacher in own:
            yield Pair(
                id=f"{passage.id}:{teacher.name}",
                domain=passage.domain,
                kind=passage.kind,
                original=passage.text,
                compressed=teacher.shorten(passage.text),
                language=passage.language,
                teacher=teacher.name,
                group=passage.group,
            )
