from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from spanwise.errors import UserError
from spanwise.io import write_json, write_jsonl
from spanwise.schema import Confidence, Example, PredictedSpan, Prediction
from spanwise.tasks.resume import TASK, fields
from spanwise.tasks.resume.model import Basics, Resume, Skill, Work, to_json_resume
from spanwise.tasks.resume.scores import Drawing, Pair, read_pairs, score, score_pairs
from spanwise.tasks.resume.scoring import SCORING

DRAWING = Drawing(samples=100, level=0.95, seed=0)
TEXT = """\
Ada Example
ada@example.com

Work Experience
Engineer, Nova Ltd
2019 - 2021

Skills
Python, SQL
"""
TRUTH = Resume(
    basics=Basics(name="Ada Example", email="ada@example.com"),
    work=(Work(employer="Nova Ltd", position="Engineer", start="2019", end="2021"),),
    skills=(Skill(name="Python"), Skill(name="SQL")),
)
SURE = Confidence(words=(1,), minimum=1, mean=1, product=1, span=1)


def pair(group: str, found: Resume = TRUTH, **attributes: str) -> Pair:
    return Pair(TRUTH, found, TEXT, group, {"locale": "en_GB", **attributes})


def test_what_is_true_scores_one() -> None:
    figures = score_pairs([pair(str(number), format="pdf") for number in range(6)], DRAWING)
    assert figures["micro"]["f1"] == figures["contact"]["f1"] == figures["exact"]["share"] == 1
    assert figures["micro"]["f1_low"] == figures["micro"]["f1_high"] == 1
    assert figures["ungrounded"]["share"] == 0
    assert figures["fields"]["skills"]["support"] == 12
    assert figures["format"]["pdf"]["documents"] == figures["groups"] == 6


def test_figures_are_told_by_family_locale_and_format() -> None:
    pairs = [pair("a", family="dense", format="pdf"), pair("b", Resume(), family="table", format="txt")]
    figures = score_pairs(pairs, DRAWING)
    assert figures["family"]["dense"]["micro"]["f1"] == 1
    assert figures["format"]["txt"]["micro"]["f1"] == 0
    assert figures["locale"].keys() == {"en_GB"}
    assert "layout" not in figures
    assert figures["micro"]["f1_low"] is None  # two groups tell no interval


def test_a_value_that_the_text_lacks_is_ungrounded() -> None:
    made_up = TRUTH.model_copy(update={"skills": (Skill(name="Cobol"),)})
    figures = score_pairs([pair("a", made_up)], DRAWING)
    assert figures["ungrounded"] == {"share": 1 / 7, "share_low": None, "share_high": None, "of": 7}


def test_formats_of_a_resume_are_held_against_each_other() -> None:
    other = TRUTH.model_copy(update={"skills": ()})
    pairs = [pair("a"), pair("a"), pair("b"), pair("b", other), pair("c")]
    assert score_pairs(pairs, DRAWING)["invariance"]["share"] == 0.5
    assert score_pairs(pairs, DRAWING)["invariance"]["of"] == 2


def test_no_documents_have_no_share() -> None:
    figures = score_pairs([], DRAWING)
    assert figures["documents"] == 0
    assert figures["micro"]["f1"] == 0
    assert figures["exact"]["share"] is None


def prediction(**attributes: Any) -> Prediction:
    wanted = {
        "Ada Example": fields.NAME,
        "ada@example.com": fields.EMAIL,
        "Engineer": fields.POSITION,
        "Nova Ltd": fields.EMPLOYER,
        "2019": fields.START_DATE,
        "2021": fields.END_DATE,
        "Python": fields.SKILL,
        "SQL": fields.SKILL,
    }
    spans = tuple(
        PredictedSpan(
            start=TEXT.index(text),
            end=TEXT.index(text) + len(text),
            label=label,
            tier="high",
            confidence=SURE,
        )
        for text, label in wanted.items()
    )
    return Prediction(id="a", text=TEXT, group="a", predicted=spans, attributes=attributes or None)


def test_predicted_spans_are_scored_as_the_resume_that_they_make() -> None:
    figures = score([prediction(truth=to_json_resume(TRUTH), locale="en_GB")], samples=10, level=0.95, seed=0)
    assert figures["tagger"]["micro"]["f1"] == figures["combined"]["micro"]["f1"] == 1
    assert figures["tagger"]["documents"] == 1


def test_documents_without_a_truth_have_no_field_figures() -> None:
    assert SCORING.score is not None
    assert SCORING.score([prediction()], samples=10, level=0.95, seed=0) == {}
    assert TASK.headline([prediction()]) == 0


def example(number: int, **more: Any) -> Example:
    attributes = {"truth": to_json_resume(TRUTH), "file": f"cv-{number}.pdf"}
    return Example(
        id=f"cv-{number}-pdf", text=TEXT, target=(), group=f"cv-{number}", attributes=attributes, **more
    )


def test_parsed_files_are_read_beside_their_truth(tmp_path: Path) -> None:
    examples = [example(1, split="test"), example(2, split="test"), example(3, split="train")]
    write_jsonl(tmp_path / "examples.jsonl", examples)
    write_json(tmp_path / "parsed" / "cv-1.pdf.json", to_json_resume(TRUTH))
    pairs, missing = read_pairs(tmp_path / "examples.jsonl", tmp_path / "parsed", "test")
    assert [each.found for each in pairs] == [TRUTH, Resume()]
    assert missing == 1


def test_nothing_to_score_is_an_error(tmp_path: Path) -> None:
    write_jsonl(tmp_path / "examples.jsonl", [example(1, split="test")])
    with pytest.raises(UserError, match="no document of the side train"):
        read_pairs(tmp_path / "examples.jsonl", tmp_path, "train")
    with pytest.raises(UserError, match="none of the documents was parsed"):
        read_pairs(tmp_path / "examples.jsonl", tmp_path, "test")
