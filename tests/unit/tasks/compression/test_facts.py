from __future__ import annotations

from spanwise.tasks.compression.facts import facts_kept

TEXT = "Jun said that Marwa will pay 31 crowns, but not before 6 May, and 31 is enough."
FACTS = [
    "Marwa pays 31 crowns",
    "Jun said so to Marwa",
    "nothing is paid; it is not before 6 May",
    "Olga pays 9",
]


def test_what_stays_is_counted() -> None:
    kept = facts_kept(FACTS, TEXT, TEXT)
    assert kept == {"numbers": (2, 2), "names": (3, 3), "negations": (1, 1)}


def test_what_goes_is_counted() -> None:
    kept = facts_kept(FACTS, TEXT, "Jun said will pay 31 crowns, before May.")
    assert kept == {"numbers": (1, 2), "names": (1, 3), "negations": (0, 1)}


def test_without_facts_there_is_nothing_to_keep() -> None:
    assert facts_kept([], TEXT, "") == {"numbers": (0, 0), "names": (0, 0), "negations": (0, 0)}
