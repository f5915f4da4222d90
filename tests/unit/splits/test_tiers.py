from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spanwise.errors import UserError
from spanwise.schema import Example, Labels, Span
from spanwise.splits.tiers import (
    add_foreign,
    count_strata,
    drop_rare,
    make_labels,
    require_spans,
    tier_of_label,
)

TIERS = {"high": 3, "mid": 2, "low": 0}


def example(name: str, *labels: str) -> Example:
    spans = tuple(Span(start=index, end=index + 1, label=label) for index, label in enumerate(labels))
    return Example(id=name, text="x" * max(1, len(labels)), target=spans, group=name)


examples_strategy = st.lists(
    st.lists(st.sampled_from(["Age", "Sex", "Dose", "Site"]), max_size=6), max_size=8
).map(lambda rows: [example(str(number), *row) for number, row in enumerate(rows)])


def test_a_label_stands_in_the_highest_tier_that_its_count_reaches() -> None:
    examples = [example("a", "Age", "Age", "Sex"), example("b", "Age", "Sex", "Dose")]
    assert tier_of_label(examples, TIERS) == {"Age": "high", "Dose": "low", "Sex": "mid"}


def test_the_order_of_the_tiers_does_not_matter() -> None:
    examples = [example("a", "Age", "Age", "Sex", "Age", "Sex")]
    assert tier_of_label(examples, dict(reversed(TIERS.items()))) == tier_of_label(examples, TIERS)


def test_a_label_below_all_bounds_is_an_error_that_names_it() -> None:
    with pytest.raises(UserError, match=r"label Dose has 1 span and stands in no tier") as caught:
        tier_of_label([example("a", "Dose")], {"high": 10, "low": 2})
    assert caught.value.hint == "Give the lowest tier the bound 0."


def test_two_tiers_with_one_bound_are_an_error() -> None:
    with pytest.raises(UserError, match="same bound"):
        tier_of_label([example("a", "Age")], {"high": 1, "low": 1})


def test_text_targets_have_no_labels() -> None:
    pair = Example(id="p", text="a long text", target="short", group="p")
    assert tier_of_label([pair], TIERS) == {}
    assert make_labels([pair], {}).id2tag == ("O",)


def test_rare_spans_are_dropped_and_counted_and_documents_stay() -> None:
    examples = [example("a", "Age", "Sex"), example("b", "Age"), example("c", "Dose")]
    kept, dropped = drop_rare(examples, 2)
    assert dropped == {"Sex": 1, "Dose": 1}
    assert [[span.label for span in each.spans] for each in kept] == [["Age"], ["Age"], []]
    assert [each.id for each in kept] == ["a", "b", "c"]


def test_a_corpus_without_spans_is_refused() -> None:
    with pytest.raises(UserError, match="no span in any of 2 documents") as caught:
        require_spans([example("a"), example("b")], {})
    assert "left_out" in str(caught.value.hint)


def test_dropping_every_label_is_refused_and_the_bound_is_named() -> None:
    examples, dropped = drop_rare([example("a", "Age", "Sex", "Sex"), example("b", "Dose")], 3)
    with pytest.raises(UserError, match="drops every label: the most frequent, Sex, has 2 spans"):
        require_spans(examples, dropped)


def test_spans_or_texts_are_enough_to_learn_from() -> None:
    require_spans([example("a"), example("b", "Age")], {"Sex": 1})
    require_spans([Example(id="p", text="a long text", target="short", group="p")], {})
    require_spans([], {})


@given(examples_strategy, st.integers(0, 6))
def test_what_is_kept_and_what_is_dropped_make_up_the_whole(examples: list[Example], min_count: int) -> None:
    kept, dropped = drop_rare(examples, min_count)
    assert count_strata(kept) + dropped == count_strata(examples)
    assert all(count >= min_count for count in count_strata(kept).values())
    assert all(count < min_count for count in dropped.values())


def test_tags_are_sorted_by_label() -> None:
    examples = [example("a", "Sex", "Age")]
    labels = make_labels(examples, {"Age": "low", "Sex": "low", "Absent": "low"})
    assert labels.id2tag == ("O", "B-Age", "I-Age", "B-Sex", "I-Sex")
    assert labels.tiers == {"Age": "low", "Sex": "low"}


@given(examples_strategy)
def test_every_b_is_followed_by_its_i(examples: list[Example]) -> None:
    labels = make_labels(examples, tier_of_label(examples, TIERS))
    assert labels.id2tag[0] == "O"
    begins, insides = labels.id2tag[1::2], labels.id2tag[2::2]
    assert [tag[2:] for tag in begins] == [tag[2:] for tag in insides] == sorted(count_strata(examples))
    assert all(tag.startswith("B-") for tag in begins)
    assert all(tag.startswith("I-") for tag in insides)
    assert set(labels.tiers) == set(labels.names)


def extended(main: list[Example], **auxiliaries: list[Example]) -> Labels:
    labels = make_labels(main, tier_of_label(main, TIERS))
    return add_foreign(labels, auxiliaries, tier=tier_of_label, bounds=TIERS)


def test_labels_of_further_corpora_alone_come_last_with_tiers_of_their_own() -> None:
    main = [example("a", "Sex", "Dose"), example("b", "Sex", "Sex")]
    found = extended(
        main,
        z=[example("z/a", "Site", "Age"), example("z/b", "Dose", "Dose", "Dose")],
        c=[example("c/a", "Age", "Site", "Site"), example("c/b")],
    )
    own = make_labels(main, tier_of_label(main, TIERS))
    assert found.id2tag == (*own.id2tag, "B-Age", "I-Age", "B-Site", "I-Site")
    assert found.foreign == ("Age", "Site")
    assert found.own == own.names == ("Dose", "Sex")
    assert found.auxiliaries == {"c": ("Age", "Site"), "z": ("Age", "Dose", "Site")}
    # Doses stand where the main corpus has them, and ages and sites where all further corpora do.
    assert found.tiers == {"Dose": "low", "Sex": "high", "Age": "mid", "Site": "high"}


def test_labels_stay_as_they_are_without_further_corpora() -> None:
    main = [example("a", "Sex", "Age")]
    assert extended(main) == make_labels(main, tier_of_label(main, TIERS))


def test_a_label_of_the_main_corpus_needs_no_tier_in_a_further_one() -> None:
    main, bounds = [example("a", "Age", "Age")], {"high": 2}
    labels = make_labels(main, tier_of_label(main, bounds))
    found = add_foreign(labels, {"c": [example("c/a", "Age")]}, tier=tier_of_label, bounds=bounds)
    assert (found.tiers, found.foreign) == ({"Age": "high"}, ())
    with pytest.raises(UserError, match="label Sex has 1 span and stands in no tier"):
        add_foreign(labels, {"c": [example("c/a", "Sex")]}, tier=tier_of_label, bounds=bounds)


def test_strata_of_texts_in_further_corpora_have_tiers_and_no_tags() -> None:
    def answer(name: str, stratum: str) -> Example:
        return Example(id=name, text="?", target="!", group=name, stratum=stratum)

    main = [answer("a", "qa/fr"), answer("b", "qa/en")]
    found = extended(main, c=[answer("c/a", "qa/fr"), answer("c/b", "mcq/fr")])
    assert found.id2tag == ("O",)
    assert found.foreign == ("mcq/fr",)
    assert found.auxiliaries == {"c": ("mcq/fr", "qa/fr")}
    assert found.tiers == {"mcq/fr": "low", "qa/en": "low", "qa/fr": "low"}
