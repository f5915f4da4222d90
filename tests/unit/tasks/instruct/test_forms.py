from __future__ import annotations

from pathlib import Path

import pytest

from spanwise.readers import read
from spanwise.schema import Example
from spanwise.tasks.instruct.forms import adherence, agreement, choices

REPORT = (
    "Date/time: 9 March.\nLocation: ward.\nFacts: none.\nConsequences: none.\n"
    "Immediate actions: none.\nPrevention: labels."
)


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("1. a\n2. b\n3. c", 1),
        ("Voici :\n\n**1)** a\n 2) b\n3. c\n\nFin.", 1),
        ("1. a\n2. b", 0),
        ("- a\n- b\n- c", 0),
        ("", 0),
        ("1. a\n2. b\n3. c\n3. c", 0.75),
        ("2. a\n3. b\n4. c", 0),
    ],
)
def test_a_protocol_has_steps_that_count_on_from_1(text: str, share: float) -> None:
    assert adherence("protocol", "fr", text) == share


@pytest.mark.parametrize(
    ("text", "share"),
    [
        (REPORT, 1),
        (REPORT.replace("Facts", "**Facts**"), 1),
        (REPORT.replace("Facts: none.\n", ""), 5 / 6),
        ("\n".join(reversed(REPORT.splitlines())), 1 / 6),
        ("All was well.", 0),
    ],
)
def test_an_incident_has_six_headings_in_order(text: str, share: float) -> None:
    assert adherence("incident", "en", text) == pytest.approx(share)


def test_headings_are_those_of_the_language() -> None:
    french = "Date/heure : lundi.\nLieu : ici.\nFaits : chute.\nCONSEQUENCES : aucune.\n"
    assert adherence("incident", "fr", french) == pytest.approx(4 / 6)
    assert adherence("incident", "en", french) == pytest.approx(1 / 6)  # consequences
    assert adherence("incident", "de", french) is None


def test_choices_are_lines_that_begin_with_letters() -> None:
    text = "Voici :\na. Pomme\n\n**(B)** Poire"
    assert choices("a. Pomme\n(B) Poire\n- c) Chou, d. Ail") == {"a", "b", "c"}
    assert adherence("mcq", "fr", text) == pytest.approx(2 / 3)
    assert adherence("mcq", "fr", "") == 0
    assert agreement("a. x\nb. y", frozenset("bc")) == pytest.approx(1 / 3)
    assert agreement("", frozenset("b")) == 0


def test_other_categories_ask_for_no_form() -> None:
    assert adherence("training", "fr", "1. a") is None


def test_each_reference_of_the_protocols_has_its_form(root: Path) -> None:
    found = read(
        root / "data/corpora/protocols", format="chat", discontinuous="envelope", overlapping="longest"
    )
    shares = []
    for example in found:
        assert isinstance(example, Example)
        assert example.attributes is not None
        known = example.attributes
        shares.append(adherence(known["category"], known["language"], str(example.target)))
    assert shares.count(1.0) == 32
    assert shares.count(None) == 24
