from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spanwise.errors import UserError
from spanwise.schema import SPLITS, Example, Labels, Span, SplitName
from spanwise.splits.auxiliaries import Auxiliary, divide_auxiliaries, join_sides
from spanwise.splits.division import divide, publishes_split
from spanwise.splits.leak import find_leak

SIZES: dict[SplitName, int] = {"train": 3, "validation": 1, "test": 1}
TWINS: dict[str, Any] = {"ngram": 5, "overlap": 0.3}
NONE = {"below_min_count": 0, "twin_across": 0, "twin_of_evaluation": 0, "twin_of_training": 0}


def report(name: str, about: int, *, label: str = "Sign", side: SplitName | None = None) -> Example:
    """A document of its own words; two about the same are copies."""
    text = " ".join(f"word{about}x{index}" for index in range(20))
    span = Span(start=0, end=5, label=label)
    return Example(id=name, text=text, target=(span,), group=name, split=side)


def sides(**abouts: Sequence[int]) -> dict[SplitName, list[Example]]:
    return {side: [report(f"{side}{about}", about) for about in abouts.get(side, ())] for side in SPLITS}


def published(name: str, **abouts: Sequence[int]) -> list[Example]:
    return [
        report(f"{name}/{side}{about}", about, side=side) for side in SPLITS for about in abouts.get(side, ())
    ]


def divided(
    corpora: Mapping[str, Sequence[Example]],
    main: Mapping[SplitName, Sequence[Example]] | None = None,
    min_count: int = 0,
) -> dict[str, Auxiliary]:
    main = sides() if main is None else main
    return divide_auxiliaries(corpora, main, sizes=SIZES, min_count=min_count, **TWINS, seed=13)


def ids(auxiliary: Auxiliary) -> dict[str, list[str]]:
    """The documents of each side; those of short names first."""
    names = {side: [example.id.split("/")[1] for example in own] for side, own in auxiliary.sides.items()}
    return {side: sorted(own, key=lambda name: (len(name), name)) for side, own in names.items()}


def test_a_corpus_is_divided_by_size_like_the_main_one() -> None:
    corpus = [report(f"n/{about:02}", about) for about in range(10)]
    found = divided({"n": corpus})["n"]
    alone = divide(corpus, sizes=SIZES, folds=None, fold=0, published=False, **TWINS, seed=13)
    assert found == Auxiliary(alone.sides, published=False, warnings=[], left_out=NONE)
    assert [len(own) for own in found.sides.values()] == [6, 2, 2]
    assert sorted(example.id for example in found.examples) == [example.id for example in corpus]


def test_sides_that_a_corpus_publishes_are_taken() -> None:
    corpus = published("n", train=[1, 2, 3, 9], validation=[4], test=[5, 9])
    found = divided({"n": corpus})["n"]
    assert found.published
    assert ids(found) == {
        "train": ["train1", "train2", "train3"],
        "validation": ["validation4"],
        "test": ["test5", "test9"],
    }
    assert found.left_out == {**NONE, "twin_across": 1}


@pytest.mark.parametrize("missing", ["train", "test", "one"])
def test_sides_that_are_not_whole_are_not_taken(missing: str) -> None:
    corpus = published("n", train=[1, 2, 3, 4, 5], validation=[6], test=[7, 8, 9, 10])
    if missing == "one":
        corpus[0] = corpus[0].model_copy(update={"split": None})
    else:
        corpus = [example for example in corpus if example.split != missing]
    assert not publishes_split(corpus)
    assert not divided({"n": corpus})["n"].published


def test_what_the_main_corpus_is_evaluated_on_leaves_the_training_side() -> None:
    main = sides(train=[1, 2], validation=[3], test=[4])
    corpus = published("n", train=[1, 3, 4, 11], validation=[12], test=[13])
    found = divided({"n": corpus}, main)["n"]
    assert ids(found) == {"train": ["train1", "train11"], "validation": ["validation12"], "test": ["test13"]}
    assert found.left_out == {**NONE, "twin_of_evaluation": 2}


