from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spanwise.errors import UserError
from spanwise.schema import Example, Span, SplitName
from spanwise.splits.division import Division, divide
from spanwise.splits.leak import Leak, find_leak
from spanwise.splits.tiers import count_strata
from spanwise.splits.twins import find_components, find_ties

SIZES: dict[SplitName, int] = {"train": 8, "validation": 1, "test": 1}


def split(
    examples: Sequence[Example],
    *,
    sizes: Mapping[SplitName, int] = SIZES,
    folds: int | None = None,
    fold: int = 0,
    published: bool = False,
    seed: int = 13,
) -> Division:
    return divide(
        examples, sizes=sizes, folds=folds, fold=fold, published=published, ngram=5, overlap=0.3, seed=seed
    )


def ids(division: Division) -> dict[SplitName, list[str]]:
    return {side: [example.id for example in examples] for side, examples in division.sides.items()}


def lengths(division: Division) -> list[int]:
    return [len(examples) for examples in division.sides.values()]


def missing(division: Division) -> dict[SplitName, list[str]]:
    labels = set(count_strata(example for side in division.sides.values() for example in side))
    return {side: sorted(labels - set(count_strata(examples))) for side, examples in division.sides.items()}


def leak(division: Division) -> Leak:
    return find_leak(division.sides, ngram=5, overlap=0.3)


def document(name: str, text: str, group: str | None = None, side: SplitName | None = None) -> Example:
    span = Span(start=0, end=1, label=text[0].upper())
    return Example(id=name, text=text, target=(span,), group=group or name, split=side)


WORDS = ["fever", "cough", "rash", "pain", "swelling"]
documents_strategy = st.lists(
    st.tuples(
        st.integers(0, 40), st.lists(st.sampled_from(WORDS), min_size=1, max_size=12), st.integers(0, 12)
    ),
    max_size=40,
).map(lambda rows: [document(f"d{name}", " ".join(words), f"g{group}") for name, words, group in rows])


@given(documents_strategy, st.sampled_from([None, 3, 4]), st.integers(0, 1))
def test_a_division_is_a_partition_that_parts_no_component(
    examples: list[Example], folds: int | None, fold: int
) -> None:
    components = find_components(find_ties(examples, ngram=5, overlap=0.3))
    if len(set(components)) < (folds or 3):
        with pytest.raises(UserError, match="cannot be divided"):
            split(examples, folds=folds, fold=fold)
        return
    division = split(examples, folds=folds, fold=fold)
    assert all(division.sides.values())
    placed = [example for side in division.sides.values() for example in side]
    assert sorted(map(repr, placed)) == sorted(map(repr, examples))
    assert leak(division).groups_across == leak(division).twins_across == 0
    assert division.groups == sum(components.count(number) > 1 for number in set(components))
    assert division.largest_group == max(map(components.count, components))
    assert division.left_out == []


@given(documents_strategy, st.randoms(use_true_random=False))
def test_the_order_of_documents_does_not_matter(examples: list[Example], rng: random.Random) -> None:
    shuffled = rng.sample(examples, len(examples))
    try:
        expected = split(examples)
    except UserError as error:
        with pytest.raises(UserError, match=str(error).split("\n")[0]):
            split(shuffled)
    else:
        assert split(shuffled) == expected


def test_the_seed_decides(make_reports: Callable[[int], list[Example]]) -> None:
    reports = make_reports(60)
    assert ids(split(reports, seed=1)) == ids(split(reports, seed=1))
    assert ids(split(reports, seed=1)) != ids(split(reports, seed=2))


def test_sides_are_sorted_by_id(make_reports: Callable[[int], list[Example]]) -> None:
    for names in ids(split(make_reports(30)[::-1])).values():
        assert names == sorted(names)


@pytest.mark.parametrize(
    ("count", "sizes", "expected"),
    [
        (200, {"train": 170, "validation": 15, "test": 15}, [170, 15, 15]),
        (120, {"train": 96, "validation": 12, "test": 12}, [96, 12, 12]),
    ],
)
def test_sizes_are_exact(
    count: int,
    sizes: dict[SplitName, int],
    expected: list[int],
    make_reports: Callable[[int], list[Example]],
) -> None:
    division = split(make_reports(count), sizes=sizes)
    assert lengths(division) == expected
    assert division.groups == 0
    assert division.largest_group == 1
    assert division.warnings == []


