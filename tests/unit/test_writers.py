"""What users get."""

from __future__ import annotations

from pathlib import Path

from spanwise import readers
from spanwise.schema import Confidence, Example, PredictedSpan, Prediction
from spanwise.writers import brat_lines, entities

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
        "entities": ({"start": 5, "end": 14, "label": "Drug", "text": "vitamin\nC", "confidence": 0.8765},),
    }


def test_brat_lines_are_read_back(tmp_path: Path) -> None:
    lines = list(brat_lines(entities(PREDICTION, [0.87654])))
    assert lines == ["T1\tDrug 5 14\tvitamin C", "#1\tAnnotatorNotes T1\tconfidence 0.8765"]
    (tmp_path / "d.txt").write_text(PREDICTION.text)
    (tmp_path / "d.ann").write_text("\n".join(lines))
    [example] = readers.read(tmp_path, format="brat", discontinuous="error", overlapping="error")
    assert isinstance(example, Example)
    assert [(span.start, span.end, span.label) for span in example.spans] == [(5, 14, "Drug")]
