from __future__ import annotations

import re
import subprocess
import sys
import unicodedata
from collections.abc import Sequence
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spanwise.encoding import WORD
from spanwise.perturbation import Edit, Perturbed, Variant, perturb
from spanwise.schema import Example, Span

VARIANTS = get_args(Variant)
NOTE = "Severe headaches since 3 days, no fever; follow-up planned with Doctor Meier. "


def document(text: str, *mentions: str, name: str = "d1") -> Example:
    spans = [Span(start=text.index(m), end=text.index(m) + len(m), label="A") for m in mentions]
    return Example(id=name, text=text, target=tuple(spans), group="g", split="test")


def perturbed(text: str, *mentions: str, variant: Variant, rate: float = 1.0, seed: int = 3) -> Perturbed:
    return perturb(document(text, *mentions), variant, rate=rate, seed=seed)


def new_text(text: str, variant: Variant) -> str:
    return perturbed(text, variant=variant).example.text


def mentions(example: Example) -> list[str]:
    return [example.text[span.start : span.end] for span in example.spans]


# What holds of every variant, on any text.

ALPHABET = st.one_of(
    st.sampled_from("abfilstéß '\"-\n\t5.,(ΣŉİﬁÅ\u0301\u00a0"),  # what the variants are about
    st.characters(codec="utf-8"),
)


@st.composite
def documents(draw: st.DrawFn) -> Example:
    """Any text with any spans, which may overlap, repeat, and end within a word."""
    text = draw(st.text(ALPHABET, max_size=30))
    places = st.tuples(st.integers(0, len(text)), st.integers(0, len(text))).map(sorted)
    pairs = draw(st.lists(places.filter(lambda pair: pair[0] < pair[1]), max_size=4)) if text else []
    spans = tuple(Span(start=start, end=end, label="A") for start, end in pairs)
    return Example(id=draw(st.text(min_size=1, max_size=3)), text=text, target=spans, group="g")


def applied(text: str, edits: Sequence[Edit], offset: int = 0) -> str:
    """The edits from right to left, where none moves another."""
    for edit in reversed(edits):
        text = text[: edit.start - offset] + edit.text + text[edit.end - offset :]
    return text


@pytest.mark.parametrize("variant", VARIANTS)
@given(example=documents(), rate=st.sampled_from([0.3, 1.0]), seed=st.integers(0, 5))
def test_each_mention_is_what_its_edits_make_of_it(
    example: Example, variant: Variant, rate: float, seed: int
) -> None:
    found = perturb(example, variant, rate=rate, seed=seed)
    old, new = example.text, found.example.text
    assert new == applied(old, found.edits)
    assert len(found.example.spans) == len(example.spans)
    for span, moved in zip(example.spans, found.example.spans, strict=True):
        inside = [edit for edit in found.edits if span.start < edit.end and edit.start < span.end]
        assert all(span.start <= edit.start and edit.end <= span.end for edit in inside)
        assert new[moved.start : moved.end] == applied(old[span.start : span.end], inside, span.start)
        before = [edit for edit in found.edits if edit.end <= span.start]
        assert new[: moved.start] == applied(old[: span.start], before)


@pytest.mark.parametrize("variant", VARIANTS)
@given(example=documents())
def test_edits_stand_apart_in_order_and_change_something(example: Example, variant: Variant) -> None:
    found = perturb(example, variant, rate=1.0, seed=1)
    end = 0
    for edit in found.edits:
        assert end <= edit.start < edit.end
        assert edit.text
        assert edit.text != example.text[edit.start : edit.end]
        end = edit.end
    words = [match.span() for match in WORD.finditer(example.text)]
    touched = [any(edit.start < end and start < edit.end for edit in found.edits) for start, end in words]
    assert found.changed_words == sum(touched)
    if not found.edits:
        assert found.example is example


