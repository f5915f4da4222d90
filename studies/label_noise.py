"""label-noise: how well `spanwise label-noise` ranks mistakes that were planted into a gold standard.

The model saw neither the documents nor the mistakes: they are planted after its training, and only the gold
standard of the documents changes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING, Annotated, Any

import typer

from spanwise import console
from spanwise.io import read_jsonl, read_record, write_json
from spanwise.schema import Example, Prediction

if TYPE_CHECKING:
    from spanwise.calibration import Calibration
    from spanwise.label_noise.planting import Planted

FIRST = (10, 20, 50)  # candidates that an annotator may look at
BATCH_TOKENS = 1024


def main(
    examples: Annotated[Path, typer.Argument(help="Documents that the model did not train on, as JSONL.")],
    model: Annotated[Path, typer.Argument(help="The folder of a trained model.")],
    figures: Annotated[Path, typer.Argument(help="The JSON to write.")],
    calibration: Annotated[Path | None, typer.Option(help="Of the model; without one, raw.")] = None,
    share: Annotated[float, typer.Option(min=0, max=1, help="Of the gold spans that become wrong.")] = 0.05,
    repeats: Annotated[int, typer.Option(min=1, help="How often mistakes are planted anew.")] = 20,
    seed: Annotated[int, typer.Option(help="Of the first planting; the next ones count on.")] = 13,
) -> None:
    """Plant mistakes into the gold standard of EXAMPLES, rank candidates with MODEL, and write FIGURES."""
    from spanwise.calibration import Calibration
    from spanwise.label_noise.planting import plant
    from spanwise.runtime.predictor import Predictor

    documents = list(read_jsonl(examples, Example))
    predictor = Predictor.load(model, batch_tokens=BATCH_TOKENS)
    # The network does not see the gold standard: only the decoder has to look up what became of it.
    scored = [each[1:] for each in predictor.scores(documents)]
    fitted = read_record(calibration, Calibration) if calibration else None
    rows = []
    for each in range(seed, seed + repeats):
        spoiled, planted = plant(documents, share=share, seed=each)
        predictions = [
            predictor.decoder(example, *network) for example, network in zip(spoiled, scored, strict=True)
        ]
        rows.append(measure(predictions, planted, fitted))
    kinds = sorted({kind for row in rows for kind in row["found"]})
    found = {kind: fmean(row["found"].get(kind, 0.0) for row in rows) for kind in kinds}
    keys = [key for key in rows[0] if key != "found"]
    write_json(
        figures,
        {
            "documents": len(documents),
            "share": share,
            "repeats": repeats,
            "seed": seed,
            "calibrated": fitted is not None,
            "found": found,
            **{key: _spread([row[key] for row in rows]) for key in keys},
        },
    )


def measure(
    predictions: Sequence[Prediction], planted: Sequence[Planted], calibration: Calibration | None
) -> dict[str, Any]:
    """How well the planted mistakes are found.

    Returns:
        `candidates` and `planted`, how many there are; `base_rate`, the share of candidates that are planted,
        so the precision of a list in random order; `average_precision` and `precision_at_<k>` of the ranking;
        `found`, for each kind the share of its mistakes among all candidates.
    """
    from spanwise.label_noise.disagreements import find_disagreements
    from spanwise.label_noise.documents import judge
    from spanwise.label_noise.planting import average_precision, recovered
    from spanwise.label_noise.ranking import rank

    documents = judge("planted", predictions, calibration)
    candidates = rank(documents, find_disagreements(documents).found)
    hits = recovered(candidates, planted)
    in_list = Counter(each.kind for each in planted if any(recovered(candidates, [each])))
    of_kind = Counter(each.kind for each in planted)
    return {
        "candidates": len(candidates),
        "planted": len(planted),
        "base_rate": sum(hits) / len(candidates) if candidates else None,
        "average_precision": average_precision(hits, len(planted)),
        **{f"precision_at_{first}": fmean(hits[:first]) if hits else None for first in FIRST},
        "found": {kind: in_list[kind] / number for kind, number in sorted(of_kind.items())},
    }


def _spread(values: Sequence[float | None]) -> dict[str, float | None]:
    """Mean, lowest and highest of the repeats in which there is a value."""
    known = [value for value in values if value is not None]
    if not known:
        return {"mean": None, "lowest": None, "highest": None}
    return {"mean": fmean(known), "lowest": min(known), "highest": max(known)}


if __name__ == "__main__":
    console.run(main)
