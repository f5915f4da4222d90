"""What users get."""

from __future__ import annotations

import json
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from spanwise import readers
from spanwise.schema import Confidence, Example, PredictedSpan, Prediction
from spanwise.writers import Entities, Entity, brat_lines, conll_lines, entities, json_line

SURE = Confidence(words=(0.9,), minimum=0.9, mean=0.9, product=0.9, span=0.9)
PREDICTION = Prediction(
    id="d",
    text="took vitamin\nC daily",
    group="d",
    predicted=(PredictedSpan(start=5, end=14, label="Drug", tier="high", confidence=SURE),),
)


def test_an_entity_has_its_text_as_it_stands_and_one_confidence() -> None:
    found = entities(PREDICTION, [0.87654])
    assert found.model_dump() == {
        "id": "d",
        "text": None,
        "entities": ({"start": 5, "end": 14, "label": "Drug", "text": "vitamin\nC", "confidence": 0.8765},),
    }


def test_a_line_of_json_has_the_text_only_where_it_was_asked_for() -> None:
    without, beside = (
        json.loads(json_line(entities(PREDICTION, [0.5], with_text=wanted))) for wanted in (False, True)
    )
    assert beside.pop("text") == PREDICTION.text
    assert without == beside
    assert without["entities"][0]["confidence"] == 0.5


def entity(start: int, end: int, label: str) -> Entity:
    return Entity(start=start, end=end, label=label, text="x" * (end - start), confidence=0.5)


def test_conll_lines_are_read_back(tmp_path: Path) -> None:
    found = entities(PREDICTION, [0.87654])
    lines, left_out = conll_lines(PREDICTION.text, found)
    assert lines == ["# id = d", "took\tO", "vitamin\tB-Drug", "C\tI-Drug", "daily\tO", ""]
    assert left_out == 0
    (tmp_path / "d.conll").write_text("\n".join(lines[1:]))
    [example] = readers.read(tmp_path, format="iob", discontinuous="error", overlapping="error")
    assert isinstance(example, Example)
    assert [(example.text[span.start : span.end], span.label) for span in example.spans] == [
        ("vitamin C", "Drug")
    ]


def test_entities_side_by_side_begin_anew_and_overlapping_ones_are_counted() -> None:
    found = Entities(
        id="a\nb",
        entities=(
            entity(0, 3, "My Drug"),
            entity(4, 11, "My Drug"),
            entity(4, 7, "Sign"),
            entity(12, 15, "Sign"),
        ),
    )
    lines, left_out = conll_lines("one two six ten", found)
    assert lines == [
        "# id = a b", "one\tB-My_Drug", "two\tB-My_Drug", "six\tI-My_Drug", "ten\tB-Sign", "",
    ]  # fmt: skip
    assert left_out == 1


@given(text=st.text())
def test_conll_lines_of_any_text_are_lines_of_two_columns(text: str) -> None:
    lines, _ = conll_lines(text, Entities(id="d", entities=()))
    assert all(line.count("\t") == 1 and len(line.split()) == 2 for line in lines[1:-1])


def test_brat_lines_are_read_back(tmp_path: Path) -> None:
    lines = list(brat_lines(entities(PREDICTION, [0.87654])))
    assert lines == ["T1\tDrug 5 14\tvitamin C", "#1\tAnnotatorNotes T1\tconfidence 0.8765"]
    (tmp_path / "d.txt").write_text(PREDICTION.text)
    (tmp_path / "d.ann").write_text("\n".join(lines))
    [example] = readers.read(tmp_path, format="brat", discontinuous="error", overlapping="error")
    assert isinstance(example, Example)
    assert [(span.start, span.end, span.label) for span in example.spans] == [(5, 14, "Drug")]
