"""Chunks: what is predicted together follows from the documents alone."""

from __future__ import annotations

from itertools import accumulate

from hypothesis import given
from hypothesis import strategies as st

from spanwise.bulk.chunks import CHARACTERS, DOCUMENTS, chunked, unique
from spanwise.bulk.documents import Document, Failure, Item

sizes = st.lists(st.sampled_from([0, 1, CHARACTERS // 3, CHARACTERS, CHARACTERS + 1]), max_size=30)


def documents(lengths: list[int]) -> list[Item]:
    return [Document(f"d{number}", "x" * size, "f:1", "n") for number, size in enumerate(lengths)]


@given(lengths=sizes)
def test_a_run_that_goes_on_from_the_end_of_a_chunk_makes_the_same_chunks(lengths: list[int]) -> None:
    items = documents(lengths)
    chunks = list(chunked(items))
    assert [item for chunk in chunks for item in chunk] == items
    for number, done in enumerate(accumulate(len(chunk) for chunk in chunks), start=1):
        assert list(chunked(items[done:])) == chunks[number:]


@given(lengths=sizes)
def test_a_chunk_is_small_unless_a_document_is_large(lengths: list[int]) -> None:
    for chunk in chunked(documents(lengths)):
        texts = [item.text for item in chunk if isinstance(item, Document)]
        assert len(texts) == 1 or sum(map(len, texts)) <= CHARACTERS


def test_a_chunk_ends_at_so_many_documents_failures_included() -> None:
    items: list[Item] = [Failure(None, "f:1", "bad"), *documents([1] * (2 * DOCUMENTS))]
    assert [len(chunk) for chunk in chunked(items)] == [DOCUMENTS, DOCUMENTS, 1]


def test_an_id_that_was_there_before_is_a_failure_with_its_place() -> None:
    items: list[Item] = [
        Document("a", "x", "f:1", "a"),
        Failure("a", "f:2", "bad"),
        Document("a", "y", "f:3", "b"),
        Document("b", "y", "f:4", "a"),
    ]
    found = list(unique(items, named=False))
    assert found[:2] == items[:2]
    assert found[2] == Failure("a", "f:3", "the id 'a' is already that of another document")
    assert found[3] == items[3]


def test_names_of_files_must_be_unique_and_not_too_long_where_there_are_files() -> None:
    items: list[Item] = [
        Document("a", "x", "f:1", "name"),
        Document("b", "x", "f:2", "name"),
        Document("c", "x", "f:3", "n" * 300),
    ]
    reasons = [item.reason for item in unique(items, named=True) if isinstance(item, Failure)]
    assert reasons == [
        "another document is named name too: write them into folders of their own",
        "its id is too long for the name of a file",
    ]
