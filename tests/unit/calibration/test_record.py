from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from spanwise.calibration import Calibration, apply
from spanwise.calibration.features import Feature
from spanwise.calibration.fitting import fit
from spanwise.calibration.record import TIE_BREAK, Method
from spanwise.errors import UserError
from spanwise.io import read_record, write_json
from spanwise.schema import Confidence
from tests.unit.calibration.made import document, identity, logistic

METHODS: tuple[Method, ...] = get_args(Method)
ORDERLY: dict[str, dict[str, Any]] = {
    "identity": {},
    "temperature": {"slope": 0.4},
    "platt": {"slope": 2.5, "intercept": -1.5},
    "isotonic": {"knots": ((0.1, 0.2), (0.4, 0.2), (0.5, 0.7), (0.9, 0.7))},
    "classifier": {"intercept": -0.3, "weights": {"minimum": 0.4, "words": 0.2}},
}


@given(st.lists(st.floats(0, 1), max_size=20), st.sampled_from(METHODS))
def test_every_method_keeps_the_order_and_gives_shares(values: list[float], method: Method) -> None:
    made = Calibration(method=method, feature="minimum", spans=1, **ORDERLY[method])
    found = apply(made, [document((value, True)) for value in sorted(values)])
    assert len(found) == len(values)
    assert ((found >= 0) & (found <= 1)).all()
    assert (np.diff(found) >= 0).all()


def test_isotonic_goes_through_its_knots_and_keeps_apart_what_lies_on_a_plateau() -> None:
    made = Calibration(method="isotonic", feature="minimum", spans=1, **ORDERLY["isotonic"])
    values = (0.0, 0.1, 0.25, 0.4, 0.45, 0.5, 0.9, 1.0)
    found = apply(made, [document(*((value, True) for value in values))])
    assert found.tolist() == pytest.approx([0.2, 0.2, 0.2, 0.2, 0.45, 0.7, 0.7, 0.7], abs=TIE_BREAK)
    assert (np.diff(found) > 0).all()


def test_a_temperature_leaves_one_half_as_it_is() -> None:
    made = Calibration(method="temperature", feature="minimum", slope=0.5, spans=1)
    found = apply(made, [document((0.5, True), (0.8, True))])
    assert found.tolist() == pytest.approx([0.5, 2 / 3])  # odds of 4 become odds of 2


def test_a_classifier_adds_up_what_it_knows() -> None:
    weights = {"minimum": 0.5, "before_adjacent": -1.0, "tier_low": 9.0}  # no span here is of the low tier
    made = Calibration(method="classifier", feature="minimum", intercept=0.25, weights=weights, spans=1)
    found = apply(made, [document((0.8, True))])
    assert found.tolist() == pytest.approx([1 / (1 + np.exp(-(0.25 + 0.5 * np.log(4))))])


@pytest.mark.parametrize(
    ("feature", "value"), [("minimum", 0.5), ("mean", 0.7), ("product", 0.45), ("span", 0.4)]
)
def test_each_feature_is_read_from_its_field(feature: Feature, value: float) -> None:
    sure = Confidence(words=(0.9, 0.5), minimum=0.5, mean=0.7, product=0.45, span=0.4)
    made = document((0.1, True))
    changed = made.model_copy(
        update={"predicted": (made.predicted[0].model_copy(update={"confidence": sure}),)}
    )
    assert apply(identity(feature), [changed]).tolist() == [value]


@pytest.mark.parametrize("method", METHODS)
def test_a_saved_calibration_gives_the_very_same_values(method: Method, tmp_path: Path) -> None:
    predictions = logistic(500, slope=0.7, intercept=-0.3, seed=5)
    found = fit(predictions, method=method, feature="product")
    assert found.method == method
    write_json(tmp_path / "calibration.json", found.model_dump())
    saved = read_record(tmp_path / "calibration.json", Calibration)
    assert saved == found
    assert apply(saved, predictions).tobytes() == apply(found, predictions).tobytes()


@pytest.mark.parametrize("method", METHODS)
def test_a_span_served_alone_has_the_confidence_it_was_measured_with(method: Method) -> None:
    predictions = logistic(300, slope=0.7, intercept=-0.3, seed=5)
    found = fit(predictions, method=method, feature="minimum")
    alone = [apply(found, [each]) for each in predictions]
    assert np.concatenate(alone).tolist() == pytest.approx(apply(found, predictions).tolist(), abs=1e-12)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"method": "magic"}, "method"),
        ({"method": "isotonic"}, "isotonic needs knots"),
        ({"method": "classifier"}, "classifier needs weights"),
        ({"method": "classifier", "weights": {"hearsay": 1.0}}, "no such feature: hearsay"),
    ],
)
def test_what_cannot_be_applied_is_refused(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Calibration.model_validate({"feature": "mean", "spans": 1, **fields})


def test_torch_and_onnx_share_a_calibration_and_others_have_their_own() -> None:
    other = Calibration(method="temperature", feature="minimum", slope=0.5, spans=3, backend="onnx-int8")
    made = identity().model_copy(update={"backend": "torch", "served": {"onnx-int8": other}})
    assert made.admitted == ("onnx", "onnx-int8", "torch")
    assert made.for_backend("torch") is made
    assert made.for_backend("onnx") is made
    assert made.for_backend("onnx-int8") is other
    with pytest.raises(UserError, match=r"(?s)not calibrated for the backend torch-bf16.*onnx-int8, torch"):
        made.for_backend("torch-bf16")


def test_a_refused_backend_is_told_with_what_it_loses() -> None:
    made = identity().model_copy(update={"backend": "torch", "refused": {"onnx-int8": 0.0123}})
    assert made.admitted == ("onnx", "torch")
    with pytest.raises(UserError, match=r"(?s)onnx-int8 loses 1\.2 points of F1.*Take one of: onnx, torch"):
        made.for_backend("onnx-int8")


def test_what_was_fitted_for_int8_is_not_taken_for_torch() -> None:
    made = identity().model_copy(update={"backend": "onnx-int8"})
    assert made.admitted == ("onnx-int8",)
    with pytest.raises(UserError, match="not calibrated for the backend torch"):
        made.for_backend("torch")


def test_what_is_served_survives_storing(tmp_path: Path) -> None:
    other = Calibration(method="temperature", feature="minimum", slope=0.5, spans=3, backend="onnx-int8")
    made = identity().model_copy(update={"served": {"onnx-int8": other}, "refused": {"torch-bf16": 0.25}})
    write_json(tmp_path / "calibration.json", made.model_dump())
    assert read_record(tmp_path / "calibration.json", Calibration) == made
