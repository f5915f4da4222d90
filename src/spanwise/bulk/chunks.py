"""Documents in chunks. A chunk is predicted as a whole, and a run goes on from the end of one."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from itertools import islice

from spanwise.bulk.documents import Chunk, Document, Failure, Item
from spanwise.bulk.inputs import Inputs
from spanwise.bulk.reading import name_fault

DOCUMENTS = 128
"""Of a chunk, at most: enough to fill batches with windows of like length."""
CHARACTERS = 250_000
"""Of a chunk, at most, unless one document is longer: some hundred MB of scores."""


def read_chunks(inputs: Inputs, *, named: bool, skip: int) -> Iterator[Chunk]:
    """The documents of `inputs` in chunks.

    Where a chunk ends follows from the documents since `skip` alone; so does, therefore, what is predicted
    together.

    Args:
        inputs: The documents.
        named: Whether each becomes files of its name, which then must be unique too.
        skip: How many of them, failures included, are done: chunks that this function gave before.
    """
    return chunked(islice(unique(inputs.items(), named=named), skip, None))


def chunked(items: Iterable[Item]) -> Iterator[Chunk]:
    """`items` in lists of at most `DOCUMENTS` and `CHARACTERS`."""
    chunk: list[Item] = []
    characters = 0
    for item in items:
        size = len(item.text) if isinstance(item, Document) else 0
        if chunk and (len(chunk) == DOCUMENTS or characters + size > CHARACTERS):
            yield chunk
            chunk, characters = [], 0
        chunk.append(item)
        characters += size
    if chunk:
        yield chunk


def unique(items: Iterable[Item], *, named: bool) -> Iterator[Item]:
    """`items`, with a failure in place of each document whose id was there before.

    A digest of 16 bytes is held for each id: about 100 MB for a million documents.
    """
    seen: set[bytes] = set()
    for item in items:
        yield _checked(item, seen, named=named) if isinstance(item, Document) else item


def _checked(document: Document, seen: set[bytes], *, named: bool) -> Item:
    if not _is_new(b"id", document.id, seen):
        reason = f"the id {document.id!r} is already that of another document"
        return Failure(document.id, document.place, reason)
    if named and (fault := name_fault(document.name)):
        return Failure(document.id, document.place, fault)
    if named and not _is_new(b"name", document.name, seen):
        reason = f"another document is named {document.name} too: write them into folders of their own"
        return Failure(document.id, document.place, reason)
    return document


def _is_new(kind: bytes, value: str, seen: set[bytes]) -> bool:
    digest = hashlib.blake2b(value.encode(), digest_size=16, person=kind).digest()
    before = len(seen)
    seen.add(digest)
    return len(seen) > before