def test_the_test_sides_of_the_folds_partition_the_corpus(
    make_reports: Callable[[int], list[Example]],
) -> None:
    reports = make_reports(53)
    divisions = [split(reports, folds=5, fold=fold) for fold in range(5)]
    tested = [name for division in divisions for name in ids(division)["test"]]
    assert sorted(tested) == [report.id for report in reports]
    assert sorted(len(division.sides["test"]) for division in divisions) == [10, 10, 11, 11, 11]
    # 42 or 43 documents are left, in proportion 8 to 1.
    assert {len(division.sides["validation"]) for division in divisions} == {5}
    assert [division.warnings for division in divisions] == [[]] * 5


TEMPLATE = "the patient was seen in the clinic today and reports no complaints at all of"


def test_notes_of_one_template_that_merge_are_told_of() -> None:
    notes = [document(f"n{number:02}", f"{TEMPLATE} w{number}") for number in range(60)]
    others = [document(f"o{number:02}", f"case {number} was seen") for number in range(40)]
    division = split([*notes, *others], sizes={"train": 4, "validation": 3, "test": 3})
    assert division.largest_group == 60
    assert lengths(division)[0] >= 60
    assert division.warnings[0].startswith(
        f"train has {lengths(division)[0]} of 100 documents where 40 were asked for"
    )
    assert "has 60 (see split.twins.overlap)" in division.warnings[0]
    in_folds = split([*notes, *others], folds=5, fold=0)
    assert in_folds.warnings[-1].startswith(
        f"test has {lengths(in_folds)[2]} of 100 documents where 20 were asked for"
    )


def test_notes_that_are_all_of_one_template_name_the_setting() -> None:
    notes = [document(f"n{number}", f"{TEMPLATE} w{number}") for number in range(9)]
    with pytest.raises(UserError, match="1 group of documents cannot be divided into 3 sides") as caught:
        split(notes)
    assert "split.twins.overlap" in str(caught.value.hint)


def test_too_few_groups_for_train_and_validation_beside_a_fold_are_an_error() -> None:
    with pytest.raises(UserError, match="1 group of documents cannot be divided into 2 sides"):
        split([document("a", "fever"), document("b", "cough")], folds=2)


@pytest.mark.parametrize("folds", [None, 4])
def test_fewer_folds_are_advised_where_there_are_folds(folds: int | None) -> None:
    with pytest.raises(UserError, match="2 groups of documents cannot be divided") as caught:
        split([document("a", "fever"), document("b", "cough")], folds=folds)
    assert ("lower split.folds" in str(caught.value.hint)) is (folds is not None)


def test_text_targets_are_divided_by_documents_alone() -> None:
    pairs = [Example(id=f"p{n}", text=f"pair {n}", target="short", group=f"p{n // 2}") for n in range(40)]
    division = split(pairs)
    assert lengths(division) == [32, 4, 4]
    assert division.groups == 20


# What a corpus publishes.


def published(*sides: tuple[str, SplitName | None], text: str = "case {} was seen") -> list[Example]:
    return [document(name, text.format(name), side=side) for name, side in sides]


def test_published_sides_are_taken_as_they_are() -> None:
    corpus = published(("a", "test"), ("b", "train"), ("c", "validation"), ("d", "train"))
    assert ids(split(corpus, published=True)) == {"train": ["b", "d"], "validation": ["c"], "test": ["a"]}


def test_validation_is_taken_from_train_where_it_is_not_published() -> None:
    sides: list[tuple[str, SplitName | None]] = [(f"t{n:02}", "train") for n in range(18)]
    division = split(published(*sides, ("x", "test"), ("y", "test")), published=True)
    assert division.warnings == []
    assert lengths(division) == [16, 2, 2]
    assert ids(division)["test"] == ["x", "y"]


def test_twins_of_a_later_side_are_left_out_and_counted() -> None:
    corpus = [
        *published(("a", "train"), ("b", "validation"), ("c", "test")),
        document("copy-of-c", "CASE C was  seen", side="train"),
        document("another-copy-of-c", "case c was seen", side="validation"),
        document("copy-of-b", "case b was seen", side="train"),
        document("of-the-group-of-c", "something else", group="c", side="train"),
    ]
    division = split(corpus, published=True)
    assert ids(division) == {"train": ["a"], "validation": ["b"], "test": ["c"]}
    assert [example.id for example in division.left_out] == [
        "another-copy-of-c",
        "copy-of-b",
        "copy-of-c",
        "of-the-group-of-c",
    ]
    assert leak(division) == Leak(groups_across=0, twins_across=0, max_overlap=0.0)