def test_what_the_main_corpus_trains_on_leaves_the_other_sides() -> None:
    main = sides(train=[1, 2], validation=[3, 5], test=[4, 6])
    corpus = published("n", train=[11], validation=[1, 4, 5, 12], test=[2, 3, 6, 13])
    found = divided({"n": corpus}, main)["n"]
    # Twins on the same side of both may stay: neither gives the other away.
    assert ids(found) == {
        "train": ["train11"],
        "validation": ["validation5", "validation12"],
        "test": ["test6", "test13"],
    }
    assert found.left_out == {**NONE, "twin_of_evaluation": 2, "twin_of_training": 2}


def test_of_two_further_corpora_the_one_on_the_earlier_side_yields() -> None:
    one = published("one", train=[1, 2, 3], validation=[4, 5], test=[6, 7])
    two = published("two", train=[4, 6, 8], validation=[1, 7, 9], test=[2, 5, 10])
    found = divided({"two": two, "one": one})
    assert list(found) == ["one", "two"]
    assert ids(found["one"]) == {
        "train": ["train3"],
        "validation": ["validation4"],
        "test": ["test6", "test7"],
    }
    assert ids(found["two"]) == {
        "train": ["train8"],
        "validation": ["validation1", "validation9"],
        "test": ["test2", "test5", "test10"],
    }
    assert found["one"].left_out == {**NONE, "twin_of_evaluation": 3}


def altered(text: str) -> str:
    words = text.split()
    return " ".join([*words[:10], "other", *words[11:]])


@pytest.mark.parametrize(
    "change", [str.upper, lambda text: text.replace(" ", "\n  "), altered], ids=["case", "spacing", "word"]
)
def test_near_copies_count_as_copies(change: Callable[[str], str]) -> None:
    corpus = published("n", train=[1, 2], validation=[3], test=[4])
    corpus[0] = corpus[0].model_copy(update={"text": change(corpus[0].text)})
    found = divided({"n": corpus}, sides(test=[1]))["n"]
    assert found.left_out == {**NONE, "twin_of_evaluation": 1}


def test_the_main_corpus_and_what_is_left_share_nothing_across_sides() -> None:
    main = sides(train=[1, 2], validation=[3], test=[4])
    corpora = {
        name: [report(f"{name}/{about:02}", about) for about in abouts]
        for name, abouts in {"n": range(12), "m": range(2, 18)}.items()
    }
    found = divided(corpora, main)
    joined = join_sides(main, found.values(), [])
    assert find_leak(joined, **TWINS).twins_across == 0
    given = sum(map(len, corpora.values()))
    left_out = sum(sum(each.left_out.values()) for each in found.values())
    assert left_out > 0
    assert sum(len(each.examples) for each in found.values()) == given - left_out


placed = st.lists(st.tuples(st.integers(0, 12), st.sampled_from(SPLITS)), max_size=6)


@given(placed, placed, placed)
def test_no_document_gives_another_away_however_they_are_placed(
    main: list[tuple[int, SplitName]], one: list[tuple[int, SplitName]], two: list[tuple[int, SplitName]]
) -> None:
    abouts = dict(main)  # each on one side, as a division has it
    own = sides(**{side: [about for about, other in abouts.items() if other == side] for side in SPLITS})
    corpora = {
        name: published(
            name,
            # A document of its own keeps each side from being empty.
            **{
                side: [about for about, other in dict(found).items() if other == side] + [start + number]
                for number, side in enumerate(SPLITS)
            },
        )
        for name, found, start in (("one", one, 100), ("two", two, 200))
    }
    found = divided(corpora, own)
    assert find_leak(join_sides(own, found.values(), []), **TWINS).twins_across == 0
    for name, auxiliary in found.items():
        left_out = auxiliary.left_out["twin_of_evaluation"] + auxiliary.left_out["twin_of_training"]
        assert len(auxiliary.examples) == len(corpora[name]) - left_out


