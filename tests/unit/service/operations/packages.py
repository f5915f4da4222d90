"""The smallest packages that a service can serve."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from spanwise.calibration import Calibration
from spanwise.io import write_json
from spanwise.learners.tagger import Tagger
from spanwise.readers.pairs import DROP
from spanwise.runtime.export import export
from spanwise.schema import Labels
from tests.tiny import TINY

CALIBRATION: dict[str, Any] = {"method": "identity", "feature": "minimum", "spans": 9, "backend": "torch"}
INT8 = {"onnx-int8": Calibration(method="identity", feature="minimum", spans=9, backend="onnx-int8")}

RESUME = Labels(
    id2tag=("O", "B-EmployerName", "I-EmployerName"), tiers={"EmployerName": "high"}
)  # any label does
DROPS = Labels(id2tag=("O", f"B-{DROP}", f"I-{DROP}"), tiers={DROP: "high"})


def tagger_package(
    folder: Path, labels: Labels, *, threshold: float | None = 0.4, refused: dict[str, float] | None = None
) -> Path:
    """A package of a tagger with random weights, which draws some spans, as ONNX graphs and for torch.

    Args:
        folder: Where to.
        labels: That it knows.
        threshold: From which on spans need no review.
        refused: Backends that its calibration refuses.
    """
    tagger = Tagger.pretrained(labels, **TINY, seed=13, head="softmax")
    draws = torch.Generator().manual_seed(3)
    with torch.no_grad():
        for name, weight in tagger.network.named_parameters():
            if "classifier" in name:
                weight.add_(torch.randn(weight.shape, generator=draws))
    tagger.save(folder)
    export(tagger.network, folder)
    calibration = Calibration(**CALIBRATION, served=INT8, refused=refused or {})
    write_json(folder / "calibration.json", calibration.model_dump(mode="json"))
    figures = {"test": {"automation": {"threshold": threshold}}}
    write_json(folder / "metrics" / "confidence.json", figures)
    return folder
