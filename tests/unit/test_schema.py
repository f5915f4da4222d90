from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from spanwise.schema import Confidence, Example, GoldSpan, Labels, PredictedSpan, Prediction, Span


@pytest.mark.parametrize(("start", "end"), [(-1, 2), (3, 3), (4, 2)])
def test_a_span_covers_at_least_one_character(start: int, end: int) -> None:
    with pytest.raises(ValidationError):
        Span(start=start, end=end, label="Age")


def test_a_span_has_a_label() -> None:
    with pytest.raises(ValidationError, match="label"):
        Span(start=0, end=1, label="")


def test_an_empty_span_says_which_one_it_is() -> None:
    with pytest.raises(ValidationError, match="span 4:4 is empty"):
        Span(start=4, end=4, label="Age")


def test_records_are_frozen_and_refuse_unknown_fields() -> None:
    span = Span(start=0, end=1, label="Age")
    with pytest.raises(ValidationError, match="frozen"):
        span.start = 2
    with pytest.raises(ValidationError, match="tier"):
        Span.model_validate({"start": 0, "end": 1, "label": "Age", "tier": "high"})


@pytest.mark.parametrize("value", [-0.1, 1.1, float("nan")])
def test_confidence_is_a_share(value: float) -> None:
    with pytest.raises(ValidationError):
        Confidence(words=(0.5,), minimum=value, mean=0.5, product=0.5, span=0.5)


def test_an_example_holds_its_spans() -> None:
    example = Example(id="1", text="Fever.", target=(Span(start=0, end=6, label="Sign"),), group="1")
    assert [example.text[span.start : span.end] for span in example.spans] == ["Fever."]
    with pytest.raises(ValidationError, match="span 0:7 ends behind the text, which is 6 long"):
        Example(id="1", text="Fever.", target=(Span(start=0, end=7, label="Sign"),), group="1")


def test_an_example_whose_target_is_text_has_no_spans() -> None:
    assert Example(id="1", text="A long text.", target="A text.", group="1").spans == ()


def test_an_example_is_in_no_other_split_than_the_three() -> None:
    with pytest.raises(ValidationError, match="split"):
        Example.model_validate({"id": "1", "text": "", "target": [], "group": "1", "split": "dev"})


def test_labels_number_their_tags() -> None:
    labels = Labels(id2tag=("O", "B-Age", "I-Age", "B-Sex", "I-Sex"), tiers={"Age": "high", "Sex": "low"})
    assert labels.tag2id == {"O": 0, "B-Age": 1, "I-Age": 2, "B-Sex": 3, "I-Sex": 4}
    assert labels.names == ("Age", "Sex")


def test_a_gold_span_may_have_a_probability() -> None:
    unknown = GoldSpan.model_validate_json('{"start": 0, "end": 1, "label": "Age", "tier": "high"}')
    assert unknown.probability is None
    with pytest.raises(ValidationError, match="probability"):
        GoldSpan(start=0, end=1, label="Age", tier="high", probability=1.1)


@given(st.text(max_size=30), st.floats(0, 1))
def test_a_prediction_survives_json(text: str, value: float) -> None:
    confidence = Confidence(
        words=(value, 1.0), minimum=value, mean=(value + 1) / 2, product=value, span=value
    )
    prediction = Prediction(
        id="1",
        text=text,
        group="1",
        gold=(GoldSpan(start=0, end=2, label="Age", tier="high", probability=value),),
        predicted=(PredictedSpan(start=0, end=2, label="Age", tier="high", confidence=confidence),),
    )
    assert Prediction.model_validate_json(prediction.model_dump_json()) == prediction
    with pytest.raises(ValidationError, match="group"):
        Prediction(id="1", text=text, group="")
