"""How good a judge is: AUROC, and what it lets pass when it accepts 95 of 100 faithful outputs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from spanwise.metrics.bootstrap import FEWEST_GROUPS, Floats, draw, interval
from spanwise.tasks.compression.equivalence.corruption import Probe

TRUE_ACCEPT = 0.95


@dataclass(frozen=True)
class Scored:
    """Probes with the scores that a judge gave them, all [probes].

    Attributes:
        probes: What was judged.
        scores: The greater, the more equivalent; what fails a gate has 0.
    """

    probes: Sequence[Probe]
    scores: Floats

    @property
    def faithful(self) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """Which probes are to be accepted, [probes]."""
        return np.array([probe.faithful for probe in self.probes])

    def chosen(self, wanted: Callable[[Probe], bool]) -> Scored:
        """The faithful, and those of the corrupted that are wanted."""
        flags = np.array([probe.faithful or wanted(probe) for probe in self.probes])
        return Scored(
            [probe for probe, flag in zip(self.probes, flags, strict=True) if flag], self.scores[flags]
        )


PARTS: dict[str, Callable[[Probe], bool]] = {
    "all": lambda _: True,
    "subsequence": lambda probe: probe.subsequence,
    "not_subsequence": lambda probe: not probe.subsequence,
    "foreseen": lambda probe: probe.foreseen,
    "unforeseen": lambda probe: not probe.foreseen,
    "unforeseen_subsequence": lambda probe: probe.subsequence and not probe.foreseen,
}
"""Which corrupted probes a figure is about, beside the faithful."""


def measure(
    scored: Scored, *, samples: int, level: float, seed: int, threshold: float | None = None
) -> dict[str, Any]:
    """The quality of a judge.

    Args:
        scored: Probes of several prompts with scores that no probe of its own prompt had a part in.
        samples: How often prompts are drawn for the intervals.
        level: Of the intervals, e.g. 0.95.
        seed: Of the drawing.
        threshold: From which score on the judge accepts; by default the highest one that accepts 95 % of the
            faithful probes, found anew in each draw.

    Returns:
        `probes` and `faithful`, how many; `threshold`; `true_accept`; `parts.<part>` and `kinds.<kind>`, each
        with `probes`, `rejected`, `false_accept` (one less the other), its bounds `low` and `high`, and for
        parts `auroc`, `auroc_low` and `auroc_high`. What has no probes has no figures.

        Where the gates of a draw reject more than 5 % of its faithful probes, only a threshold of 0 reaches
        95 %, and all counts as accepted: the upper bound errs towards a worse judge.
    """
    fixed = threshold
    at = threshold_of(scored) if fixed is None else fixed
    accepted = float((scored.scores[scored.faithful] >= at).mean())
    drawing = _Drawing(scored, samples, level, seed, fixed)
    parts = {name: drawing.figures(scored.chosen(wanted), at, areas=True) for name, wanted in PARTS.items()}
    kinds = dict.fromkeys(probe.kind for probe in scored.probes if not probe.faithful)
    return {
        "probes": int((~scored.faithful).sum()),
        "faithful": int(scored.faithful.sum()),
        "threshold": at,
        "true_accept": accepted,
        "parts": {name: figures for name, figures in parts.items() if figures},
        "kinds": {
            kind: drawing.figures(scored.chosen(lambda probe, kind=kind: probe.kind == kind), at, areas=False)  # type: ignore[misc]
            for kind in kinds
        },
    }


def threshold_of(scored: Scored, *, true_accept: float = TRUE_ACCEPT) -> float:
    """The highest score from which on at least this share of the faithful probes is accepted."""
    return _threshold(scored.scores[scored.faithful], None, true_accept)


def area(scored: Scored, weights: Floats | None = None) -> float:
    """The chance that a faithful probe scores above a corrupted one, ties for half (Hanley & McNeil 1982)."""
    chosen = np.ones(len(scored.scores)) if weights is None else weights
    _, places = np.unique(scored.scores, return_inverse=True)
    good = np.bincount(places, weights=chosen * scored.faithful)
    bad = np.bincount(places, weights=chosen * ~scored.faithful)
    below = np.cumsum(bad) - bad
    pairs = good.sum() * bad.sum()
    return float((good * (below + bad / 2)).sum() / pairs) if pairs else float("nan")


@dataclass(frozen=True)
class _Drawing:
    """Prompts drawn with replacement, the same for every figure."""

    scored: Scored
    samples: int
    level: float
    seed: int
    fixed: float | None

    def figures(self, part: Scored, at: float, *, areas: bool) -> dict[str, Any]:
        bad = ~part.faithful
        if not bad.any():
            return {}
        rejected = float((part.scores[bad] < at).mean())
        shares, drawn = self._drawn(part, at, areas=areas)
        low, high = self._bounds(part, shares)
        found: dict[str, Any] = {
            "probes": int(bad.sum()),
            "rejected": rejected,
            "false_accept": 1 - rejected,
            "low": low,
            "high": high,
        }
        if areas:
            below, above = self._bounds(part, drawn)
            found |= {"auroc": area(part), "auroc_low": below, "auroc_high": above}
        return found

    def _bounds(self, part: Scored, values: Floats) -> tuple[float | None, float | None]:
        holders = {probe.prompt for probe in part.probes if not probe.faithful}
        return interval(values, level=self.level) if len(holders) >= FEWEST_GROUPS else (None, None)

    def _drawn(self, part: Scored, at: float, *, areas: bool) -> tuple[Floats, Floats]:
        """The false-accept rate and the AUROC of each draw, [samples]."""
        prompts = sorted({probe.prompt for probe in self.scored.probes})
        places = np.searchsorted(prompts, [probe.prompt for probe in part.probes])
        shares, found = [], []
        for block in draw(len(prompts), samples=self.samples, seed=self.seed):
            for counts in block:
                weights = counts[places]
                good = part.faithful
                limit = _threshold(part.scores[good], weights[good]) if self.fixed is None else at
                bad = weights * ~good
                shares.append((bad * (part.scores >= limit)).sum() / bad.sum() if bad.any() else np.nan)
                found.append(area(part, weights) if areas else np.nan)
        return np.array(shares), np.array(found)


def _threshold(scores: Floats, weights: Floats | None, true_accept: float = TRUE_ACCEPT) -> float:
    order = np.argsort(-scores, kind="stable")
    chosen = np.ones(len(scores)) if weights is None else weights[order]
    reached = np.cumsum(chosen) >= true_accept * chosen.sum() - 1e-9
    return float(scores[order][int(np.argmax(reached))]) if len(scores) else float("nan")


def told(passed: int, outputs: int, quality: dict[str, Any]) -> str:
    """A pass rate beside the errors of the judge that gave it: neither is to be printed alone.

    Args:
        passed: How many outputs the judge accepted.
        outputs: Out of how many.
        quality: What `measure` returned of that judge.
    """
    part = quality["parts"]["all"]
    bounds = "" if part["low"] is None else f" [{100 * part['low']:.1f}, {100 * part['high']:.1f}]"
    rate = f"{100 * passed / outputs:.1f} %" if outputs else "-"
    return (
        f"accepted {passed} of {outputs} ({rate}) by a judge that accepts "
        f"{100 * quality['true_accept']:.1f} % of "
        f"{quality['faithful']} faithful and {100 * part['false_accept']:.1f} %{bounds} of "
        f"{quality['probes']} "
        f"corrupted outputs (AUROC {part['auroc']:.3f})"
    )
