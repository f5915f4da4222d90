from __future__ import annotations

from collections.abc import Iterator

import pytest

from spanwise.errors import UserError, UserErrors
from spanwise.readers.inventory import take_inventory
from spanwise.schema import Change, Example, Span


def example(id: str, text: str, *spans: tuple[int, int, str], **fields: str) -> Example:
    target = tuple(Span(start=start, end=end, label=label) for start, end, label in spans)
    return Example.model_validate({"id": id, "text": text, "target": target, "group": id, **fields})


def test_the_inventory_counts_what_there_is_and_what_became_of_the_rest() -> None:
    stream: list[Example | Change | UserError] = [
        Change(kind="repaired", reason="whitespace_trimmed", document="a"),
        Change(kind="left_out", reason="overlapping", document="a"),
        Change(kind="left_out", reason="overlapping", document="a"),
        example("a", "fever 38C", (0, 5, "Sign"), (6, 8, "Lab"), split="test"),
        example("b", "so", (0, 2, "Sign")),
        Example(id="c", text="long", target="short", group="c"),
    ]
    examples, inventory = take_inventory(stream, keep_going=False)
    assert [entry.id for entry in examples] == ["a", "b", "c"]
    assert inventory.model_dump() == {
        "documents": 3,
        "characters": 15,
        "spans": 3,
        "labels": {"Lab": 1, "Sign": 2},
        "published": {"test": 1},
        "edges_inside_words": 1,
        "repaired": {"whitespace_trimmed": 1},
        "left_out": {"overlapping": 2},
    }


@pytest.mark.parametrize(
    ("text", "span", "edges"),
    [("abc", (0, 3), 0), ("abc", (1, 2), 2), ("a bc", (2, 3), 1), ("a-b", (0, 1), 0), ("x4µg", (2, 4), 1)],
)
def test_edges_inside_words(text: str, span: tuple[int, int], edges: int) -> None:
    _, inventory = take_inventory([example("a", text, (*span, "X"))], keep_going=False)
    assert inventory.edges_inside_words == edges


def test_the_first_error_stops_the_reading() -> None:
    def stream() -> Iterator[Example | UserError]:
        yield UserError("first", path="a.ann", line=3)
        raise AssertionError("read on")

    with pytest.raises(UserError, match=r"^a\.ann:3: first$"):
        take_inventory(stream(), keep_going=False)


def test_all_errors_are_told_with_keep_going() -> None:
    stream: list[Example | Change | UserError] = [
        UserError("first"),
        example("a", "x"),
        example("a", "y"),
        UserError("last", path="b"),
    ]
    with pytest.raises(UserErrors) as caught:
        take_inventory(stream, keep_going=True)
    assert [error.reason for error in caught.value.errors] == [
        "first",
        "two documents have the id 'a'",
        "last",
    ]


def test_a_repeated_id_is_an_error() -> None:
    with pytest.raises(UserError, match="two documents have the id 'a'"):
        take_inventory([example("a", "x"), example("a", "x")], keep_going=False)


@pytest.mark.parametrize("keep_going", [True, False])
def test_an_empty_corpus_is_an_error(keep_going: bool) -> None:
    with pytest.raises(UserError, match="holds no documents"):
        take_inventory([], keep_going=keep_going)