@pytest.mark.parametrize("variant", VARIANTS)
def test_everything_but_text_and_offsets_stays(variant: Variant) -> None:
    text = "“Severe” headaches - “office” follow-up"
    example = document(text, "headaches", "office", "Severe")
    found = perturb(example, variant, rate=1.0, seed=1).example
    assert found.text != text
    assert (found.id, found.group, found.split) == ("d1", "g", "test")
    assert [span.label for span in found.spans] == ["A", "A", "A"]
    order = sorted(range(3), key=lambda index: example.spans[index].start)
    assert sorted(range(3), key=lambda index: found.spans[index].start) == order


def test_a_target_that_is_text_stays() -> None:
    example = Example(id="d", text="Some words", target="words", group="g")
    assert perturb(example, "upper", rate=0, seed=1).example.target == "words"


@pytest.mark.parametrize(
    ("text", "variant"),
    [("", "typos"), ("low", "lower"), ("UP 7", "upper"), ("one", "whitespace"), ("plain text", "unicode")],
)
def test_what_a_variant_finds_nothing_in_comes_back_itself(text: str, variant: Variant) -> None:
    example = document(text)
    assert perturb(example, variant, rate=1.0, seed=1) == Perturbed(example, (), 0)


# Typos.


def test_a_typo_is_a_swap_a_drop_an_addition_or_a_neighbour_on_the_keyboard() -> None:
    found = {perturbed("sane", variant="typos", seed=seed).example.text for seed in range(400)}
    swaps = {"snae", "saen"}
    drops = {"sne", "sae", "san"}
    near = {"a": "qwsz", "n": "bmhj", "e": "wrsd"}
    replaced = {"sane"[:i] + c + "sane"[i + 1 :] for i in (1, 2, 3) for c in near["sane"[i]]}
    added = {"sane"[: i + 1] + c + "sane"[i + 1 :] for i in (1, 2, 3) for c in near["sane"[i]]}
    assert found == swaps | drops | replaced | added


def test_a_typo_keeps_the_case_of_its_letter() -> None:
    found = {perturbed("ABCD", variant="typos", seed=seed).example.text for seed in range(100)}
    assert all(text.isupper() for text in found)


def test_only_words_of_four_or_more_letters_get_typos() -> None:
    text = "A dry foot, 5000 mg of vit12345 and 20mmol per_os: Nausea"
    found = perturbed(text, variant="typos")
    assert found.changed_words == 2
    assert re.sub(r"\bf\w+|\bN\w+", "_", found.example.text) == re.sub(r"foot|Nausea", "_", text)


@given(st.text(ALPHABET, max_size=40), st.integers(0, 9))
def test_first_letters_and_digits_stay(text: str, seed: int) -> None:
    found = perturbed(text, variant="typos", seed=seed).example.text
    assert [word[0][0] for word in WORD.finditer(text)] == [word[0][0] for word in WORD.finditer(found)]
    assert re.findall(r"\d", text) == re.findall(r"\d", found)


def test_letters_of_another_alphabet_are_swapped_or_dropped() -> None:
    found = {perturbed("боль", variant="typos", seed=seed).example.text for seed in range(100)}
    assert found == {"блоь", "боьл", "бль", "боь", "бол"}


def test_the_rate_is_the_share_of_words_with_a_typo() -> None:
    text = "headache " * 2000
    assert perturbed(text, variant="typos", rate=0.0).changed_words == 0
    assert perturbed(text, variant="typos", rate=1.0).changed_words == 2000
    assert 150 < perturbed(text, variant="typos", rate=0.1).changed_words < 250


def test_a_span_within_a_word_is_neither_lost_nor_mixed_with_its_neighbours() -> None:
    """Each letter of the word is a span: only what happens to one letter alone can happen."""
    text = "headache"
    spans = tuple(Span(start=place, end=place + 1, label="A") for place in range(len(text)))
    example = Example(id="d", text=text, target=spans, group="g")
    for seed in range(50):
        found = perturb(example, "typos", rate=1.0, seed=seed).example
        assert "".join(mentions(found)) == found.text
        assert len(found.text) >= len(text)


