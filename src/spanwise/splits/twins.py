"""Which documents must never part: those of one group, copies, and near-copies."""

from __future__ import annotations

from collections.abc import Hashable, Sequence, Set

from spanwise.schema import Example
from spanwise.splits.overlap import folded, overlapping, words

Tie = tuple[Hashable, ...]


def find_ties(examples: Sequence[Example], *, ngram: int, overlap: float) -> list[frozenset[Tie]]:
    """What ties each document to others: two documents are twins when they have a tie in common.

    Ties are the group, the id, the words without regard to case (of a text without words the text), and for
    each pair of texts whose n-grams overlap (`spanwise.splits.overlap`) one that is theirs alone.

    Args:
        examples: The documents.
        ngram: Words in an n-gram.
        overlap: Texts are twins above this share of the smaller one's n-grams, 0 to 1.
    """
    contents = [_content(example.text) for example in examples]
    texts = {content: example.text for content, example in zip(contents, examples, strict=True)}
    number = {content: index for index, content in enumerate(texts)}
    near: list[set[Tie]] = [{("text", index)} for index in range(len(number))]
    for pair in overlapping(list(texts.values()), ngram=ngram, overlap=overlap):
        for index in pair:
            near[index].add(("overlap", *pair))
    return [
        frozenset({("group", example.group), ("id", example.id), *near[number[content]]})
        for example, content in zip(examples, contents, strict=True)
    ]


def _content(text: str) -> str:
    """What is equal in copies: the words, or the text where there are none."""
    return " ".join(words(text) or folded(text).split())


def find_components(ties: Sequence[Set[Tie]]) -> list[int]:
    """The component of each document, numbered by first appearance: documents joined by a chain of ties."""
    parent = list(range(len(ties)))

    def root(document: int) -> int:
        while parent[document] != document:
            parent[document] = parent[parent[document]]
            document = parent[document]
        return document

    first: dict[Tie, int] = {}
    for document, own in enumerate(ties):
        for tie in own:
            parent[root(document)] = root(first.setdefault(tie, document))
    roots = [root(document) for document in range(len(ties))]
    number = {top: index for index, top in enumerate(dict.fromkeys(roots))}
    return [number[top] for top in roots]
