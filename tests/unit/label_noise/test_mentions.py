from __future__ import annotations

from spanwise.label_noise.mentions import Concordance, Elsewhere
from spanwise.schema import Span
from tests.unit.label_noise.conftest import Noted


def test_the_same_words_are_counted_at_all_other_places(noted: Noted) -> None:
    documents = [
        noted("Chest pain.", [("Chest pain", "Sign", 0.9)], [], id="a"),
        noted("No chest\npain, but rash.", [("chest\npain", "Disease", 0.1)], [], id="b"),
        noted("CHEST PAIN again", [("CHEST PAIN", "Sign", 0.9)], [], id="c"),
        noted("chest pain unit", [], [], id="d"),
        noted(
            "severe chest pain", [("severe chest pain", "Sign", 0.9)], [], id="e"
        ),  # inside another: no place
    ]
    concordance = Concordance(documents, ["chest pain", "..."])
    own = Span(start=3, end=13, label="Disease")
    assert concordance.elsewhere("b", own, "chest\npain") == Elsewhere(labels={"Sign": 2}, unannotated=1)
    here = Span(start=0, end=10, label="Sign")
    found = concordance.elsewhere("d", here, "chest pain")
    assert list(found.labels.items()) == [("Sign", 2), ("Disease", 1)]
    assert found.unannotated == 0


def test_words_may_stand_nowhere_else(noted: Noted) -> None:
    concordance = Concordance([noted("fever", [("fever", "Sign", 0.9)], [])], ["fever"])
    found = concordance.elsewhere("d", Span(start=0, end=5, label="Sign"), "fever")
    assert found == Elsewhere(labels={}, unannotated=0)
