"""confidence: how far the confidence can be trusted, and what may be accepted without review."""

from __future__ import annotations

from pathlib import Path

from spanwise import console
from spanwise.calibration import assess, choose_threshold, fit, plot_tables
from spanwise.config import ConfidenceParams, load_params
from spanwise.io import atomic, read_jsonl, write_csv, write_json
from spanwise.metrics.confidence import PLOT_COLUMNS
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

    fitted = fit(validation, feature=chosen.feature, backend=settings.runtime.backend)
    threshold = choose_threshold(validation, fitted, target_precision=chosen.target_precision)
    figures = {
        name: assess(
            split,
            fitted,
            threshold=threshold,
            bins=chosen.bins,
            thresholds=chosen.thresholds,
            target_precision=chosen.target_precision,
            **settings.bootstrap.model_dump(),
            seed=settings.seed,
        )
        for name, split in (("validation", validation), ("test", test))
    }

    write_json(calibration, fitted.model_dump())
    write_json(metrics, {"calibration": fitted.model_dump(), **figures})
    with atomic(plots) as folder:
        for name, rows in plot_tables(test, fitted, bins=chosen.bins, thresholds=chosen.thresholds).items():
            write_csv(folder / f"{name}.csv", PLOT_COLUMNS, rows)


if __name__ == "__main__":
    console.run(main)
