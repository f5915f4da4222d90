from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, get_args

import pytest

from spanwise.io import rounded
from spanwise.learners.tagger import Tagger
from spanwise.metrics.evaluation import evaluate
from spanwise.perturbation import Variant, perturb
from spanwise.runtime.predictor import Predictor
from spanwise.runtime.robustness import measure_robustness
from spanwise.schema import Confidence, Example, GoldSpan, PredictedSpan, Prediction, Span

VARIANTS: tuple[Variant, ...] = get_args(Variant)
SURE = Confidence(words=(0.5,), minimum=0.5, mean=0.5, product=0.5, span=0.5)
DRAWS: dict[str, Any] = {"samples": 100, "level": 0.9, "seed": 4}


class Reading(Predictor):
    """Finds the mentions whose text it is told, and no other: what it misses is known beforehand."""

    known: frozenset[str] = frozenset()

    def __call__(
        self, examples: Iterable[Example], *, annotated: Sequence[str] | None = None
    ) -> Iterator[Prediction]:
        for example in examples:
            spans = [span.model_dump() | {"tier": "low"} for span in example.spans]
            read = [span for span in spans if example.text[span["start"] : span["end"]] in self.known]
            yield Prediction(
                id=example.id,
                text=example.text,
                group=example.group,
                gold=tuple(GoldSpan(**span) for span in spans),
                predicted=tuple(PredictedSpan(**span, confidence=SURE) for span in read),
            )


@pytest.fixture
def reader(tiny_tagger: Tagger, examples: list[Example], monkeypatch: pytest.MonkeyPatch) -> Predictor:
    known = {example.text[span.start : span.end] for example in examples for span in example.spans}
    monkeypatch.setattr(Reading, "known", frozenset(known))
    return Reading.of(tiny_tagger.network, tiny_tagger.encoder, tiny_tagger.labels, 512)


def measured(predictor: Predictor, examples: Sequence[Example], *variants: Variant) -> dict[str, Any]:
    baseline = list(predictor(examples))
    return measure_robustness(predictor, examples, baseline, variants, rate=0.5, **DRAWS)


def test_what_the_model_no_longer_finds_is_the_difference(reader: Predictor, examples: list[Example]) -> None:
    """Of twelve drugs two are written `vitamin C`; all others and all signs are lower case already."""
    found = measured(reader, examples, "lower", "upper")
    assert found["unchanged"]["f1"] == 1
    recall = 22 / 24
    assert found["lower"]["f1"] == pytest.approx(2 * recall / (1 + recall))
    assert found["lower"]["difference"] == pytest.approx(found["lower"]["f1"] - 1)
    assert found["lower"]["difference_low"] < found["lower"]["difference"] < 0
    assert found["upper"]["f1"] == found["upper"]["f1_high"] == 0
    assert found["upper"]["p_value"] == pytest.approx(2 / 101)


def test_each_variant_is_scored_as_evaluation_scores_it(reader: Predictor, examples: list[Example]) -> None:
    found = measured(reader, examples, "typos")["typos"]
    again = [perturb(example, "typos", rate=0.5, seed=4) for example in examples]
    micro = evaluate(list(reader(each.example for each in again)), **DRAWS)["strict"]["micro"]
    assert 0 < micro["f1"] < 1
    keys = ("f1", "f1_low", "f1_high")
    assert [found[key] for key in keys] == pytest.approx([micro[key] for key in keys])
    assert found["changed_words"] == sum(each.changed_words for each in again) > 0
    assert found["edits"] == sum(len(each.edits) for each in again)
    assert found["edits_left_out"] == 0


def test_edits_that_would_cut_a_span_are_counted(reader: Predictor, examples: list[Example]) -> None:
    """Each letter of the text is a span, so that no two of them can be swapped and none dropped."""
    letters = [
        example.model_copy(
            update={
                "target": tuple(
                    Span(start=place, end=place + 1, label="Drug") for place in range(len(example.text))
                )
            }
        )
        for example in examples
    ]
    whole, cut = (measured(reader, documents, "typos")["typos"] for documents in (examples, letters))
    assert cut["edits_left_out"] > 0
    assert cut["edits"] + cut["edits_left_out"] == whole["edits"]


def test_documents_as_they_are_differ_in_nothing(reader: Predictor, examples: list[Example]) -> None:
    found = measured(reader, examples)
    assert list(found) == ["unchanged"]
    assert found["unchanged"] == {
        "f1": 1.0, "f1_low": 1.0, "f1_high": 1.0,
        "difference": 0.0, "difference_low": 0.0, "difference_high": 0.0, "p_value": 1.0,
        "documents": 12, "changed_documents": 0, "changed_words": 0, "edits": 0, "edits_left_out": 0,
        "words": found["unchanged"]["words"],
    }  # fmt: skip


def test_too_few_groups_have_no_bounds(reader: Predictor, examples: list[Example]) -> None:
    found = measured(reader, examples[:4], "upper")["upper"]
    assert [key for key, value in found.items() if value is None] == [
        "f1_low", "f1_high", "difference_low", "difference_high", "p_value",
    ]  # fmt: skip


def test_a_model_that_splits_texts_into_words_is_blind_to_whitespace(
    tiny_tagger: Tagger, examples: list[Example]
) -> None:
    found = measured(tiny_tagger.predictor(256), examples, *VARIANTS)
    assert list(found) == ["unchanged", *VARIANTS]
    space = found["whitespace"]
    assert (space["difference"], space["p_value"], space["changed_words"]) == (0, 1, 0)
    assert space["changed_documents"] == 12
    assert rounded(found) == rounded(measured(tiny_tagger.predictor(256), examples, *VARIANTS))


def test_a_baseline_of_other_documents_is_refused(reader: Predictor, examples: list[Example]) -> None:
    baseline = list(reader(examples))
    with pytest.raises(ValueError, match="other documents"):
        measure_robustness(reader, examples[::-1], baseline, [], rate=0.1, **DRAWS)
