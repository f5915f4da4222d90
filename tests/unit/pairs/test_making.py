"""Who shortened a pair is told; unfit pairs are left out with the reason; a file's pairs share a side."""

from __future__ import annotations

from collections import Counter, defaultdict

import pytest

from spanwise.pairs.division import divide_pairs
from spanwise.pairs.preprocessing import fault, screen
from spanwise.pairs.records import Pair, Passage
from spanwise.pairs.teachers import syntax_tree, teach, word_lists
from spanwise.schema import Change

CODE = "def double(value):\n    '''Twice the value.'''\n    return (value * 2)  # twice\n"
PROSE = "Please note that the meeting is really at 10:30, and it is not to be moved in any case."


def pair(original: str, compressed: str, **fields: object) -> Pair:
    return Pair.model_validate(
        {"id": "p", "domain": "prose", "kind": "k", "original": original, "compressed": compressed} | fields
    )


def test_each_passage_goes_to_the_teachers_of_its_domain_and_is_labelled() -> None:
    passages = [
        Passage(id="a:1", domain="code", kind="function", text=CODE, group="a", language="python"),
        Passage(id="b:1", domain="prose", kind="paragraph", text=PROSE, group="b"),
        Passage(id="c:1", domain="structured", kind="table", text="a | b", group="c"),
    ]
    code, prose, none = list(teach(passages, [syntax_tree(), word_lists()]))
    assert isinstance(code, Pair)
    assert (code.id, code.teacher, code.language) == ("a:1:ast:layout", "ast:layout", "python")
    assert code.compressed == "def double(value): return value*2\n"
    assert isinstance(prose, Pair)
    assert (prose.teacher, prose.group, prose.original) == ("rules", "b", PROSE)
    assert len(prose.compressed) < len(PROSE)
    assert {"10:30", "not"} <= set(prose.compressed.replace(",", " ").split())
    assert none == Change(kind="left_out", reason="no_teacher", document="c:1")


TEXT = "The pump is stopped when the pressure rises above 40 bar, as the valve would not hold."


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (pair(TEXT, "The pump is stopped when pressure rises above 40 bar."), None),
        (pair(TEXT, " \n"), "empty"),
        (pair(TEXT, "<think>Hm.</think> Pump stopped above 40 bar."), "artefact"),
        (pair(TEXT, "Here is the compressed text: pump stopped above 40 bar."), "artefact"),
        (pair(TEXT, "Sure, the pump stops above 40 bar, valve would not hold."), "artefact"),
        (pair(TEXT, "Pump stopped above 40 bar, valve not hold.<|im_end|>"), "artefact"),
        (pair("<think> is a tag" + TEXT, "<think> is a tag: pump stopped above 40 bar"), None),
        (pair(TEXT, "Pump stopped above\x00 40 bar, valve would not hold."), "control_characters"),
        (pair(CODE, "def double(value) return value * 2", domain="code"), "does_not_parse"),
        (pair("function double(value) { return value * 2 }", "function double(value)", domain="code"), None),
        (pair(TEXT, "Pump."), "characters"),
        (pair(TEXT, TEXT), "characters"),
        (pair(TEXT, "The_pump_is_stopped_when_the_pressure_rises."), "tokens"),
    ],
)
def test_the_reason_of_an_unfit_pair(found: Pair, reason: str | None) -> None:
    assert fault(found) == reason


def test_shares_are_counted_by_the_tokenizer_given() -> None:
    found = pair(TEXT, TEXT[: len(TEXT) // 2])
    assert fault(found, least=0.3) is None
    assert fault(found, count=lambda text: 1) == "tokens"
    assert fault(found, least=0.6) == "characters"


def test_of_equal_pairs_of_one_teacher_the_first_stays() -> None:
    twice = [pair(TEXT, TEXT[:40], id=str(each), teacher=teacher) for each, teacher in enumerate("aab")]
    assert [each.id if isinstance(each, Pair) else each.reason for each in screen(twice)] == [
        "0",
        "copy",
        "2",
    ]


def made(count: int) -> list[Pair]:
    words = [
        "alpha",
        "beta",
        "gamma",
        "delta",
        "epsilon",
        "zeta",
        "eta",
        "theta",
        "iota",
        "kappa",
        "mu",
        "nu",
    ]
    return [
        pair(
            f"{words[each % 12]} {each} {words[each // 12 % 12]}",
            words[each % 12],
            id=f"{each:03}",
            group=f"f{each // 3}",
            teacher="rules",
        )
        for each in range(count)
    ]


def test_sides_are_80_10_10_and_hold_whole_files() -> None:
    divided, warnings = divide_pairs(made(300))
    assert warnings == []
    assert Counter(each.split for each in divided) == pytest.approx(
        {"train": 240, "validation": 30, "test": 30}, abs=3
    )
    sides = defaultdict(set)
    for each in divided:
        sides[each.group].add(each.split)
    assert all(len(found) == 1 for found in sides.values())


def test_the_seed_decides_and_the_order_does_not() -> None:
    found = made(90)
    assert divide_pairs(found) == divide_pairs(found[::-1])
    assert divide_pairs(found)[0] != divide_pairs(found, seed=1)[0]
