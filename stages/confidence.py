"""confidence: how far the confidence can be trusted, and what may be accepted without review."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from spanwise import console
from spanwise.calibration.acceptance import Bootstrap
from spanwise.calibration.assessment import PLOT_COLUMNS, assess, plot_tables
from spanwise.calibration.selection import choose
from spanwise.calibration.served import Found, serve
from spanwise.calibration.thresholds import decide
from spanwise.config import ConfidenceParams, load_params
from spanwise.io import write_json, write_tables
from spanwise.sides import backend_folder, read_predictions


def main(
    predictions: Path,
    calibration: Path,
    metrics: Path,
    plots: Path,
    params: console.ParamsFile = Path("params.yaml"),
) -> None:
    """Calibrate PREDICTIONS: write CALIBRATION, the METRICS of validation and test, and the PLOTS of test."""
    settings = load_params(params, ConfidenceParams)
    chosen, runtime = settings.confidence, settings.runtime
    validation, test = read_predictions(predictions)
    choosing: dict[str, Any] = chosen.model_dump(include={"method", "feature", "bins"})
    choosing["seed"] = settings.seed
    choice = choose(validation, backend=runtime.backend, **choosing)
    found: dict[str, Found] = {
        name: Found(*read_predictions(backend_folder(predictions, name))) for name in runtime.served
    }
    served = serve(validation, found, max_f1_loss=runtime.max_f1_loss, **choosing)
    policy = decide(
        validation,
        choice.held_out,
        target_precision=chosen.target_precision,
        error_rate=chosen.error_rate,
        high_value_types=chosen.high_value.types,
        high_value_precision=chosen.high_value.target_precision,
    )
    fitted = choice.calibration.model_copy(update={"served": served.calibrations, "refused": served.refused})
    bootstrap = Bootstrap(**settings.bootstrap.model_dump(), seed=settings.seed)
    figures = {
        name: assess(
            split,
            fitted,
            policy,
            bins=chosen.bins,
            thresholds=chosen.thresholds,
            bootstrap=bootstrap,
            held_out=held_out,
        )
        for name, split, held_out in (("validation", validation, choice.held_out), ("test", test, None))
    }

    write_json(calibration, fitted.model_dump())
    own = fitted.model_dump(exclude={"served", "refused"})
    compared = {"methods": choice.methods, "backends": served.figures}
    write_json(metrics, {"calibration": own, **compared, **figures})
    write_tables(plots, PLOT_COLUMNS, plot_tables(test, fitted, bins=chosen.bins))


if __name__ == "__main__":
    console.run(main)