def test_twins_of_what_was_left_out_stay() -> None:
    corpus = published(("a", "train"), ("b", "validation"), ("c", "test"))
    corpus += [document("d", "case c was seen", "g", "train"), document("e", "another text", "g", "train")]
    division = split(corpus, published=True)
    assert ids(division)["train"] == ["a", "e"]
    assert [example.id for example in division.left_out] == ["d"]


@pytest.mark.parametrize(
    ("corpus", "counts"),
    [
        (
            published(("a", "train"), ("b", None), ("c", "test")),
            "train 1, validation 0, test 1 documents, without a side 1",
        ),
        (published(("a", "train"), ("b", "validation")), "train 1, validation 1, test 0"),
        (published(("a", None), ("b", None)), "without a side 2"),
    ],
)
def test_an_incomplete_published_split_is_an_error(corpus: list[Example], counts: str) -> None:
    with pytest.raises(UserError, match=counts):
        split(corpus, published=True)


def test_a_published_side_of_nothing_but_twins_is_an_error() -> None:
    corpus = published(("a", "train"), ("b", "validation"), ("c", "test"), text="the same text")
    with pytest.raises(UserError, match="every published document"):
        split(corpus, published=True)


# The famous leak: the same 200 documents twice, under other names and with half of their spans.


def twice(examples: Sequence[Example]) -> list[Example]:
    rng = random.Random(3)
    copies = [
        Example(
            id=f"copy-{number}",
            text=example.text.lower().replace("\n", " "),
            target=tuple(span for span in example.spans if rng.random() < 0.5),
            group=f"copy-{number}",
        )
        for number, example in enumerate(examples)
        if len(example.text.lower()) == len(example.text)
    ]
    assert len(copies) == len(examples)
    return [*examples, *copies]


def random_rows(examples: Sequence[Example]) -> dict[SplitName, list[Example]]:
    rows = random.Random(5).sample(examples, len(examples))
    return {"train": rows[40:], "test": rows[:40]}


def share_leaked(sides: Mapping[SplitName, Sequence[Example]]) -> float:
    """The share of test rows with a twin in train: each row has but one."""
    rows: dict[SplitName, Sequence[Example]] = {"train": sides["train"], "test": sides["test"]}
    return find_leak(rows, ngram=5, overlap=0.3).twins_across / len(rows["test"])


def test_a_random_row_split_of_doubled_documents_leaks_and_ours_does_not(
    make_reports: Callable[[int], list[Example]],
) -> None:
    rows = twice(make_reports(200))
    assert 0.8 <= share_leaked(random_rows(rows)) <= 1
    division = split(rows)
    assert division.groups == 200
    assert lengths(division) == [320, 40, 40]
    assert share_leaked(division.sides) == 0
    assert leak(division).groups_across == leak(division).twins_across == 0


def test_the_same_with_real_case_reports(maccrobat: list[Example]) -> None:
    rows = twice(maccrobat)
    assert 0.8 <= share_leaked(random_rows(rows)) <= 1
    division = split(rows)
    assert division.groups == 200
    assert lengths(division) == [320, 40, 40]
    assert leak(division).groups_across == leak(division).twins_across == 0


# The corpora that the project speaks of.


def test_casenotes_have_every_label_on_every_side(casenotes: list[Example]) -> None:
    division = split(casenotes, sizes={"train": 96, "validation": 12, "test": 12})
    assert lengths(division) == [96, 12, 12]
    assert missing(division) == {"train": [], "validation": [], "test": []}
    assert division.groups == 0
    assert leak(division).max_overlap < 0.05


def test_maccrobat_lacks_only_what_two_documents_have(maccrobat: list[Example]) -> None:
    division = split(maccrobat, sizes={"train": 170, "validation": 15, "test": 15})
    assert lengths(division) == [170, 15, 15]
    # Mass is found in two documents, for three sides.
    assert missing(division) == {"train": [], "validation": ["Mass"], "test": []}
    assert leak(division).max_overlap < 0.03


def test_folds_of_maccrobat_lack_only_what_fewer_than_five_documents_have(maccrobat: list[Example]) -> None:
    sizes: dict[SplitName, int] = {"train": 170, "validation": 15, "test": 15}
    divisions = [split(maccrobat, sizes=sizes, folds=5, fold=fold) for fold in range(5)]
    assert [lengths(division) for division in divisions] == [[147, 13, 40]] * 5
    lacking = [label for division in divisions for label in missing(division)["test"]]
    # Mass is in two documents, Height and Weight in four: as few folds as possible go without.
    assert sorted(lacking) == ["Height", "Mass", "Mass", "Mass", "Weight"]
    assert all(missing(division)["train"] == [] for division in divisions)
