"""confidence: how far the confidence can be trusted, and what may be accepted without review."""

from __future__ import annotations

from pathlib import Path

from spanwise import console
from spanwise.calibration.acceptance import Bootstrap
from spanwise.calibration.assessment import PLOT_COLUMNS, assess, plot_tables
from spanwise.calibration.selection import choose
from spanwise.calibration.thresholds import decide
from spanwise.config import ConfidenceParams, load_params
from spanwise.io import atomic, read_jsonl, write_csv, write_json
from spanwise.schema import Prediction


def main(
    predictions: Path,
    calibration: Path,
    metrics: Path,
    plots: Path,
    params: console.ParamsFile = Path("params.yaml"),
) -> None:
    """Calibrate PREDICTIONS: write CALIBRATION, the METRICS of validation and test, and the PLOTS of test."""
    settings = load_params(params, ConfidenceParams)
    chosen = settings.confidence
    validation = list(read_jsonl(predictions / "validation.jsonl", Prediction))
    test = list(read_jsonl(predictions / "test.jsonl", Prediction))

    choice = choose(
        validation,
        method=chosen.method,
        feature=chosen.feature,
        bins=chosen.bins,
        backend=settings.runtime.backend,
        seed=settings.seed,
    )
    policy = decide(
        validation,
        choice.held_out,
        target_precision=chosen.target_precision,
        error_rate=chosen.error_rate,
        high_value_types=chosen.high_value.types,
        high_value_precision=chosen.high_value.target_precision,
    )
    fitted = choice.calibration
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
    write_json(metrics, {"calibration": fitted.model_dump(), "methods": choice.methods, **figures})
    with atomic(plots) as folder:
        for name, rows in plot_tables(test, fitted, bins=chosen.bins).items():
            write_csv(folder / f"{name}.csv", PLOT_COLUMNS, rows)


if __name__ == "__main__":
    console.run(main)
