"""`spanwise drift`: whether what a service finds still looks like what its model was tested on."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from spanwise import console
from spanwise.errors import UserError

if TYPE_CHECKING:
    from spanwise.service.observability.reference import Reference
    from spanwise.service.observability.snapshot import Snapshot

KEY = "SPANWISE_API_KEY"

Calibrated = Annotated[
    Path, typer.Option("--calibration", help="How confidence was calibrated; for predictions alone.")
]
Backend = Annotated[
    str | None,
    typer.Option(help="What predicted, if not what calibration was fitted for, e.g. onnx-int8."),
]
CALIBRATION = Path("models/calibration.json")


@console.command
def drift(
    *,
    url: Annotated[
        list[str] | None, typer.Option(help=f"A running service; repeat it for several. Key: ${KEY}.")
    ] = None,
    metrics: Annotated[
        list[Path] | None, typer.Option(help="What one answered at /metrics, as a file; repeatable.")
    ] = None,
    since: Annotated[
        list[Path] | None, typer.Option(help="What they answered before: only what came later counts.")
    ] = None,
    reference: Annotated[
        Path,
        typer.Option(help="The predictions on the test set, or what `spanwise drift-reference` wrote."),
    ] = Path("data/predictions/test.jsonl"),
    calibration: Calibrated = CALIBRATION,
    backend: Backend = None,
    model: Annotated[
        str | None, typer.Option(metavar="NAME@VERSION", help="Which, if several have answered.")
    ] = None,
    output: Annotated[Path, typer.Option("--output", "-o", help="The page; JSON goes beside it.")] = Path(
        "reports/drift.html"
    ),
) -> None:
    """Compare labels and confidence that a service has found with those of the test set."""
    from spanwise.service.observability.drift import compare
    from spanwise.service.observability.drift_page import MEANINGS, write_drift
    from spanwise.service.observability.reference import of_snapshot

    if not url and not metrics:
        raise UserError("no service to look at", hint="Give --url, or --metrics with a file.")
    snapshot = _served(url or [], metrics or [])
    if since:
        snapshot = snapshot.since(_served([], since))
    tested = _reference(reference, calibration, backend)
    name, served = of_snapshot(snapshot, model=model, edges=tested.sample.edges)
    found = compare(tested, served)
    data = write_drift(output, found, model=name)
    typer.echo(f"{name}: {found.verdict}. {MEANINGS[found.verdict]}")
    for each in found.labels:
        if each.confidence is not None and each.confidence.verdict in {"shifted", "far off"}:
            typer.echo(f"  {each.label}: confidence {each.confidence.verdict} ({each.confidence.size:.2f})")
    typer.echo(f"More in {output} and {data}.")


@console.command
def drift_reference(
    output: Annotated[Path, typer.Argument(help="The JSON file to write.")],
    *,
    predictions: Annotated[Path, typer.Option(help="On the test set.")] = Path("data/predictions/test.jsonl"),
    calibration: Calibrated = CALIBRATION,
    backend: Backend = None,
) -> None:
    """Write what `drift` compares with: counts of the test set, without its texts."""
    from spanwise.io import write_json

    found = _of_predictions(predictions, calibration, backend)
    write_json(output, found.model_dump(mode="json"))
    sample = found.sample
    typer.echo(
        f"{output}: {sample.entities} found in {sample.documents} documents, {len(sample.counts)} labels"
    )


def _served(urls: list[str], files: list[Path]) -> Snapshot:
    """What several services have counted together."""
    from spanwise.io import read_text
    from spanwise.service.observability.scraping import scrape
    from spanwise.service.observability.snapshot import Snapshot

    texts = [scrape(url, key=os.environ.get(KEY)) for url in urls]
    return Snapshot.parse("".join([*texts, *map(read_text, files)]))


def _reference(path: Path, calibration: Path, backend: str | None) -> Reference:
    from spanwise.io import read_record
    from spanwise.service.observability.reference import Reference

    if path.suffix == ".jsonl":
        return _of_predictions(path, calibration, backend)
    return read_record(path, Reference)


def _of_predictions(path: Path, calibration: Path, backend: str | None) -> Reference:
    from spanwise.calibration import Calibration
    from spanwise.io import read_jsonl, read_record
    from spanwise.schema import Prediction
    from spanwise.service.observability.families import CONFIDENCES
    from spanwise.service.observability.reference import of_predictions

    fitted = read_record(calibration, Calibration)
    chosen = fitted if backend is None else fitted.for_backend(backend)
    predictions = list(read_jsonl(path, Prediction))
    source = f"{path}, calibrated for {backend or fitted.backend or 'its backend'}"
    return of_predictions(predictions, chosen, edges=CONFIDENCES, source=source)
