from __future__ import annotations

import json
from typing import Any

import pytest

from spanwise.errors import UserError
from spanwise.reporting.answers.scores import Part, Parts
from spanwise.reporting.answers.sources import Loss
from spanwise.reporting.answers.tuning import Effect, Tuning


def rewrite(run: Any, **changes: Any) -> None:
    """Change the first prediction."""
    path = run.folder / "data/predictions/test.jsonl"
    first, *rest = path.read_text().splitlines()
    path.write_text("\n".join([json.dumps(json.loads(first) | changes), *rest]) + "\n")


def test_answers_come_by_stratum_and_name_with_what_is_told_of_them(run: Any) -> None:
    answered = run.read().answered
    assert [each.prediction.id for each in answered] == [f"q{number:02}" for number in range(12)]
    assert answered[0].stratum == "protocol/en"
    assert answered[0].acceptable
    assert answered[0].judged.failures == []
    assert [term.found for term in answered[0].judged.terms] == [True, True, True]
    assert answered[3].judged.failures == ["empty"]
    assert answered[0].loss is not None
    assert answered[0].loss.mean == pytest.approx(1.5)
    assert answered[0].loss.untuned == pytest.approx(2.5)


def test_a_prediction_of_spans_is_refused(run: Any) -> None:
    rewrite(run, answer=None, reference=None)
    with pytest.raises(UserError, match="q00 has no answer"):
        run.read()


@pytest.mark.parametrize("attributes", [{"loss": {"nll": "much"}}, {"judged": {"terms": [{"term": "a"}]}}])
def test_what_is_malformed_is_named_without_its_text(run: Any, attributes: dict[str, Any]) -> None:
    rewrite(run, attributes=attributes)
    with pytest.raises(UserError, match=r"prediction q00: .* is malformed") as error:
        run.read()
    assert "much" not in str(error.value)
    assert error.value.hint == "Make it anew with `dvc repro evaluate`."


def test_predictions_of_which_nothing_is_told_are_read(run: Any) -> None:
    rewrite(run, attributes=None)
    first = next(each for each in run.read().answered if each.prediction.id == "q00")
    assert first.stratum == "unknown/unknown"
    assert first.judged.failures == []
    assert first.loss is None


def test_an_empty_reference_has_no_loss_a_token() -> None:
    loss = Loss(nll=0.0, tokens=0, untuned_nll=0.0)
    assert loss.mean is None
    assert loss.untuned is None


def test_measures_are_gathered_and_absent_ones_undefined() -> None:
    part = Part.model_validate({"answers": 3, "groups": 2, "chrf": {"value": 0.5, "answers": 3}})
    assert part["chrf"].value == 0.5
    assert part["loss"].value is None
    assert part.few


def test_slices_leave_out_what_is_all_of_it() -> None:
    small, large = {"answers": 1}, {"answers": 2}
    parts = Parts.model_validate(
        {
            "all": {"answers": 3},
            "languages": {"fr": {"answers": 3}},
            "strata": {"a/fr": small, "b/fr": large},
        }
    )
    assert [(what, list(own)) for what, own in parts.slices()] == [("stratum", ["b/fr", "a/fr"])]


def test_tuning_tells_what_it_was(run: Any) -> None:
    training = run.read().training
    assert training.tuned
    assert training.adapted
    assert ("adapter rank", 4) in list(training.settings())
    assert dict(training.part_figures())["cut"] == [1, 0]
    assert not Tuning(model="m").tuned
    assert not Tuning(model="m").adapted


@pytest.mark.parametrize(
    ("fall", "noise", "shown"), [(1.0, 0.5, True), (0.5, 0.5, False), (None, 0.5, None), (1.0, None, None)]
)
def test_an_effect_is_shown_beyond_the_noise(
    fall: float | None, noise: float | None, shown: bool | None
) -> None:
    assert Effect(fall=fall, noise=noise).shown is shown
