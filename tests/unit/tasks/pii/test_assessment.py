from __future__ import annotations

from spanwise.schema import Example, Span
from spanwise.tasks.pii.assessment import assess, gold_of
from spanwise.tasks.pii.recognisers import RULES

TEXT = "Ada Byrne\nada@post.example\nSkills\nPython"
EXAMPLE = Example(
    id="a",
    text=TEXT,
    target=(Span(start=0, end=9, label="PERSON"), Span(start=10, end=26, label="EMAIL")),
    group="a",
    attributes={"family": "plain", "locale": "en_GB", "format": "txt"},
)
FIELDS = EXAMPLE.model_copy(update={"target": (Span(start=34, end=40, label="Skill"),)})


def test_levels_slices_and_attacks_are_scored(secret: bytes) -> None:
    figures = assess([EXAMPLE], RULES, secret, fields=[FIELDS])
    basic = figures["levels"]["basic"]
    assert basic["direct"]["value"] == 1.0
    assert basic["kept"]["skills"]["value"] == 1.0
    assert basic["aliases"] == {"consistent": 1.0, "injective": 1.0}
    assert basic["leaking_documents"] == 0
    assert figures["slices"]["family"]["plain"]["direct"]["whole"] == 2
    assert figures["attacks"]["homoglyphs"]["value"] == 1.0


def test_without_recognisers_everything_leaks(secret: bytes) -> None:
    figures = assess([EXAMPLE], (), secret, attacks=False)
    assert figures["levels"]["thorough"]["leaking_documents"] == 1
    assert figures["levels"]["basic"]["direct"]["value"] == 0.0
    assert "attacks" not in figures


def test_presidios_labels_count_by_the_names_here() -> None:
    other = Span(start=0, end=3, label="TITLE")
    example = EXAMPLE.model_copy(update={"target": (*EXAMPLE.spans, other)})
    assert [span.label for span in gold_of(example)] == ["PERSON", "EMAIL_ADDRESS"]
