"""What drift is measured on: how often each label was found, and how sure the model was of it.

Only counts are kept, so the reference of a test set may lie where its documents may not.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from spanwise.calibration import Calibration, apply
from spanwise.errors import UserError
from spanwise.schema import Prediction, Record
from spanwise.service.observability.snapshot import Snapshot

Count = Annotated[int, Field(ge=0)]


class Sample(Record):
    """What was found in some documents.

    Attributes:
        documents: How many they are.
        counts: How often each label was found.
        edges: The upper edges of the bins of confidence, all but the last one, which has none.
        confidences: [bins] of each label that has confidences.
    """

    documents: Count
    counts: dict[str, Count]
    edges: tuple[float, ...]
    confidences: dict[str, tuple[Count, ...]]

    @model_validator(mode="after")
    def _whole(self) -> Sample:
        if any(len(each) != len(self.edges) + 1 for each in self.confidences.values()):
            raise ValueError("a label has as many bins as there are edges, and one more")
        return self

    @property
    def entities(self) -> int:
        """How much was found."""
        return sum(self.counts.values())


class Reference(Record):
    """A test set, as it is compared with what is served.

    Attributes:
        source: What it was made of, in words.
        mix_effect: By how much a document's labels are alike: the design effect of their shares.
        confidence_effect: The same of the bins of confidence.
    """

    format: Literal[1] = 1
    source: str
    sample: Sample
    mix_effect: Annotated[float, Field(ge=1)]
    confidence_effect: Annotated[float, Field(ge=1)]


def of_predictions(
    predictions: Sequence[Prediction], calibration: Calibration, *, edges: Sequence[float], source: str
) -> Reference:
    """The reference that a test set is.

    Args:
        predictions: Of its documents, as `evaluate` writes them.
        calibration: For the backend that predicted them; a server's confidence is calibrated too.
        edges: Of the bins, all but the infinite one: those of the server's metric.
        source: What they are, in words.
    """
    sure = iter(apply(calibration, predictions))
    labels: list[Counter[str]] = []
    bins: list[NDArray[np.float64]] = []
    by_label: dict[str, NDArray[np.int64]] = defaultdict(lambda: np.zeros(len(edges) + 1, dtype=np.int64))
    for prediction in predictions:
        labels.append(Counter(span.label for span in prediction.predicted))
        bins.append(np.zeros(len(edges) + 1))
        for span in prediction.predicted:
            place = int(np.searchsorted(edges, next(sure), side="left"))
            bins[-1][place] += 1
            by_label[span.label][place] += 1
    counts: Counter[str] = sum(labels, Counter())
    mix = [np.array([own[name] for name in sorted(counts)], dtype=np.float64) for own in labels]
    return Reference(
        source=source,
        sample=Sample(
            documents=len(predictions),
            counts=dict(sorted(counts.items())),
            edges=tuple(edges),
            confidences={name: tuple(map(int, by_label[name])) for name in sorted(by_label)},
        ),
        mix_effect=design_effect(mix),
        confidence_effect=design_effect(bins),
    )


def design_effect(counts: Sequence[NDArray[np.float64]]) -> float:
    """How many times as much shares vary as if all that was counted were independent, at least 1.

    The variance of a ratio over documents by that of a multinomial, averaged over bins as Rao and Scott do
    (1981, doi:10.1080/01621459.1981.10477633).

    Args:
        counts: Of each document, [bins].
    """
    table = np.array(counts, dtype=np.float64)  # [documents, bins]
    if len(table) < 2 or not table.sum():
        return 1.0
    sizes, total = table.sum(axis=1, keepdims=True), table.sum()
    shares = table.sum(axis=0) / total
    varying = (shares > 0) & (shares < 1)
    if not varying.any():
        return 1.0
    residues = table - sizes * shares
    variance = len(table) / (len(table) - 1) * (residues**2).sum(axis=0) / total**2
    # Each bin's effect is variance / (share (1 - share) / total); weighted by 1 - share, over bins less one.
    weighted = variance[varying] * total / shares[varying]
    return max(1.0, float(weighted.sum() / (varying.sum() - 1)))


def of_snapshot(snapshot: Snapshot, *, model: str | None, edges: Sequence[float]) -> tuple[str, Sample]:
    """What a service has found, and by which version.

    Args:
        snapshot: Of its metrics.
        model: `NAME@VERSION`; None where only one has answered with confidences.
        edges: Of the bins, as the reference has them.

    Raises:
        UserError: If it has answered nothing, several have and none is named, or the bins are others.
    """
    served = snapshot.sums("spanwise_entities_total", "model", "version", "label")
    found = sorted({f"{name}@{version}" for name, version, _ in served if name != "rules"})
    if model is None and len(found) > 1:
        raise UserError("several versions have answered", hint=f"--model takes one of: {', '.join(found)}.")
    if not found or (model is not None and model not in found):
        known = f" It has of {', '.join(found)}." if found else ""
        raise UserError(
            f"the service has found nothing with {model or 'any model'}", hint=known.strip() or None
        )
    chosen = model or found[0]
    name, _, version = chosen.partition("@")
    documents = snapshot.sums("spanwise_documents_total", "model", "version").get((name, version), 0.0)
    histograms = snapshot.histograms("spanwise_confidence", "model", "version", "label")
    own = {key[2]: each for key, each in histograms.items() if key[:2] == (name, version) and each.number}
    if any(each.edges[:-1] != tuple(edges) for each in own.values()):
        raise UserError(
            "the service counts confidence in other bins than the reference",
            hint="Write the reference anew with `spanwise drift-reference`, in the service's version.",
        )
    counts = {key[2]: round(value) for key, value in served.items() if key[:2] == (name, version) and value}
    return chosen, Sample(
        documents=round(documents),
        counts=counts,
        edges=tuple(edges),
        confidences={label: tuple(map(round, each.counts)) for label, each in own.items()},
    )