def test_rare_labels_are_dropped_in_each_corpus() -> None:
    corpus = [*(report(f"n/{about}", about) for about in range(5)), report("n/5", 5, label="Mass")]
    found = divided({"n": corpus}, min_count=2)["n"]
    assert found.left_out == {**NONE, "below_min_count": 1}
    assert len(found.examples) == 6
    assert {span.label for example in found.examples for span in example.spans} == {"Sign"}


def test_the_order_of_documents_and_corpora_changes_nothing() -> None:
    corpora = {
        name: [report(f"{name}/{about:02}", about) for about in abouts]
        for name, abouts in {"n": range(12), "m": range(8, 20)}.items()
    }
    backwards = {name: corpora[name][::-1] for name in ("m", "n")}
    main = sides(train=[0], test=[1])
    assert divided(corpora, main) == divided(backwards, main)


@pytest.mark.parametrize(
    ("corpus", "message"),
    [
        ([], "the auxiliary corpus n: 0 groups of documents cannot be divided into 3 sides"),
        ([report("n/1", 1), report("n/2", 2)], "the auxiliary corpus n: 2 groups of documents"),
        (
            [Example(id="n/1", text="x", target=(), group="n/1")],
            "the auxiliary corpus n: no span in any of 1 documents",
        ),
        (
            published("n", train=[1], validation=[2], test=[3]),
            "the auxiliary corpus n has nothing left for train",
        ),
        (
            published("n", train=[4], validation=[0], test=[3]),
            "the auxiliary corpus n has nothing left for validation",
        ),
    ],
)
def test_what_cannot_be_divided_is_told_with_its_name(corpus: list[Example], message: str) -> None:
    with pytest.raises(UserError, match=message) as caught:
        divided({"n": corpus}, sides(train=[0], test=[1]))
    assert caught.value.hint
    assert "corpus.auxiliaries" in caught.value.hint
    assert "folds" not in caught.value.hint


def test_figures_tell_what_is_on_the_sides_and_what_is_not() -> None:
    corpus = published("n", train=[1, 2], validation=[3], test=[4])
    corpus[0] = report("n/train1", 1, label="Drug", side="train")
    tags = tuple(f"{prefix}-{name}" for name in ("Age", "Sign", "Drug") for prefix in "BI")
    labels = Labels(
        id2tag=("O", *tags),
        tiers={"Drug": "low", "Sign": "mid", "Age": "mid"},
        auxiliaries={"n": ("Drug", "Sign")},
        foreign=("Drug",),
    )
    figures = divided({"n": corpus}, sides(test=[2]))["n"].figures(labels)
    assert (figures["shared"], figures["foreign"]) == (["Sign"], ["Drug"])
    assert figures["sizes"]["train"] == {"documents": 1, "spans": 1}
    assert {tier: row["types"] for tier, row in figures["tiers"].items()} == {"low": 1, "mid": 1}
    assert figures["labels_missing"] == {"train": ["Sign"], "validation": ["Drug"], "test": ["Drug"]}
    assert figures["published"] is True
    assert figures["left_out"] == {**NONE, "twin_of_evaluation": 1}


def test_unlabelled_documents_are_on_the_training_side() -> None:
    main = sides(train=[1], validation=[2], test=[3])
    further = divided({"n": published("n", train=[11], validation=[12], test=[13])}, main)
    joined = join_sides(main, further.values(), [report("u/1", 21)])
    assert {side: [example.id for example in own] for side, own in joined.items()} == {
        "train": ["train1", "n/train11", "u/1"],
        "validation": ["validation2", "n/validation12"],
        "test": ["test3", "n/test13"],
    }
    assert [len(main[side]) for side in SPLITS] == [1, 1, 1]
    for side, about in product(("validation", "test"), (2, 3, 12, 13)):
        leaking = join_sides(main, further.values(), [report("u/1", about)])
        assert find_leak(leaking, **TWINS).twins_across == 1, (side, about)
