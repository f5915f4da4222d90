"""Whether what is served still looks like what the model was tested on.

Two things are compared, without any truth: the mix of labels, and calibrated confidence. Both may move where
documents change and the model is as good as before, so a shift is a reason to look, not an error rate.

- Mix: the population stability index, sum of (p - q) ln(p / q) over labels (Siddiqi 2006, "Credit Risk
  Scorecards"), with its customary steps 0.1 and 0.25.
- Confidence: the largest distance of two distributions, Kolmogorov-Smirnov's, at the edges of the buckets
  that a server counts in; steps 0.1 and 0.2. Beside it Jensen-Shannon's divergence in bits (Lin 1991,
  doi:10.1109/18.61115).

What chance alone does to them depends on how much was counted, so each is compared with what it is between
two samples of these sizes from one distribution, drawn by a parametric bootstrap (Efron & Tibshirani 1993,
chapter 16). What is found in one document is alike: samples count as smaller by the design effect of the test
set's documents (Kish 1965; Rao & Scott 1981, doi:10.1080/01621459.1981.10477633). Labels are tested at once,
so their p-values are Holm's (1979). Where chance alone may pass the upper step, there is not enough to tell.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np

from spanwise.service.observability.distances import Floats, distance, divergence, stability_index
from spanwise.service.observability.reference import Reference, Sample

Verdict = Literal["steady", "shifted", "far off", "not enough"]

MIX, CONFIDENCE = (0.1, 0.25), (0.1, 0.2)
"""From where on a difference is a shift, and from where on a large one."""

FEWEST = 5.0  # expected at least of a label; rarer ones are counted together (Cochran 1954)


class Shift(NamedTuple):
    """A difference between what is served and the test set.

    Attributes:
        size: Of the difference, in its measure.
        chance: What chance alone stays below in all but a share `level` of cases.
        p: How often chance alone makes as much.
        verdict: `not enough` where `chance` is beyond what counts as large.
    """

    size: float
    chance: float
    p: float
    verdict: Verdict


@dataclass(frozen=True)
class OfLabel:
    """How one label is served, and how it was tested.

    Attributes:
        served: How often it was found.
        tested: The same on the test set.
        confidence: The shift of its confidence; None if it was never found, or has none.
        divergence: Jensen-Shannon's, in bits.
    """

    label: str
    served: int
    tested: int
    confidence: Shift | None
    divergence: float | None


@dataclass(frozen=True)
class Drift:
    """All that was compared.

    Attributes:
        mix: The shift of the mix of labels; None if nothing was found.
        confidence: The shift of confidence over all labels.
        divergence: Jensen-Shannon's, in bits.
        unknown: Labels that are served and were never found in the test set.
    """

    reference: Reference
    served: Sample
    mix: Shift | None
    confidence: Shift | None
    divergence: float | None
    labels: tuple[OfLabel, ...]
    unknown: tuple[str, ...]
    level: float

    @property
    def verdict(self) -> Verdict:
        """The worst of all; `not enough` only if nothing can be told."""
        found = [self.mix, self.confidence, *(each.confidence for each in self.labels)]
        verdicts = {each.verdict for each in found if each is not None}
        for verdict in ("far off", "shifted", "steady"):
            if verdict in verdicts:
                return verdict
        return "not enough"

    def as_json(self) -> dict[str, Any]:
        """All of it, for programs."""

        def told(shift: Shift | None) -> dict[str, Any] | None:
            return None if shift is None else shift._asdict()

        return {
            "verdict": self.verdict,
            "level": self.level,
            "documents": {"served": self.served.documents, "tested": self.reference.sample.documents},
            "entities": {"served": self.served.entities, "tested": self.reference.sample.entities},
            "mix": told(self.mix),
            "confidence": told(self.confidence),
            "divergence_bits": self.divergence,
            "unknown_labels": list(self.unknown),
            "labels": {
                each.label: {
                    "served": each.served,
                    "tested": each.tested,
                    "confidence": told(each.confidence),
                    "divergence_bits": each.divergence,
                }
                for each in self.labels
            },
        }


def compare(
    reference: Reference, served: Sample, *, level: float = 0.01, draws: int = 10_000, seed: int = 0
) -> Drift:
    """Compare what is served with the test set.

    Args:
        reference: See `reference.of_predictions`.
        served: See `reference.of_snapshot`.
        level: How often chance alone may be taken for a shift.
        draws: Of the bootstrap.
        seed: Of the same.
    """
    rng = np.random.default_rng(seed)
    tested = reference.sample
    unknown = tuple(sorted(served.counts.keys() - tested.counts.keys()))
    mix = None
    if served.entities and tested.entities:
        mix = _shift(
            *_mixes(served, tested),
            reference.mix_effect,
            stability_index,
            MIX,
            rng=rng,
            level=level,
            draws=draws,
        )
    names = sorted(tested.counts.keys() | served.counts.keys())
    both = {name: (_bins(served, name), _bins(tested, name)) for name in names}
    shifts = {
        name: _shift(
            *pair, reference.confidence_effect, distance, CONFIDENCE, rng=rng, level=level, draws=draws
        )
        for name, pair in both.items()
        if all(each.sum() for each in pair)
    }
    shifts = _corrected(shifts, level)
    whole = (_total(served), _total(tested))
    comparable = all(each.sum() for each in whole)
    return Drift(
        reference=reference,
        served=served,
        mix=mix,
        confidence=_shift(
            *whole, reference.confidence_effect, distance, CONFIDENCE, rng=rng, level=level, draws=draws
        )
        if comparable
        else None,
        divergence=divergence(*whole) if comparable else None,
        labels=tuple(
            OfLabel(
                name,
                served.counts.get(name, 0),
                tested.counts.get(name, 0),
                shifts.get(name),
                divergence(*both[name]) if name in shifts else None,
            )
            for name in names
        ),
        unknown=unknown,
        level=level,
    )


def _shift(
    served: Floats,
    tested: Floats,
    effect: float,
    measure: Callable[[Floats, Floats], Floats],
    steps: tuple[float, float],
    *,
    rng: np.random.Generator,
    level: float,
    draws: int,
) -> Shift:
    """The difference of two counts, [bins], beside what it is between samples of one distribution."""
    size = float(measure(served, tested))
    pooled = (served + tested) / (served + tested).sum()
    sizes = [max(round(float(each.sum()) / effect), 1) for each in (served, tested)]
    drawn = measure(*(rng.multinomial(number, pooled, size=draws).astype(float) for number in sizes))
    chance = float(np.quantile(drawn, 1 - level))
    p = (1 + int((drawn >= size).sum())) / (1 + draws)
    return Shift(size, chance, p, _judge(size, chance, p, steps, level))


def _judge(size: float, chance: float, p: float, steps: tuple[float, float], level: float) -> Verdict:
    shift, large = steps
    if p <= level and size >= shift:
        return "far off" if size >= large else "shifted"
    return "not enough" if chance >= large else "steady"


def _corrected(shifts: dict[str, Shift], level: float) -> dict[str, Shift]:
    """The same with Holm's p-values."""
    found, highest = {}, 0.0
    for rank, (name, each) in enumerate(sorted(shifts.items(), key=lambda item: item[1].p)):
        highest = max(highest, min(1.0, each.p * (len(shifts) - rank)))
        verdict = _judge(each.size, each.chance, highest, CONFIDENCE, level)
        found[name] = each._replace(p=highest, verdict=verdict)
    return found


def _mixes(served: Sample, tested: Sample) -> tuple[Floats, Floats]:
    """Counts of the labels in one order, [labels]; what would be expected too rarely in one bin."""
    share = min(served.entities, tested.entities) / (served.entities + tested.entities)
    kept, rest = [], [0, 0]
    for name in sorted(tested.counts.keys() | served.counts.keys()):
        pair = served.counts.get(name, 0), tested.counts.get(name, 0)
        if sum(pair) * share >= FEWEST:
            kept.append(pair)
        else:
            rest = [rest[0] + pair[0], rest[1] + pair[1]]
    rows: Sequence[Sequence[int]] = [*kept, rest] if any(rest) or not kept else kept
    first, second = np.array(rows, dtype=np.float64).T
    return first, second


def _bins(sample: Sample, label: str) -> Floats:
    return np.array(sample.confidences.get(label, (0,) * (len(sample.edges) + 1)), dtype=np.float64)


def _total(sample: Sample) -> Floats:
    rows = [np.zeros(len(sample.edges) + 1), *(np.array(each) for each in sample.confidences.values())]
    return np.asarray(np.sum(rows, axis=0), dtype=np.float64)
