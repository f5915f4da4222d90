"""Validation: one pass gives the loss and the very predictions of the runtime."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import torch

from spanwise.learners.tagger import Tagger
from spanwise.learners.training import objective
from spanwise.learners.validation import validate
from spanwise.learners.windows import Collator, TaggedWindows
from spanwise.runtime import predictor
from spanwise.schema import Example, Labels
from tests.tiny import TINY, quick_recipe

if TYPE_CHECKING:
    from spanwise.heads.network import Kind


@pytest.mark.parametrize("head", ["softmax", "crf", "pointer", "combined"])
@pytest.mark.parametrize("batch_tokens", [1, 64, 4096])
def test_loss_and_predictions_are_those_of_all_windows_at_once(
    head: Kind, batch_tokens: int, labels: Labels, examples: list[Example], monkeypatch: pytest.MonkeyPatch
) -> None:
    for chunk in ("CHUNK", "POINTED_CHUNK"):
        monkeypatch.setattr(predictor, chunk, 5)
    tagger = Tagger.pretrained(labels, **TINY, seed=13, head=head)
    windows = TaggedWindows.of(examples, tagger)
    measure = objective(quick_recipe(head=head), tagger, [windows])
    loss, predictions = validate(tagger, windows, measure, batch_tokens=batch_tokens)

    expected = list(tagger.predictor(4096)(examples))
    assert [each.id for each in predictions] == [each.id for each in expected]
    for found, other in zip(predictions, expected, strict=True):
        assert found.gold == other.gold
        spans = [[(s.start, s.end, s.label) for s in each.predicted] for each in (found, other)]
        assert spans[0] == spans[1]
    with torch.no_grad():
        batch = Collator(tagger.encoder.padding, len(labels.id2tag))(windows.rows)
        total, _ = measure(tagger.network.eval(), batch)
    assert loss == pytest.approx(float(total) / int((batch["labels"] >= 0).sum()), rel=1e-4)


def test_documents_without_words_have_no_loss(tiny_tagger: Tagger) -> None:
    windows = TaggedWindows.of([Example(id="a", text=" ", target=(), group="a")], tiny_tagger)
    measure = objective(quick_recipe(), tiny_tagger, [windows])
    loss, [prediction] = validate(tiny_tagger, windows, measure, batch_tokens=64)
    assert loss == 0
    assert not prediction.predicted
