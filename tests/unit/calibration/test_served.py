from __future__ import annotations

import pytest

from spanwise.calibration import apply
from spanwise.calibration.features import feature_values
from spanwise.calibration.selection import choose
from spanwise.calibration.served import Found, Served, serve
from spanwise.metrics.confidence import expected_calibration_error, outcomes
from spanwise.schema import Prediction
from tests.unit.calibration.made import document, logistic


def served(main: list[Prediction], max_f1_loss: float, **backends: Found) -> Served:
    return serve(main, backends, max_f1_loss=max_f1_loss, method="platt", feature="minimum", bins=10, seed=1)


def test_each_backend_is_calibrated_on_what_itself_predicts() -> None:
    main, validation = (
        logistic(300, slope=1.0, intercept=0.0, seed=1),
        logistic(300, slope=0.5, intercept=0.5, seed=2),
    )
    test = logistic(300, slope=0.5, intercept=0.5, seed=3)
    found = served(main, 1.0, other=Found(validation, test))
    own = choose(validation, method="platt", feature="minimum", bins=10, backend="other", seed=1).calibration
    assert found.calibrations == {"other": own}
    assert found.refused == {}
    figures = found.figures["other"]
    right = outcomes(test).right
    assert (figures["admitted"], figures["method"]) == (True, "platt")
    assert figures["ece"] == expected_calibration_error(apply(own, test), right, bins=10)
    assert figures["ece_raw"] == expected_calibration_error(feature_values(test, "minimum"), right, bins=10)
    assert set(figures) == {
        "admitted", "f1_loss", "method", "ece", "ece_raw", "aurc", "aurc_raw", "brier", "brier_raw",
    }  # fmt: skip


def test_a_backend_that_loses_more_than_the_limit_on_validation_is_refused() -> None:
    """Ten spans, of which the other backend gets one wrong: one tenth of the F1 is lost."""
    main = [document(*[(0.9, True)] * 10)]
    worse = [document(*[(0.9, True)] * 9, (0.9, False))]
    refusing, admitting = (served(main, limit, int8=Found(worse, main)) for limit in (0.09, 0.1))
    assert refusing.calibrations == {}
    assert refusing.refused == {"int8": pytest.approx(0.1)}
    assert refusing.figures == {"int8": {"admitted": False, "f1_loss": pytest.approx(0.1)}}
    assert (list(admitting.calibrations), admitting.refused) == (["int8"], {})


def test_a_backend_that_is_better_is_admitted() -> None:
    main, better = [document((0.9, True), (0.9, False))], [document((0.9, True), (0.9, True))]
    found = served(main, 0.0, other=Found(better, better))
    assert found.figures["other"]["f1_loss"] == pytest.approx(-0.5)
    assert list(found.calibrations) == ["other"]
