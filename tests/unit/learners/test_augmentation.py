"""Mention replacement: what is replaced by what, and that every other span stays what it was."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spanwise.errors import UserError
from spanwise.learners.augmentation import Augmentation, Augmented, apart, mention_pools, replace_mentions
from spanwise.schema import Example, Labels, Span

ALWAYS = Augmentation(replacement=1.0, copies=1, tiers=("low",))
TIERS = {"Drug": "high", "Sign": "low"}


def note(name: str, text: str, *mentions: tuple[str, str]) -> Example:
    """A document in which each mention is the first place where its words stand."""
    spans = [
        Span(start=text.index(words), end=text.index(words) + len(words), label=label)
        for words, label in mentions
    ]
    return Example(id=name, text=text, target=tuple(spans), group=f"group of {name}", split="train")


def replace(examples: list[Example], recipe: Augmentation = ALWAYS, seed: int = 1) -> list[Augmented]:
    return replace_mentions(examples, TIERS, recipe=recipe, seed=seed)[0]


def mentions(example: Example) -> list[tuple[str, str]]:
    return [(example.text[span.start : span.end], span.label) for span in example.spans]


def test_mentions_of_the_tier_become_others_of_their_label_and_the_rest_stays(
    examples: list[Example],
) -> None:
    made = replace(examples)
    signs = {words for example in examples for words, label in mentions(example) if label == "Sign"}
    assert [copy.example.id for copy in made] == [f"{example.id}#1" for example in examples]
    for old, (new, replaced) in zip(examples, made, strict=True):
        (old_sign, _), old_drug = mentions(old)
        (new_sign, _), new_drug = mentions(new)
        assert new_sign in signs - {old_sign}
        assert new_drug == old_drug
        assert replaced == (new.spans[0],)
        assert new.text == old.text.replace(old_sign, new_sign)
        assert (new.group, new.split) == (old.group, old.split)


def test_no_tier_named_means_every_tier(examples: list[Example]) -> None:
    [first, *_] = replace(examples, Augmentation(1.0, 1, ()))
    assert [span.label for span in first.replaced] == ["Sign", "Drug"]


def test_all_other_mentions_are_equally_likely_however_often_they_occur() -> None:
    frequent = [note(f"f{n}", "has fever", ("fever", "Sign")) for n in range(20)]
    rare = [note(words, f"has {words}", (words, "Sign")) for words in ("rash", "cough")]
    [*copies] = replace([*frequent, *rare], Augmentation(1.0, 50, ("low",)))
    drawn = Counter(mentions(copy.example)[0][0] for copy in copies if copy.example.id.startswith("f"))
    assert set(drawn) == {"rash", "cough"}
    assert 0.45 < drawn["rash"] / drawn.total() < 0.55


def test_the_probability_is_that_of_each_mention(examples: list[Example]) -> None:
    made = replace(examples, Augmentation(0.25, 100, ("low", "high")))
    replaced = sum(len(copy.replaced) for copy in made)
    assert 0.2 < replaced / (100 * 24) < 0.3
    assert all(copy.replaced for copy in made)  # documents that stayed as they were are no copies
    assert len(made) < 100 * 12
    assert replace(examples, Augmentation(0.0, 3, ("low",))) == []


def test_each_pass_has_draws_and_ids_of_its_own(examples: list[Example]) -> None:
    made = replace(examples, Augmentation(0.5, 3, ("low", "high")))
    assert len({copy.example.id for copy in made}) == len(made)
    assert {copy.example.id.partition("#")[2] for copy in made} == {"1", "2", "3"}
    assert len({copy.example.text for copy in made if copy.example.id.startswith("n00#")}) > 1


def test_the_same_seed_draws_the_same_and_another_one_differently(examples: list[Example]) -> None:
    assert replace(examples) == replace(examples)
    assert replace(examples) != replace(examples, seed=2)


def test_neither_order_nor_other_documents_change_the_draws(examples: list[Example]) -> None:
    expected = {copy.example.id: copy for copy in replace(examples)}
    further = [note("x", "had fever", ("fever", "Sign")), note("y", "had nothing")]
    again = {copy.example.id: copy for copy in replace([*further, *reversed(examples)])}
    assert {name: copy for name, copy in again.items() if name != "x#1"} == expected


def test_a_pool_tells_mentions_apart_by_more_than_case_and_spells_them_as_most_do() -> None:
    documents = [
        note("a", "Rash, rash", ("Rash", "Sign"), ("rash", "Sign")),
        note("b", "rash and COVID", ("rash", "Sign"), ("COVID", "Sign")),
    ]
    pool = mention_pools(documents, ["Sign", "Drug"])
    assert pool["Sign"] == (["covid", "rash"], ["COVID", "rash"])
    assert pool["Drug"] == ([], [])


@pytest.mark.parametrize(
    ("old", "new"), [("Fever", "Rash"), ("fever", "rash"), ("FUO", "rash"), ("fUO", "rash")]
)
def test_a_capital_that_may_begin_a_sentence_is_kept(old: str, new: str) -> None:
    documents = [note("a", f"{old} again", (old, "Sign")), note("b", "a rash", ("rash", "Sign"))]
    assert replace(documents)[0].example.text == f"{new} again"


def test_what_touches_another_span_or_a_letter_is_left_alone_and_counted() -> None:
    documents = [
        note("nested", "severe back pain now", ("back pain", "Sign"), ("severe back pain", "Drug")),
        note("same", "had rash", ("rash", "Sign"), ("rash", "Drug")),
        note("abutting", "fever% up", ("fever", "Sign"), ("%", "Drug")),
        note("glued", "afebrile", ("febrile", "Sign")),
        note("glued behind", "coughing", ("cough", "Sign")),
        note("free", "(nausea)", ("nausea", "Sign")),
    ]
    made, figures = replace_mentions(documents, TIERS, recipe=ALWAYS, seed=1)
    assert [copy.example.id for copy in made] == ["free#1"]
    assert figures == {"mentions": 6, "touching": 5, "single": 0, "documents": 1, "replaced": 1}


def test_a_label_with_one_distinct_mention_is_left_alone_and_counted() -> None:
    documents = [note("a", "Fever", ("Fever", "Sign")), note("b", "fever", ("fever", "Sign"))]
    made, figures = replace_mentions(documents, TIERS, recipe=ALWAYS, seed=1)
    assert made == []
    assert figures == {"mentions": 2, "touching": 0, "single": 2, "documents": 0, "replaced": 0}


def test_a_target_that_is_text_has_nothing_to_replace() -> None:
    assert replace([Example(id="a", text="long text", target="short text", group="a")]) == []


def test_an_unknown_tier_is_an_error_that_names_the_others(examples: list[Example], labels: Labels) -> None:
    recipe = Augmentation(0.5, 1, ("low", "rare"))
    with pytest.raises(UserError, match=r"names rare, in which no label stands\n.*in high, low\."):
        replace_mentions(examples, labels.tiers, recipe=recipe, seed=1)


def test_a_taken_id_is_an_error() -> None:
    documents = [note("a", "had fever", ("fever", "Sign")), note("a#1", "had rash", ("rash", "Sign"))]
    with pytest.raises(UserError, match="id of another document, a#1"):
        replace(documents)


@st.composite
def documents(draw: st.DrawFn) -> list[Example]:
    """Documents with any spans at all: nested, crossing, abutting, twice the same, inside words."""
    made = []
    for number in range(draw(st.integers(1, 2))):
        text = draw(st.text("aBé 1.,\n\N{GRINNING FACE}", min_size=1, max_size=30))
        starts = st.integers(0, len(text) - 1)
        edges = draw(
            st.lists(st.tuples(starts, st.integers(1, 6), st.sampled_from(sorted(TIERS))), max_size=6)
        )
        spans = [Span(start=a, end=min(a + n, len(text)), label=label) for a, n, label in edges]
        made.append(Example(id=str(number), text=text, target=tuple(spans), group="g"))
    return made


@given(documents(), st.sampled_from([0.3, 1.0]), st.integers(0, 3))
def test_every_span_is_in_its_place_afterwards(
    examples: list[Example], probability: float, seed: int
) -> None:
    recipe = Augmentation(probability, 2, ("low", "high"))
    made, figures = replace_mentions(examples, TIERS, recipe=recipe, seed=seed)
    pools = mention_pools(examples, TIERS)
    originals = {example.id: example for example in examples}
    assert figures["replaced"] == sum(len(copy.replaced) for copy in made)
    for new, replaced in made:
        old = originals[new.id.partition("#")[0]]
        assert replaced
        assert set(replaced) <= set(apart(new))
        assert len(new.spans) == len(old.spans)
        assert outside(new) == outside(old)
        for before, after in zip(old.spans, new.spans, strict=True):
            was, became = old.text[before.start : before.end], new.text[after.start : after.end]
            assert after.label == before.label
            if after in replaced:
                assert before in apart(old)
                assert became.casefold() in pools[after.label].folded
                assert became.casefold() != was.casefold()
            else:
                assert became == was
        assert overlaps(new) == overlaps(old)


def outside(example: Example) -> str:
    """The characters that no span covers."""
    inside = {index for span in example.spans for index in range(span.start, span.end)}
    return "".join(letter for index, letter in enumerate(example.text) if index not in inside)


def overlaps(example: Example) -> list[tuple[int, int]]:
    """Which spans overlap, by their numbers."""
    spans = example.spans
    return [
        (i, j)
        for i in range(len(spans))
        for j in range(i)
        if spans[i].start < spans[j].end and spans[j].start < spans[i].end
    ]
