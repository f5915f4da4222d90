from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from spanwise.documents import ReadDocument
from spanwise.schema import Record
from spanwise.service.contract import Answer, Endpoint, Item
from spanwise.service.engine.bundles import Bundle, Key
from spanwise.service.engine.results import ENTRY, Results, key_of
from tests.unit.service.engine.made import Model, Options, item


class Others(Record):
    level: str = "basic"


def bundle(
    name: str = "ner", version: str = "v1.0.0", digest: str = "d", endpoint: Endpoint = "extract"
) -> Bundle:
    return Bundle(Key(name, version, digest), endpoint, [Model()])


def read(digest: str, name: str) -> ReadDocument:
    return ReadDocument(status="ok", digest=digest, name=name, text="a")


def test_an_answer_comes_back_as_it_was() -> None:
    results = Results(10_000)
    answer = Answer({"a": [1, 0.1, "é", None]}, labels=("Sign", "Drug"), confidences=(0.25, 1.0))
    results.put(b"key", answer)
    assert results.get(b"key") == answer
    assert results.get(b"other") is None


def test_nobody_can_change_what_is_kept() -> None:
    results = Results(10_000)
    value = {"a": [1]}
    results.put(b"key", Answer(value))
    value["a"].append(2)
    found = results.get(b"key")
    assert found is not None
    found.value["a"].append(3)
    assert results.get(b"key") == Answer({"a": [1]})


def test_the_key_follows_from_all_that_the_answer_follows_from() -> None:
    text, other = item("a"), item("a", level="thorough")
    keys = {
        key_of(bundle(), text),
        key_of(bundle(name="pii"), text),
        key_of(bundle(version="v1.0.1"), text),
        key_of(bundle(digest="e"), text),
        key_of(bundle(endpoint="parse"), text),
        key_of(bundle(), item("b")),
        key_of(bundle(), other),
        key_of(bundle(), Item("a", Others())),
        key_of(bundle(), Item("a", Options(), read("1", "cv.pdf"))),
        key_of(bundle(), Item("a", Options(), read("2", "cv.pdf"))),
    }
    assert len(keys) == 10
    assert all(len(key) == 32 for key in keys)


def test_the_same_bytes_under_another_name_have_the_same_key() -> None:
    keys = {key_of(bundle(), Item("a", Options(), read("1", name))) for name in ("a.pdf", "b.pdf")}
    assert len(keys) == 1


def test_half_a_surrogate_pair_has_a_key_too() -> None:
    assert key_of(bundle(), item("\ud800")) != key_of(bundle(), item("\udc00"))


def test_those_that_nobody_asked_for_give_way_first() -> None:
    size = ENTRY + len('[{"a": 1}, [], []]')
    results = Results(2 * size)
    for key in (b"1", b"2"):
        results.put(key, Answer({"a": 1}))
    assert results.get(b"1")
    results.put(b"3", Answer({"a": 1}))
    assert [results.get(key) is not None for key in (b"1", b"2", b"3")] == [True, False, True]


def test_an_answer_too_large_to_be_kept_replaces_none() -> None:
    results = Results(2 * ENTRY)
    results.put(b"1", Answer({}))
    results.put(b"2", Answer({"a": "b" * 1_000}))
    assert (results.get(b"1"), results.get(b"2"), len(results)) == (Answer({}), None, 1)


@given(st.lists(st.tuples(st.integers(0, 9), st.text(max_size=300)), max_size=40))
def test_it_never_takes_more_than_it_may(puts: list[tuple[int, str]]) -> None:
    results = Results(3 * ENTRY + 500)
    for key, text in puts:
        results.put(bytes([key]), Answer({"a": text}))
        assert results.size <= 3 * ENTRY + 500
        kept = [len(stored) for stored in results._kept.values()]
        assert results.size == sum(kept) + ENTRY * len(kept)
    if puts and len(puts[-1][1].encode("utf-8", "surrogatepass")) < 200:
        assert results.get(bytes([puts[-1][0]])) == Answer({"a": puts[-1][1]})


def test_the_text_is_not_kept(tmp_path: Path) -> None:
    results = Results(10_000)
    key = key_of(bundle(), item("the whole document"))
    results.put(key, Answer({"characters": 18}))
    assert b"document" not in b"".join((*results._kept, *results._kept.values()))