# Draws.


@pytest.mark.parametrize("variant", ["typos", "whitespace"])
def test_draws_follow_from_the_seed_and_the_id(variant: Variant) -> None:
    texts = {
        perturb(document(NOTE * 3, name=name), variant, rate=0.5, seed=seed).example.text
        for name in ("d1", "d2")
        for seed in (1, 2)
        for _ in range(2)
    }
    assert len(texts) == 4


def test_draws_are_the_same_in_another_process() -> None:
    """Python's own hash of a string is not."""
    program = (
        "from spanwise.perturbation import perturb; from spanwise.schema import Example;"
        f"e = Example(id='d1', text={NOTE!r}, target=(), group='g');"
        "print(perturb(e, 'typos', rate=1.0, seed=3).example.text)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.rstrip("\n") == new_text(NOTE, "typos")


# Case.


def test_offsets_follow_what_case_makes_longer() -> None:
    found = perturbed("Grob außen, ŉ Schweiß", "außen", "Schweiß", variant="upper")
    assert found.example.text == "GROB AUSSEN, \u02bcN SCHWEISS"
    assert mentions(found.example) == ["AUSSEN", "SCHWEISS"]
    dotted = perturbed("İki GÖĞÜS", "GÖĞÜS", variant="lower")
    assert mentions(dotted.example) == ["göğüs"]
    assert len(dotted.example.text) == len("İki GÖĞÜS") + 1


@given(st.text(ALPHABET, max_size=40))
def test_case_is_that_of_each_character(text: str) -> None:
    assert new_text(text, "upper") == text.upper()
    assert new_text(text, "lower") == "".join(character.lower() for character in text)


# Whitespace.


@given(example=documents())
def test_whitespace_leaves_all_words_as_they_were(example: Example) -> None:
    found = perturb(example, "whitespace", rate=1.0, seed=1)
    assert WORD.findall(found.example.text) == WORD.findall(example.text)
    assert found.changed_words == 0


def test_every_space_and_line_break_becomes_another() -> None:
    found = perturbed("a b\nc " * 200, variant="whitespace")
    assert len(found.edits) == 600
    assert {edit.text for edit in found.edits} == {" ", "  ", "\n", "\t", "\u00a0"}


# Characters.


def test_characters_take_the_forms_of_word_processors() -> None:
    text = "He said \"no\" ('never'): O'Brien's follow-up - 5-10 mg, minus -3, post-"
    assert new_text(text, "unicode") == (
        "He said “no” (\u2018never\u2019): O\u2019Brien\u2019s follow\u2011up — 5\u201310 mg, minus -3, post-"
    )


def test_letters_grow_together_into_ligatures() -> None:
    assert new_text("different office flow, fibre, ruffle, off", "unicode") == (
        "diﬀerent oﬃce ﬂow, ﬁbre, ruﬄe, oﬀ"
    )


def test_a_ligature_does_not_reach_across_the_edge_of_a_span() -> None:
    found = perturbed("chief of staff, leaflet", "chie", "lea", variant="unicode")
    assert found.example.text == "chief of staﬀ, leaﬂet"
    assert mentions(found.example) == ["chie", "lea"]
    cut = perturbed("leaflet", "leaf", variant="unicode")
    assert (cut.example.text, cut.edits, cut.left_out) == ("leaflet", (), 1)


def test_accents_stand_behind_their_letters() -> None:
    found = perturbed("naïve café-au-lait", "café", variant="unicode")
    assert mentions(found.example) == ["cafe\u0301"]


@given(st.text(ALPHABET, max_size=40))
def test_characters_of_another_form_are_equivalent(text: str) -> None:
    plain = str.maketrans("\u2018\u2019\u201c\u201d\u2011\u2013\u2014", "''\"\"---")
    fold = [
        unicodedata.normalize("NFKD", each.translate(plain)) for each in (text, new_text(text, "unicode"))
    ]
    assert fold[0] == fold[1]
