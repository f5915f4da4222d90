"""Which documents must never part: those of one group, copies, and near-copies."""

from __future__ import annotations

from collections.abc import Hashable, Sequence, Set

from spanwise.schema import Example
from spanwise.splits.overlap import overlapping

Tie = tuple[Hashable, ...]


def find_ties(examples: Sequence[Example], *, ngram: int, overlap: float) -> list[frozenset[Tie]]:
    """What ties each document to others: two documents are twins when they have a tie in common.

    Ties are the group, the id, the text without regard to case and spacing, and for each pair of texts whose
    n-grams overlap (`spanwise.splits.overlap`) one that is theirs alone.

    Args:
        examples: The documents.
        ngram: Words in an n-gram.
        overlap: Texts are twins above this share of the smaller one's n-grams, 0 to 1.
    """
    texts = [" ".join(example.text.casefold().split()) for example in examples]
    number = {text: index for index, text in enumerate(dict.fromkeys(texts))}
    near: list[set[Tie]] = [{("text", index)} for index in range(len(number))]
    for pair in overlapping(list(number), ngram=ngram, overlap=overlap):
        for index in pair:
            near[index].add(("overlap", *pair))
    return [
        frozenset({("group", example.group), ("id", example.id), *near[number[text]]})
        for example, text in zip(examples, texts, strict=True)
    ]


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
