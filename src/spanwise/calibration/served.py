"""Further backends that may serve predictions: which are admitted, and a calibration for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from spanwise.calibration.features import Feature, feature_values
from spanwise.calibration.record import Calibration, Method, apply
from spanwise.calibration.selection import choose
from spanwise.metrics.confidence import measure
from spanwise.metrics.spans import micro_f1
from spanwise.schema import Prediction

ROUNDING = 1e-9  # a loss of exactly the limit is none above it


@dataclass(frozen=True)
class Found:
    """What one backend predicts for the documents of both sides, in their order."""

    validation: Sequence[Prediction]
    test: Sequence[Prediction]


@dataclass(frozen=True)
class Served:
    """What became of the further backends.

    Attributes:
        calibrations: Of those that are admitted.
        refused: What the others lose of the micro-F1 on validation.
        figures: `<backend>.{admitted, f1_loss}`, and of those admitted `method` and, on test, `ece`, `aurc`,
            `brier` and the same before calibration as `<name>_raw`.
    """

    calibrations: dict[str, Calibration]
    refused: dict[str, float]
    figures: dict[str, Any]


def serve(
    validation: Sequence[Prediction],
    backends: Mapping[str, Found],
    *,
    max_f1_loss: float,
    method: Method | Literal["auto"],
    feature: Feature,
    bins: int,
    seed: int,
) -> Served:
    """Admit the backends that lose little, and calibrate each on what itself predicts for validation.

    Args:
        validation: What the main backend predicts.
        backends: What the others do, by their names.
        max_f1_loss: How much lower their strict micro-F1 on validation may be, 0 to 1.
        method: See `selection.choose`, as for `feature`, `bins` and `seed`.
    """
    served = Served({}, {}, {})
    main = micro_f1(validation)
    for name, found in backends.items():
        loss = main - micro_f1(found.validation)
        admitted = loss <= max_f1_loss + ROUNDING
        served.figures[name] = {"admitted": admitted, "f1_loss": loss}
        if not admitted:
            served.refused[name] = loss
            continue
        choice = choose(found.validation, method=method, feature=feature, bins=bins, backend=name, seed=seed)
        served.calibrations[name] = choice.calibration
        served.figures[name] |= _on_test(found.test, choice.calibration, bins=bins)
    return served


def _on_test(test: Sequence[Prediction], calibration: Calibration, *, bins: int) -> dict[str, Any]:
    raw = feature_values(test, calibration.feature)
    measured = measure(test, raw=raw, calibrated=apply(calibration, test), bins=bins)
    names = (f"{name}{suffix}" for name in ("ece", "aurc", "brier") for suffix in ("", "_raw"))
    return {"method": calibration.method, **{name: measured[name] for name in names}}
